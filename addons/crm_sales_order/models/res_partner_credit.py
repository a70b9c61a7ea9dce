# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine import credit
from .crm_credit import AMOUNT_GROUPS


class ResPartner(models.Model):
    """How a customer stands with the current company: to everybody inside whether goods may go, to few how much."""

    _inherit = "res.partner"

    credit_state = fields.Selection(
        [(credit.FREE, "May Be Served"), (credit.NEAR, "Near the Credit Limit"), (credit.BLOCKED, "Blocked by Credit")],
        "Credit",
        compute="_compute_credit_state",
        groups="base.group_user",
    )
    credit_reason = fields.Char("Blocked Because", compute="_compute_credit_state", groups="base.group_user")
    credit_is_limited = fields.Boolean("Has a Credit Limit", compute="_compute_credit_figures", groups=AMOUNT_GROUPS)
    credit_currency_id = fields.Many2one("res.currency", compute="_compute_credit_figures", groups=AMOUNT_GROUPS)
    credit_limit_amount = fields.Monetary(
        "Limit of Credit", compute="_compute_credit_figures", currency_field="credit_currency_id", groups=AMOUNT_GROUPS
    )
    credit_exposure = fields.Monetary(
        "Owed or Ordered",
        compute="_compute_credit_figures",
        currency_field="credit_currency_id",
        groups=AMOUNT_GROUPS,
        help="Confirmed and not yet invoiced + draft and open invoices - unallocated payments, advances and credit notes.",
    )
    credit_available = fields.Monetary(
        "Credit Available", compute="_compute_credit_figures", currency_field="credit_currency_id", groups=AMOUNT_GROUPS
    )
    credit_explanation = fields.Text("Why This Limit", compute="_compute_credit_figures", groups=AMOUNT_GROUPS)

    @api.depends_context("uid", "lang", "company", "tz")
    def _compute_credit_state(self):
        """For everybody inside: whether goods may go. Only who reads amounts learns that the limit is near."""
        verdicts = self._get_credit_verdicts()
        told = self.env["crm.credit"]._sees_amounts()
        for partner in self:
            verdict = verdicts.get(partner.commercial_partner_id.id)
            hidden = verdict and verdict.state == credit.NEAR and not told
            partner.credit_state = verdict and (credit.FREE if hidden else verdict.state)
            partner.credit_reason = verdict and self.env["crm.credit"]._explain(
                verdict, partner.commercial_partner_id.sudo(), self.env.company
            )

    @api.depends_context("lang", "company", "tz")
    def _compute_credit_figures(self):
        verdicts = self._get_credit_verdicts(every=True)
        company, units = self.env.company, self.env["crm.credit"]._get_units(self.env.company)
        none = credit.Verdict(credit.FREE, credit.Exposure(), credit.Terms())
        limits = self.env["crm.credit.limit"].sudo()._get_rows(self.commercial_partner_id, company)
        for partner in self:
            verdict = verdicts.get(partner.commercial_partner_id.id, none)
            partner.credit_currency_id = company.currency_id
            partner.credit_is_limited = verdict.terms.limit is not None
            partner.credit_limit_amount = (verdict.terms.limit or 0) / units
            partner.credit_exposure = verdict.exposure.total / units
            partner.credit_available = (verdict.available or 0) / units
            partner.credit_explanation = limits[partner.commercial_partner_id].explanation

    def _get_credit_verdicts(self, every=False):
        """{commercial partner id: verdict} of customers with the current company."""
        companies = self.filtered("is_customer").commercial_partner_id
        pairs = {(partner.id, self.env.company.id) for partner in companies if partner.id}
        found = self.env["crm.credit"].sudo()._get_verdicts(pairs, every=every)
        return {partner_id: verdict for (partner_id, _company_id), verdict in found.items()}

    def action_open_credit_limit(self):
        """Show, and for finance change, the limit of this customer in the current company."""
        self.ensure_one()
        limits = self.env["crm.credit.limit"]
        limits.check_access_rights("read")
        customer = self.commercial_partner_id
        limit = limits.search([("partner_id", "=", customer.id), ("company_id", "=", self.env.company.id)])
        return {
            "type": "ir.actions.act_window",
            "name": _("Credit Limit"),
            "res_model": limits._name,
            "res_id": limit.id,
            "views": [(False, "form")],
            "context": {"default_partner_id": customer.id, "default_company_id": self.env.company.id},
            "target": "current",
        }

    def _get_card_numbers(self):
        """The customer card says whether goods may go; service, too, reads that and no more."""
        numbers = super()._get_card_numbers()
        if self.credit_state != credit.BLOCKED or not self.env.user.has_group("base.group_user"):
            return numbers
        return numbers + [
            {"key": "credit", "label": _("Credit"), "value": _("Blocked"), "unit": "text", "status": "late"},
        ]
