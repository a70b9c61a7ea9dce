# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models

from ..tools.bulk import get_memo, is_bulk, post_notes

NOTES = "notes about paid invoices"


class AccountMove(models.Model):
    _inherit = "account.move"

    def action_invoice_paid(self):
        """Odoo's note on each order whose invoice is paid; in bulk all of them are written in one go."""
        if not is_bulk(self):
            return super().action_invoice_paid()
        notes = get_memo(self, NOTES)
        notes["waiting"] = waiting = []
        result = super().action_invoice_paid()
        del notes["waiting"]
        orders = self.env["sale.order"].browse([order_id for order_id, _body in waiting])
        if waiting:
            post_notes(orders, [body for _order, body in waiting])
        return result


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def message_post(self, **kwargs):
        waiting = (get_memo(self, NOTES) or {}).get("waiting")
        if waiting is None or kwargs.keys() != {"body"}:
            return super().message_post(**kwargs)
        waiting.append((self.id, kwargs["body"]))
        return self.env["mail.message"]
