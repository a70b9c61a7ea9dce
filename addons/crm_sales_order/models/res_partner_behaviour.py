# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

READERS = "sales_team.group_sale_salesman,account.group_account_invoice,crm_core.group_executive"


class ResPartner(models.Model):
    """How the customer pays the company at hand, beside the rest of what is known of it."""

    _inherit = "res.partner"

    payment_behaviour_ids = fields.One2many("crm.payment.behaviour", "partner_id", "Behaviour by Company", groups=READERS)
    payment_grade = fields.Selection(
        [(grade, grade.upper()) for grade in "abcde"],
        compute="_compute_payment_grade",
        search="_search_payment_grade",
        groups=READERS,
        help="How this customer pays, from A (on time) to E (risk). Empty: nothing was due yet.",
    )
    payment_behaviour = fields.Char("Payment Behaviour", compute="_compute_payment_grade", groups=READERS)

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "lang")
    def _compute_payment_grade(self):
        """Of the commercial customer; one search for all."""
        companies = self.commercial_partner_id
        domain = [("partner_id", "in", companies.ids), ("company_id", "=", self.env.company.id)]
        known = {one.partner_id.id: one for one in self.env["crm.payment.behaviour"].sudo().search(domain)}
        for partner in self:
            behaviour = known.get(partner.commercial_partner_id.id)
            partner.payment_grade = behaviour.grade if behaviour else False
            partner.payment_behaviour = behaviour.explanation if behaviour else False

    @api.model
    def _search_payment_grade(self, operator, value):
        own = [("company_id", "=", self.env.company.id)]
        behaviours = self.env["crm.payment.behaviour"].sudo()
        if not value:
            known = behaviours.search(own).partner_id.ids
            return [("commercial_partner_id", "not in" if operator in ("=", "in") else "in", known)]
        found = behaviours.search(own + [("grade", operator, value)]).partner_id.ids
        return [("commercial_partner_id", "in", found)]

    def _update_customer_state(self):
        """Within a minute after something happened to them; see ``crm.customer.change``."""
        result = super()._update_customer_state()
        self.env["crm.payment.behaviour"]._refresh(self)
        return result
