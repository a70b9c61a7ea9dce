# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import CrmUserError


class CrmLead(models.Model):
    _inherit = "crm.lead"
    _contact_details_follow_ups = True
    _contact_details_guarded = True

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
        self._check_customers_visible(vals.get("partner_id") for vals in vals_list)
        leads = super().create(vals_list)
        leads.partner_id._mark_as_customer()
        return leads

    @api.model
    def _leads_created(self, leads, origin):
        """Called once per batch of new leads, by ``create`` and by the bulk writer alike: the place where reactions to
        new leads hang. Overrides call super, and must cost a constant number of queries per batch.

        :param leads: the new leads, written and readable
        :param origin: where they come from: "" (by hand, RPC), "intake", "import", …
        """

    def write(self, vals):
        self._check_customers_visible([vals.get("partner_id")])
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

    @api.model
    def _check_customers_visible(self, partner_ids):
        """A rep must not reach another rep's customer by putting a lead on it.

        :raise CrmUserError: when the current user may not see one of the customers
        """
        if self.env.su or not self.env.user._is_crm_limited():
            return
        wanted = {partner_id for partner_id in partner_ids if partner_id}
        visible = self.env["res.partner"].with_context(active_test=False).search([("id", "in", list(wanted))])
        if wanted - set(visible.ids):
            raise CrmUserError(
                _("This customer belongs to somebody else. Ask your team leader to hand it over, or to join the deal.")
            )

    # ------------------------------------------------------------------
    # Contact details (contract: contact_details.py)
    # ------------------------------------------------------------------
    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {
            "phone",
            "mobile",
            "phone_sanitized",
            "phone_mobile_search",
            "email_from",
            "email_cc",
            "email_normalized",
            "wechat",
            "street",
            "street2",
            "zip",
            "description",
            "activity_summary",
        }

    def _contact_details_hidden(self):
        """All without the permission; of a limited user those of others, and drafts on others' customers."""
        user = self.env.user
        if not user._sees_contact_details():
            return self
        drafts = self.filtered(lambda lead: not isinstance(lead.id, int))
        hidden = drafts.partner_id._contact_details_hidden()
        leads = self - drafts
        domain = [("id", "in", leads.ids)]
        visible = self.with_user(user).with_context(active_test=False).search(domain) if leads else leads
        return drafts.filtered(lambda lead: lead.partner_id & hidden) + (leads - visible)
