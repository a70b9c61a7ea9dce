# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    product_id = fields.Many2one("product.product", string="Product", index=True, help="What the deal is about.")
    external_ref = fields.Char(
        string="External Reference",
        index=True,
        copy=False,
        help="Identifier in the CRM this lead was imported from.",
    )
    wechat = fields.Char(string="WeChat")
    # Serves the record rule of res.partner: customers met in an own lead, contacts included.
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer Company",
        related="partner_id.commercial_partner_id",
        store=True,
        index=True,
    )

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        leads.partner_id._mark_as_customer()
        return leads

    def write(self, vals):
        result = super().write(vals)
        if vals.get("partner_id"):
            self.partner_id._mark_as_customer()
        return result

    def toggle_active(self):
        """Odoo sets the closing date of a lost deal and clears it again in its next write: keep it, for the figures
        by period."""
        result = super().toggle_active()
        self.filtered(lambda lead: not lead.active).write({"date_closed": fields.Datetime.now()})
        return result
