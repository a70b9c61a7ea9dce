# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import SalesOrderValidationError


class CrmBankProposal(models.Model):
    """What was paid in another currency than the bank account's. The bank tells only what was left of it after its exchange."""

    _inherit = "crm.bank.proposal"

    bank_currency_id = fields.Many2one(related="line_id.currency_id", string="Account's Currency")
    bank_amount = fields.Monetary(related="line_id.amount", currency_field="bank_currency_id", string="Received")
    paid_currency_id = fields.Many2one(
        "res.currency",
        string="Paid in",
        ondelete="restrict",
        help="What the customer paid in, where the bank changed it into the account's currency. Empty: the account's.",
    )
    paid_amount = fields.Monetary(
        currency_field="paid_currency_id",
        help="What the customer paid before the bank changed it; the difference to the invoice's rate is booked as exchange difference.",
    )

    @api.onchange("paid_currency_id")
    def _onchange_paid_currency(self):
        """At the rate of the day, and what is oldest in that currency."""
        line = self.line_id
        if self.paid_currency_id == line.currency_id:
            self.paid_currency_id = False
        if self.paid_currency_id:
            self.paid_amount = line.currency_id._convert(line.amount, self.paid_currency_id, line.company_id, line.date)
        else:
            self.paid_amount = 0.0
        self.fee = self.advance = 0.0
        self.part_ids = [(5, 0)] + [(0, 0, vals) for vals in self._prepare_oldest_parts()]

    @api.constrains("paid_currency_id", "paid_amount", "part_ids")
    def _check_paid(self):
        for proposal in self.filtered("paid_currency_id"):
            line, currency = proposal.line_id, proposal.paid_currency_id
            if line.foreign_currency_id or currency == line.currency_id:
                raise SalesOrderValidationError(
                    _("%(line)s: the bank says itself which currency was paid. Leave “Paid in” empty.", line=line.payment_ref)
                )
            if currency.compare_amounts(proposal.paid_amount, 0) <= 0:
                raise SalesOrderValidationError(
                    _("%(line)s: enter how much was paid in %(currency)s.", line=line.payment_ref, currency=currency.name)
                )
            if proposal.part_ids.item_id.currency_id - currency:
                raise SalesOrderValidationError(_("What %(line)s was to pay is in another currency.", line=line.payment_ref))
