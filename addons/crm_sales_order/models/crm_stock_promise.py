# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import api, fields, models
from odoo.addons.crm_core.tools.flush import flush_models

from ..engine.promise import cut_parts, reduce_parts


class CrmStockPromise(models.Model):
    """A quantity of a product that a confirmed order line may count on from a date on.

    Made when the order is confirmed, under the guards of its products (``crm.stock.guard``), for no more than there
    is. Given back on delivery, cancellation and change; never written by hand.
    """

    _name = "crm.stock.promise"
    _description = "Stock Promise"
    _order = "date, id"
    _rec_name = "product_id"
    _log_access = False

    sale_line_id = fields.Many2one("sale.order.line", required=True, index=True, readonly=True, ondelete="cascade")
    order_id = fields.Many2one("sale.order", required=True, index=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    product_id = fields.Many2one("product.product", required=True, index=True, readonly=True, ondelete="cascade")
    warehouse_id = fields.Many2one("stock.warehouse", required=True, readonly=True, ondelete="cascade")
    quantity = fields.Float(required=True, readonly=True, digits="Product Unit of Measure", help="In the product's own unit.")
    product_uom_id = fields.Many2one(related="product_id.uom_id", string="Unit of Measure")
    date = fields.Datetime(required=True, readonly=True, help="When the goods can leave the warehouse.")
    promised_on = fields.Datetime(
        required=True, readonly=True, help="Who was promised first keeps the goods when facts change."
    )

    _sql_constraints = [("quantity_positive", "CHECK (quantity > 0)", "A promise is for more than nothing.")]

    @api.model
    def _replace(self, answers):
        """Store what the lines can count on now, in place of what they could before. Two queries.

        :param answers: {(sale.order.line, product id): engine Answer}; products left out of a line lose their promise
        """
        lines = self.env["sale.order.line"].browse({line.id for line, _product_id in answers})
        since = self._remove(lines)
        now = fields.Datetime.now()
        rows = [
            (
                line.id,
                line.order_id.id,
                line.company_id.id,
                product_id,
                line.order_id.warehouse_id.id,
                part.quantity,
                part.date,
                since.get(line.id, now),
            )
            for (line, product_id), answer in answers.items()
            for part in answer.all_parts
        ]
        if rows:
            self.env.cr.execute(
                """
                INSERT INTO crm_stock_promise
                       (sale_line_id, order_id, company_id, product_id, warehouse_id, quantity, date, promised_on)
                SELECT * FROM unnest(%s, %s, %s, %s, %s, %s::numeric[], %s::timestamp[], %s::timestamp[])
                """,
                [list(column) for column in zip(*rows)],
            )
            self._forget()

    @api.model
    def _remove(self, lines):
        """Take back all promises of ``lines``; returns {line id: since when it had one}."""
        if not lines:
            return {}
        flush_models(self.env, self._name)
        self.env.cr.execute(
            "DELETE FROM crm_stock_promise WHERE sale_line_id IN %s RETURNING sale_line_id, promised_on", [tuple(lines.ids)]
        )
        since = {}
        for line_id, date in self.env.cr.fetchall():
            since[line_id] = min(date, since.get(line_id, date))
        if since:
            self._forget()
        return since

    @api.model
    def _forget(self):
        """After SQL: forget what is cached of the promises, and nothing else; a confirmation goes on with its records."""
        lines, orders = self.env["sale.order.line"], self.env["sale.order"]
        self.invalidate_cache(list(self._fields))
        lines.invalidate_cache(["promise_ids", *lines._stock_fields()])
        orders.invalidate_cache(["promise_ids", "stock_state", "promised_date", "promise_summary"])

    @api.model
    def _release(self, lines, delivered=None):
        """Give back what ``lines`` no longer wait for: delivered, cancelled or ordered less.

        Nobody is promised more by this, so it needs no guard.

        :param delivered: {(line, product id): quantity that just left}; it was the earliest of what was promised
        """
        promises = self.sudo().search([("sale_line_id", "in", lines.ids)])
        if not promises:
            return
        by_demand = defaultdict(promises.browse)
        for row in promises:
            by_demand[row.sale_line_id, row.product_id.id] |= row
        by_demand = {demand: rows.sorted("date") for demand, rows in by_demand.items()}
        left = {
            demand: reduce_parts([(row.date, row.quantity) for row in rows], (delivered or {}).get(demand, 0.0))
            for demand, rows in by_demand.items()
        }
        waiting = lines.browse(sorted({line.id for (line, _product_id), parts in left.items() if parts}))._get_waiting_quantities()
        gone = promises.browse()
        for (line, product_id), rows in by_demand.items():
            parts = left[line, product_id]
            kept = cut_parts(parts, waiting.get((line, product_id), 0.0))
            gone |= rows[: len(rows) - len(parts)] | rows[len(rows) - len(parts) + len(kept) :]
            for row, part in zip(rows[len(rows) - len(parts) :], kept):
                if row.quantity != part.quantity:
                    row.quantity = part.quantity
        if gone:
            flush_models(self.env, self._name)
            self.env.cr.execute("DELETE FROM crm_stock_promise WHERE id IN %s", [tuple(gone.ids)])
            self._forget()
