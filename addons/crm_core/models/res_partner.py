# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    is_customer = fields.Boolean(
        string="Is a Customer",
        index=True,
        help="Customer-side partner: a customer, a contact of one, or who a lead is about. Contacts follow "
        "their company. Sales reps see only their own, and contact details are masked for some roles.",
    )
    wechat = fields.Char(string="WeChat")
    crm_lead_ids = fields.One2many(
        "crm.lead",
        "commercial_partner_id",
        string="Leads of the Company",
        context={"active_test": False},
    )

    @api.model
    def _commercial_fields(self):
        return super()._commercial_fields() + ["is_customer"]

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._prepare_sales_customer(vals) for vals in vals_list])

    @api.model
    def _prepare_sales_customer(self, vals):
        """A company or person a sales rep or team leader enters is a customer, and theirs."""
        user = self.env.user
        if self.env.su or vals.get("parent_id") or not user._is_crm_limited():
            return vals
        vals = dict(vals)
        vals.setdefault("is_customer", self.env.context.get("default_is_customer", True))
        if vals["is_customer"]:
            vals.setdefault("user_id", self.env.context.get("default_user_id", user.id))
            vals.setdefault("team_id", self.env.context.get("default_team_id", user.sale_team_id.id))
        return vals

    def _mark_as_customer(self):
        """Make the companies of these partners (and so their contacts) customer-side.

        Internal users and the own companies never become customers. Called when a lead names a
        partner; addons above call it for their documents. One write for all that change.
        """
        partners = self.sudo().commercial_partner_id.filtered(lambda p: not p.is_customer and p.partner_share)
        if partners:
            own = self.env["res.company"].sudo().search([("partner_id", "in", partners.ids)]).partner_id
            (partners - own).write({"is_customer": True})
