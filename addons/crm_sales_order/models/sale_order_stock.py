# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import api, fields, models

from ..engine import availability

SHORTAGE_STATES = [
    (availability.AVAILABLE, "All in Stock"),
    (availability.PARTIAL, "Partly in Stock"),
    (availability.SHORT, "Short"),
]


class SaleOrder(models.Model):
    """The stock check: can this order be delivered from stock?"""

    _inherit = "sale.order"

    shortage_state = fields.Selection(
        SHORTAGE_STATES,
        "Stock",
        compute="_compute_shortage_state",
        help="Empty when nothing is left to deliver from stock.",
    )

    @api.depends("order_line.shortage_state")
    def _compute_shortage_state(self):
        for order in self:
            states = [line.shortage_state for line in order.order_line if line.shortage_state]
            order.shortage_state = availability.summarize(states) if states else False

    def get_shortages(self):
        """What is missing in stock to deliver the orders of ``self``, earlier ones served first.

        Unlike the badge, which looks at one order at a time, the free stock is shared between the
        orders: two orders are never promised the same last piece.

        :returns: {sale.order.line: missing quantity in the product's unit}
        """
        orders = self.sorted(lambda order: (order.date_order, order.id))
        answers = orders.order_line._allocate_stock()
        return {line: answer.short for line, answer in answers.items() if answer.short > 0}


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    shortage_state = fields.Selection(SHORTAGE_STATES, "Stock", compute="_compute_shortage")
    available_qty = fields.Float(
        "Available",
        compute="_compute_shortage",
        digits="Product Unit of Measure",
        help="Delivered, reserved for this line, or free in the order's warehouse.",
    )
    short_qty = fields.Float(
        "Missing",
        compute="_compute_shortage",
        digits="Product Unit of Measure",
        help="In the product's own unit.",
    )

    @api.depends("product_id", "product_uom_qty", "product_uom", "qty_delivered", "state", "order_id.warehouse_id")
    def _compute_shortage(self):
        """Each order by itself against the stock that is free now: one aggregate per warehouse."""
        lines = self.order_id.order_line | self
        free = lines._get_free_quantities()
        demands = lines._get_stock_demands()
        by_order = defaultdict(list)
        for demand in demands:
            by_order[demand.key.order_id].append(demand)
        answers = {}
        for order_demands in by_order.values():
            answers.update(availability.allocate(order_demands, free))
        for line in self:
            answer = answers.get(line)
            line.shortage_state = answer.state if answer else False
            line.available_qty = answer.available if answer else 0.0
            line.short_qty = answer.short if answer else 0.0

    def _allocate_stock(self):
        """Share the free stock between the lines of ``self`` in their order.

        :returns: {line: availability.Answer}, without the lines that wait for no stock
        """
        return availability.allocate(self._get_stock_demands(), self._get_free_quantities())

    def _get_stock_demands(self):
        """An ``availability.Demand`` in the product's unit per line that waits for stock."""
        waiting = self.filtered(
            lambda line: (
                line.product_id.type == "product"
                and line.state != "cancel"
                and line.qty_delivered < line.product_uom_qty
            )
        )
        secured = waiting._get_secured_quantities()
        return [
            availability.Demand(
                line,
                (line.product_id.id, line.order_id.warehouse_id.id),
                line._to_product_unit(line.product_uom_qty),
                secured[line],
            )
            for line in waiting
        ]

    def _get_secured_quantities(self):
        """What each line need not take from free stock: delivered or reserved already.

        Hook: an addon that secures goods otherwise adds them.

        :returns: {line: quantity in the product's unit}, every line of ``self``
        """
        secured = {}
        for line in self:
            open_moves = line.sudo().move_ids.filtered(
                lambda move: move.state not in ("done", "cancel") and move.location_id.usage == "internal"
            )
            secured[line] = line._to_product_unit(line.qty_delivered) + sum(
                move.product_uom._compute_quantity(move.reserved_availability, move.product_id.uom_id)
                for move in open_moves
            )
        return secured

    def _get_free_quantities(self):
        """Unreserved stock of the products of ``self`` in their warehouses, as superuser: sums only.

        :returns: {(product id, warehouse id): quantity in the product's unit}
        """
        products = defaultdict(set)
        for line in self:
            if line.product_id.type == "product":
                products[line.order_id.warehouse_id].add(line.product_id.id)
        free = {}
        for warehouse, product_ids in products.items():
            groups = (
                self.env["stock.quant"]
                .sudo()
                .read_group(
                    [
                        ("product_id", "in", list(product_ids)),
                        ("location_id", "child_of", warehouse.view_location_id.id),
                        ("location_id.usage", "in", ("internal", "transit")),
                    ],
                    ["quantity", "reserved_quantity"],
                    ["product_id"],
                )
            )
            for group in groups:
                key = (group["product_id"][0], warehouse.id)
                free[key] = group["quantity"] - group["reserved_quantity"]
        return free

    def _to_product_unit(self, quantity):
        self.ensure_one()
        return self.product_uom._compute_quantity(quantity, self.product_id.uom_id, round=False)
