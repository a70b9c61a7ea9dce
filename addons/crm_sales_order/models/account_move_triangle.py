# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Dict, List

from odoo import api, fields, models

from ..engine import triangle

#: What the posted invoices that bill some orders bill of which order line; what belongs to none stands there, too
BILLED = """
    SELECT item.move_id, link.order_id, link.order_line_id, COUNT(*), SUM(item.price_total),
           SUM(item.quantity * COALESCE(link.factor / unit.factor, 1))
      FROM account_move_line item
      LEFT JOIN uom_uom unit ON unit.id = item.product_uom_id
      LEFT JOIN LATERAL (
               SELECT line.order_id, line.id AS order_line_id, line_unit.factor
                 FROM sale_order_line_invoice_rel rel
                 JOIN sale_order_line line ON line.id = rel.order_line_id
                 LEFT JOIN uom_uom line_unit ON line_unit.id = line.product_uom
                WHERE rel.invoice_line_id = item.id
                ORDER BY line.id
                LIMIT 1
           ) link ON TRUE
     WHERE item.display_type IS NULL
       AND NOT COALESCE(item.exclude_from_invoice_tab, FALSE)
       AND item.move_id IN (
               SELECT billed.move_id
                 FROM sale_order_line line
                 JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = line.id
                 JOIN account_move_line billed ON billed.id = rel.invoice_line_id
                WHERE line.order_id = ANY(%s) AND billed.parent_state = 'posted'
           )
     GROUP BY 1, 2, 3
     ORDER BY 1, 2, 3
"""
#: What matches each invoice: (invoice, kind, amount in the invoice's currency, share of it that is written off).
#: A payment or bank line that books less money than it clears writes the difference off.
SETTLED = """
    SELECT item.move_id,
           CASE WHEN other.move_type <> 'entry' THEN 'matched'
                WHEN journal.type IN ('bank', 'cash') THEN 'collected'
                ELSE 'written_off' END,
           match.amount,
           CASE WHEN journal.type IN ('bank', 'cash') AND other.move_type = 'entry' THEN lost.share ELSE 0 END
      FROM (
               SELECT debit_move_id AS item_id, credit_move_id AS other_id, debit_amount_currency AS amount
                 FROM account_partial_reconcile
                UNION ALL
               SELECT credit_move_id, debit_move_id, -credit_amount_currency
                 FROM account_partial_reconcile
           ) match
      JOIN account_move_line item ON item.id = match.item_id
      JOIN account_account account ON account.id = item.account_id AND account.internal_type = 'receivable'
      JOIN account_move_line counter ON counter.id = match.other_id
      JOIN account_move other ON other.id = counter.move_id
      JOIN account_journal journal ON journal.id = other.journal_id
      LEFT JOIN LATERAL (
               SELECT GREATEST(LEAST(COALESCE(
                          SUM(part.balance) FILTER (WHERE kind.internal_type = 'other' AND NOT kind.reconcile
                                                      AND kind.id IS DISTINCT FROM journal.suspense_account_id)
                          / NULLIF(-SUM(part.balance) FILTER (WHERE kind.internal_type = 'receivable'), 0), 0), 1), 0) AS share
                 FROM account_move_line part
                 JOIN account_account kind ON kind.id = part.account_id
                WHERE part.move_id = other.id
           ) lost ON journal.type IN ('bank', 'cash')
     WHERE item.move_id = ANY(%s)
"""
KINDS = ("open", "collected", "written_off", "gap", "matched")

INVOICE_TYPES = ("out_invoice", "out_receipt", "out_refund")


@dataclass
class BilledLine:
    """What posted invoices less credit notes bill of an order line: minor units, quantity, number of their lines."""

    amount: int = 0
    quantity: float = 0.0
    count: int = 0


@dataclass
class OrderBooks:
    """What the ledger says of some orders: their bills by order id, and what is billed by order line id."""

    bills: Dict[int, List[triangle.Bill]] = field(default_factory=lambda: defaultdict(list))
    lines: Dict[int, BilledLine] = field(default_factory=lambda: defaultdict(BilledLine))


class AccountMove(models.Model):
    """What invoices say of the orders they bill."""

    _inherit = "account.move"

    @api.model
    def _read_order_books(self, orders):
        """Two queries, whatever the number of ``orders``. In superuser mode: the triangle is no ledger entry.

        :rtype: OrderBooks
        """
        books = OrderBooks()
        if not orders:
            return books
        self._flush_books()
        self.env.cr.execute(BILLED, [orders.ids])
        billed = defaultdict(list)
        for move_id, *row in self.env.cr.fetchall():
            billed[move_id].append(row)
        moves = self.sudo().browse(billed).filtered(lambda move: move.move_type in INVOICE_TYPES)
        settled = moves._get_settlements()
        void = moves._get_void()
        sold = {order.id: order for order in orders}
        for move in moves:
            move._book(billed[move.id], settled[move.id], move in void, sold, books)
        return books

    @api.model
    def _flush_books(self):
        """Write what the queries read."""
        self.flush(["state", "move_type", "amount_total", "amount_residual"])
        items = self.env["account.move.line"]
        items.flush(["parent_state", "price_total", "quantity", "balance", "account_id", "display_type", "exclude_from_invoice_tab"])
        self.env["account.partial.reconcile"].flush(["debit_amount_currency", "credit_amount_currency"])

    def _get_settlements(self):
        """How each invoice is settled, in minor units of its currency; credit notes positive, too.

        :returns: {id: {kind: amount}}; the kinds sum to the invoice's total. ``gap`` is what neither the matches nor the
            open amount explain: 0, or :meth:`crm.triangle.check` lists it
        """
        result = {move.id: dict.fromkeys(KINDS, 0) for move in self}
        if not self:
            return result
        self.env.cr.execute(SETTLED, [self.ids])
        rows = self.env.cr.fetchall()
        for move in self:
            result[move.id]["open"] = round(move.amount_residual / move.currency_id.rounding)
        for move_id, kind, amount, share in rows:
            move = self.browse(move_id)
            sign = -1 if move.move_type == "out_refund" else 1
            units = sign * round(float(amount) / move.currency_id.rounding)
            lost = round(units * float(share or 0.0))
            result[move_id][kind] += units - lost
            result[move_id]["written_off"] += lost
        for move in self:
            result[move.id]["gap"] = round(move.amount_total / move.currency_id.rounding) - sum(result[move.id].values())
        return result

    def _get_void(self):
        """Credit notes that take back an invoice as a whole, and those invoices: as if neither had been."""
        notes = self.filtered(
            lambda move: (
                move.move_type == "out_refund"
                and move.reversed_entry_id.currency_id == move.currency_id
                and not move.currency_id.compare_amounts(move.reversed_entry_id.amount_total, move.amount_total)
            )
        )
        return notes | notes.reversed_entry_id

    def _book(self, rows, settled, void, sold, books):
        """Put what this invoice bills of the orders ``sold`` ({id: order}) into ``books``.

        :param rows: (order id or None, order line id, number of lines, amount, quantity)
        """
        self.ensure_one()
        sign = -1 if self.move_type == "out_refund" else 1
        shares = defaultdict(int)
        for order_id, line_id, count, amount, quantity in rows:
            units = round(float(amount) / self.currency_id.rounding)
            shares[order_id] += units
            if order_id in sold:
                line = books.lines[line_id]
                line.amount += sign * self._to_order_currency(units, sold[order_id])
                line.quantity += sign * float(quantity)
                line.count += count
        total = sum(settled.values())
        shares[next(reversed(shares))] += total - sum(shares.values())
        for (order_id, share), parts in zip(shares.items(), triangle.allocate(list(shares.values()), list(settled.values()))):
            if order_id in sold:
                share = self._to_order_currency(share, sold[order_id])
                kinds = dict(zip(settled, triangle.rescale(parts, share)))
                del kinds["gap"]
                books.bills[order_id].append(triangle.Bill(sign, share, void=void, **kinds))

    def _to_order_currency(self, units, order):
        """Minor units of this invoice's currency in those of the order, at the invoice's date."""
        if order.currency_id == self.currency_id:
            return units
        date = self.invoice_date or self.date or fields.Date.context_today(self)
        amount = self.currency_id._convert(units * self.currency_id.rounding, order.currency_id, self.company_id, date)
        return order._to_minor(amount)
