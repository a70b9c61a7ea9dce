# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class AccountBankStatementLine(models.Model):
    """The receipt of a payment that came with a bank statement."""

    _name = "account.bank.statement.line"
    _inherit = ["account.bank.statement.line", "crm.paper.receipt"]

    def _get_receipt_money(self):
        if self.foreign_currency_id:
            return self.amount_currency, self.foreign_currency_id
        return self.amount, self.currency_id

    def _get_receipt_memo(self):
        return self.payment_ref
