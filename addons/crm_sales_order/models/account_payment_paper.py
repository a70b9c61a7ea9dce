# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class AccountPayment(models.Model):
    """The receipt of a payment that was entered by hand or taken online."""

    _name = "account.payment"
    _inherit = ["account.payment", "crm.paper.receipt"]

    def _get_receipt_money(self):
        return (self.amount if self.payment_type == "inbound" else -self.amount), self.currency_id

    def _get_receipt_memo(self):
        return self.ref
