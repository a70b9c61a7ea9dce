# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from ..tools.bulk import is_bulk


class AccountMove(models.Model):
    _inherit = "account.move"

    days_late = fields.Integer(
        compute="_compute_days_late", help="Days an unpaid invoice is past its due date; 0 when it is not."
    )

    @api.depends("invoice_date_due", "payment_state")
    @api.depends_context("tz")
    def _compute_days_late(self):
        today = fields.Date.context_today(self)
        for move in self:
            due = move.payment_state in ("not_paid", "partial") and move.invoice_date_due
            move.days_late = max((today - due).days, 0) if due else 0

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") == "posted":
            self._assign_payment_references()
        return result

    def _assign_payment_references(self):
        """Give just posted customer invoices their payment reference: two UPDATEs for all of them.

        Odoo does the same a little later, invoice by invoice, with a full check of each entry for a change
        that moves no amount; what finds its reference set is left alone there.
        """
        invoices = self.filtered(lambda move: move._auto_compute_invoice_reference())
        if not invoices:
            return
        items = invoices.line_ids.filtered(lambda item: item.account_internal_type in ("receivable", "payable"))
        references = [move._get_invoice_computed_reference() or "" for move in invoices]
        invoices.flush(["payment_reference"])
        items.flush(["name"])
        self.env.cr.execute(
            """
            UPDATE account_move
               SET payment_reference = named.reference
              FROM unnest(%s, %s) AS named(id, reference)
             WHERE account_move.id = named.id
            """,
            [invoices.ids, references],
        )
        self.env.cr.execute(
            """
            UPDATE account_move_line
               SET name = account_move.payment_reference
              FROM account_move
             WHERE account_move.id = account_move_line.move_id AND account_move_line.id = ANY(%s)
            """,
            [items.ids],
        )
        invoices.invalidate_cache(["payment_reference"], invoices.ids)
        items.invalidate_cache(["name"], items.ids)

    def message_post_with_view(self, views_or_xmlid, **kwargs):
        """Bulk work writes one note for all of its invoices instead of composing one after the other."""
        if not is_bulk(self):
            super().message_post_with_view(views_or_xmlid, **kwargs)
