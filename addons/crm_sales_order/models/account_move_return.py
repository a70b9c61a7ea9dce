# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class AccountMove(models.Model):
    """A credit note for what came back pays what is still open of the same sale; the rest is paid back."""

    _inherit = "account.move"

    def _post(self, soft=True):
        posted = super()._post(soft=soft)
        for credit in posted.filtered(lambda move: move.move_type == "out_refund"):
            credit._match_returned()
        return posted

    def _match_returned(self):
        """Reconcile this credit note with the open invoices of the orders it takes goods or a deposit back from."""
        self.ensure_one()
        lines = self.sudo().invoice_line_ids.sale_line_ids
        orders = lines.returned_line_id.order_id | lines.order_id.filtered(lambda order: order.flow == "rental")
        if not self.reversed_entry_id:  # else Odoo matches it with the invoice it takes back
            orders |= lines.order_id
        invoices = orders.invoice_ids.filtered(
            lambda move: (
                move.move_type == "out_invoice"
                and move.state == "posted"
                and move.amount_residual
                and move.commercial_partner_id == self.commercial_partner_id
            )
        )
        for invoice in invoices.sorted(lambda move: (move.invoice_date_due, move.id)):
            items = (self.sudo() | invoice).line_ids.filtered(
                lambda item: item.account_internal_type == "receivable" and not item.reconciled
            )
            for account in items.account_id:
                same = items.filtered(lambda item, account=account: item.account_id == account)
                if len(same.move_id) > 1:
                    same.reconcile()
