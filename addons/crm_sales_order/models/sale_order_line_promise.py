# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.crm_core.tools.flush import flush_models

from ..engine import promise
from ..engine.promise import Demand

STOCK_STATES = [
    (promise.ALL, "All in Stock"),
    (promise.PARTIAL, "Partly in Stock"),
    (promise.SHORT, "Short"),
]

# What deliveries to the customer still have to bring, per line and product (of a kit: its components).
_OPEN_DELIVERIES = """
    SELECT move.sale_line_id, move.product_id, SUM(move.product_qty)
      FROM stock_move move
      JOIN stock_location source ON source.id = move.location_id AND source.usage IN ('internal', 'transit')
      JOIN stock_location target ON target.id = move.location_dest_id
           AND (target.usage NOT IN ('internal', 'transit') OR target.custody IS NOT NULL)
     WHERE move.sale_line_id IN %s AND move.state NOT IN ('done', 'cancel')
     GROUP BY move.sale_line_id, move.product_id
"""


class SaleOrderLine(models.Model):
    """What an order line can count on: live on a quotation, from its promises once it is confirmed."""

    _inherit = "sale.order.line"

    promise_ids = fields.One2many("crm.stock.promise", "sale_line_id", "Promises", readonly=True)
    stock_state = fields.Selection(
        STOCK_STATES,
        "Stock",
        compute="_compute_stock_state",
        help="Whether the goods are there by the date the customer wants them. Empty when none have to come from stock.",
    )
    available_qty = fields.Float(
        "Available",
        compute="_compute_stock_state",
        digits="Product Unit of Measure",
        help="Delivered, reserved for this line, or free by the wanted date. In the product's own unit.",
    )
    short_qty = fields.Float(
        "Missing",
        compute="_compute_stock_state",
        digits="Product Unit of Measure",
        help="Not there by the wanted date. In the product's own unit.",
    )
    unpromised_qty = fields.Float(
        "Without a Date",
        compute="_compute_stock_state",
        digits="Product Unit of Measure",
        help="Neither in stock nor on its way. In the product's own unit.",
    )
    promised_date = fields.Datetime(
        compute="_compute_stock_state", help="When the customer can have all of it. Empty while nobody knows."
    )

    @api.depends(
        "product_id",
        "product_uom_qty",
        "product_uom",
        "qty_delivered",
        "customer_lead",
        "state",
        "promise_ids.date",
        "promise_ids.quantity",
        "order_id.warehouse_id",
        "order_id.commitment_date",
        "order_id.picking_policy",
    )
    def _compute_stock_state(self):
        """A quotation by itself against what is free now; a confirmed order by what it was promised."""
        lines = self.order_id.order_line | self
        answers = lines._get_stock_answers()
        for line in self:
            line.update(line._prepare_stock_values(answers[line]) if line in answers else dict.fromkeys(self._stock_fields(), False))

    @api.model
    def _stock_fields(self):
        return ("stock_state", "available_qty", "short_qty", "unpromised_qty", "promised_date")

    def _prepare_stock_values(self, answers):
        """Values of the stock fields from the engine's answers for each product of the line (more than one for a kit)."""
        self.ensure_one()
        delivered = self._to_product_unit(self.qty_delivered)
        missing, unpromised = (max(getattr(answer, name) for answer in answers) for name in ("missing", "uncovered"))
        open_qty = max(answer.quantity for answer in answers)
        available = delivered + max(open_qty - missing, 0.0)
        state = promise.ALL if not missing else promise.PARTIAL if available > 0 else promise.SHORT
        dates = [answer.date for answer in answers]
        lead = timedelta(days=self.customer_lead or 0.0)
        return {
            "stock_state": state,
            "available_qty": available,
            "short_qty": missing,
            "unpromised_qty": unpromised,
            "promised_date": max(dates) + lead if all(dates) else False,
        }

    def _get_stock_answers(self):
        """What each line of ``self`` that waits for stock can count on, each order by itself.

        :returns: {line: [engine Answer]}
        """
        promised = self.filtered(lambda line: line.state in ("sale", "done"))
        answers = defaultdict(list)
        for (line, _product_id), answer in promised._get_promised_answers().items():
            answers[line].append(answer)
        quoted = self - promised
        demands = quoted._get_stock_demands()
        if demands:
            stock = self.env["crm.stock.timeline"]._load({demand.pool for demand in demands})
            by_order = defaultdict(list)
            for demand in demands:
                by_order[demand.key[0].order_id].append(demand)
            for order_demands in by_order.values():
                own = {demand.pool: stock[demand.pool].copy() for demand in order_demands}
                for (line, _product_id), answer in promise.promise(order_demands, own).items():
                    answers[line].append(answer)
        return answers

    def _get_promised_answers(self):
        """{(line, product id): engine Answer} of confirmed lines, from their promises."""
        demands = self._get_stock_demands()
        if not demands:
            return {}
        flush_models(self.env, "crm.stock.promise")
        rows = self.env["crm.stock.promise"].sudo().search([("sale_line_id", "in", [demand.key[0]._origin.id for demand in demands])])
        parts = defaultdict(list)
        for row in rows:
            parts[row.sale_line_id.id, row.product_id.id].append(promise.Part(row.date, row.quantity))
        answers = {}
        for demand in demands:
            line, product_id = demand.key
            answers[demand.key] = promise.settle(demand, parts[line._origin.id, product_id])
        return answers

    def _get_stock_demands(self, planned=False):
        """An engine Demand per line of ``self`` that waits for stock and product of it, keyed by (line, product id).

        :param planned: by what is ordered, although the order is confirmed: its deliveries are not made yet
        """
        waiting = self._get_waiting_quantities(planned)
        secured = self._get_secured_quantities() if waiting else {}
        now = fields.Datetime.now()
        return [
            Demand(
                key=(line, product_id),
                pool=(product_id, line.order_id.warehouse_id.id),
                quantity=quantity,
                date=line._get_shipping_date(now),
                secured=secured.get((line._origin.id, product_id), 0.0),
                whole=line.order_id.picking_policy == "one",
            )
            for (line, product_id), quantity in waiting.items()
        ]

    def _get_shipping_date(self, now):
        """When the goods have to leave so that the customer has them on the wanted date; at once if none is named."""
        self.ensure_one()
        wanted = self.order_id.commitment_date
        return max(wanted - timedelta(days=self.customer_lead or 0.0), now) if wanted else now

    # What waits for stock ------------------------------------------------------------------------------------------

    def _needs_stock(self):
        """Whether this line takes its goods from our stock, and so needs a promise.

        Hook: kinds of orders whose goods come from elsewhere, or that need none, return False.
        """
        self.ensure_one()
        return (
            not self.display_type
            and (self.product_id.type == "product" or bool(self._get_kit()))
            and self.product_uom_qty > 0
            and self.state != "cancel"
            and not self._brings_own_goods()
        )

    def _brings_own_goods(self):
        """Whether the line's route gets the goods for this very order: made to order, or shipped by the vendor."""
        self.ensure_one()
        routes = self.route_id or self.product_id.route_ids | self.product_id.categ_id.total_route_ids
        stock = self.order_id.warehouse_id.lot_stock_id
        return any(
            (rule.procure_method != "make_to_stock" and rule.location_src_id == stock)
            or (rule.action == "buy" and rule.location_id.usage == "customer")
            for rule in routes.sudo().rule_ids
        )

    def _get_waiting_quantities(self, planned=False):
        """What each line still takes from stock: {(line, product id): quantity in the product's unit}, nothing left out.

        A confirmed line waits for what its deliveries still have to bring, and never for more than was ordered: a
        returned piece is not waited for again.
        """
        lines = self.filtered(lambda line: line._needs_stock())
        by_moves = lines.filtered(lambda line: line.state in ("sale", "done") and not planned)
        waiting = {}
        for line in lines - by_moves:
            open_qty = line._to_product_unit(line.product_uom_qty - line.qty_delivered)
            for product_id, quantity in line._explode(open_qty).items():
                waiting[line, product_id] = quantity
        for (line_id, product_id), quantity in by_moves._get_open_deliveries().items():
            line = lines.browse(line_id)
            if line.product_id.id != product_id and self.env["product.product"].browse(product_id).type != "product":
                continue
            if line.product_id.id == product_id:
                quantity = min(quantity, line._to_product_unit(line.product_uom_qty - line.qty_delivered))
            waiting[line, product_id] = quantity
        return {key: quantity for key, quantity in waiting.items() if quantity > 0}

    def _explode(self, quantity):
        """What ``quantity`` of the line's product takes from stock: {product id: quantity}; of a kit, its components."""
        self.ensure_one()
        kit = self._get_kit()
        if not kit:
            return {self.product_id.id: quantity}
        factor = self.product_id.uom_id._compute_quantity(quantity, kit.product_uom_id, round=False) / kit.product_qty
        components = defaultdict(float)
        for row, values in kit.explode(self.product_id, factor)[1]:
            if row.product_id.type == "product":
                components[row.product_id.id] += row.product_uom_id._compute_quantity(values["qty"], row.product_id.uom_id, round=False)
        return components

    def _get_kit(self):
        """The bill of materials of a product that is sold as its parts; False without Odoo's manufacturing."""
        self.ensure_one()
        if "mrp.bom" not in self.env or not self.product_id:
            return False
        kits = self.product_id.product_tmpl_id.sudo().bom_ids
        product, company = self.product_id, self.company_id
        return kits.filtered(
            lambda kit: (
                kit.type == "phantom"
                and kit.product_id in (product, product.browse())
                and kit.company_id in (company, company.browse())
            )
        ).sorted("sequence")[:1]

    def _get_open_deliveries(self):
        ids = [line_id for line_id in self._origin.ids if line_id]
        if not ids:
            return {}
        flush_models(self.env, "stock.move")
        self.env.cr.execute(_OPEN_DELIVERIES, [tuple(ids)])
        return {(line_id, product_id): quantity for line_id, product_id, quantity in self.env.cr.fetchall()}

    def _get_secured_quantities(self):
        """What each line need not take from free stock: reserved already.

        Hook: an addon that secures goods otherwise adds them.

        :returns: {(line id, product id): quantity in the product's unit}
        """
        confirmed = [line._origin.id for line in self if line.state in ("sale", "done") and line._origin.id]
        return self.env["crm.stock.timeline"]._load_reserved(confirmed)

    def _to_product_unit(self, quantity):
        self.ensure_one()
        return self.product_uom._compute_quantity(quantity, self.product_id.uom_id, round=False)
