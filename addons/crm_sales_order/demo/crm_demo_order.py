# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict
from datetime import timedelta

from odoo import api, models

# What is left in stock today, by product category: few machines, many filters.
LEFT_IN_STOCK = {"equipment": (1, 4), "parts": (3, 12), "consumables": (15, 60)}
# Sold out: who ordered these lately is waiting.
SOLD_OUT = ("cobot5", "packline", "chiller")
SOLD_OUT_DAYS = 35
# What goes along: (when this was sold, this too, quantity, share of the orders)
ALONG = [
    (("comp37", "comp75", "scroll15"), "install", 1, 0.6),
    (("comp37", "comp75"), "separator", 2, 0.35),
    (("comp37", "comp75"), "oil", 3, 0.35),
    (("robot10", "cobot5", "scara6"), "training", 2, 0.5),
    (("robot10", "scara6"), "grease", 6, 0.3),
    (("laser3k", "marker"), "lens", 5, 0.4),
    (("vmc850", "lathe"), "coolant", 2, 0.5),
    (("packline",), "tape", 20, 0.6),
]


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_orders(self):
        """Won leads become orders and, but for the youngest, deliveries; open proposals become quotations."""
        demo = self._quiet()
        orders = demo._quote_won_leads()
        due = demo._get_due_orders(orders)
        demo._stock_up(orders, due)
        demo._confirm_orders(orders)
        demo._deliver_orders(due)
        demo._quote_open_leads()

    # -- quotations and orders -----------------------------------------------------------------------------------------

    def _quote_won_leads(self):
        """The orders to be, oldest first, each dated the day its lead was won."""
        leads = self.env["crm.lead"].search(
            [("stage_id.is_won", "=", True), ("team_id", "in", self._branches().ids)], order="date_closed, id"
        )
        orders = leads.action_create_quotations().with_env(self.env)
        self._refine_lines(orders)
        self._choose_warehouses(orders)
        return orders

    def _refine_lines(self, orders):
        """Cheap goods are sold by the dozen, machines with what they need."""
        dice = self._random("order lines")
        more = []
        for line in orders.order_line:
            price = line.product_id.lst_price
            quantity = max(1, round(line.price_unit / price)) if price < 4000 else 1
            if quantity > 1:
                line.write({"product_uom_qty": quantity, "price_unit": round(line.price_unit / quantity, 1)})
            for mains, extra, extra_quantity, share in ALONG:
                if line.product_id in self._get_by_key(mains) and dice.random() < share:
                    product = self._get_by_key([extra])
                    more.append(
                        {"order_id": line.order_id.id, "product_id": product.id, "product_uom_qty": extra_quantity}
                    )
        self.env["sale.order.line"].create(more)

    def _choose_warehouses(self, orders):
        """Shanghai and Beijing are served from Shanghai, the others from Shenzhen."""
        east = orders.filtered(
            lambda order: order.team_id in (self._ref("demo_team_shanghai") | self._ref("demo_team_beijing"))
        )
        east.write({"warehouse_id": self.env.ref("crm_sales_order.demo_warehouse_shanghai").id})

    def _confirm_orders(self, orders):
        ordered = [order.opportunity_id.date_closed for order in orders]
        quoted = [order.opportunity_id.date_open + timedelta(hours=20) for order in orders]
        orders.action_confirm()
        self._backdate(orders, date_order=ordered, create_date=[min(pair) for pair in zip(quoted, ordered)])
        self._backdate(orders.opportunity_id, date_closed=ordered, date_last_stage_update=ordered)
        for order, moment in zip(orders, ordered):
            promised = self._at(self._workday(moment.date() + timedelta(days=self._get_lead_days(order))), 17)
            order.commitment_date = promised

    def _get_lead_days(self, order):
        """Working up to the slowest product's own lead time, some orders quicker, a few slower."""
        slowest = int(max(order.order_line.mapped("customer_lead")))
        return max(1, slowest + self._random(f"delivery {order.name}").randint(-2, 3))

    def _quote_open_leads(self):
        """Quotations under discussion: some sent, some still being written, one or two expired."""
        leads = self.env["crm.lead"].search(
            [("stage_id", "=", self.env.ref("crm.stage_lead3").id), ("team_id", "in", self._branches().ids)],
            order="date_last_stage_update, id",
        )
        dice = self._random("quotations")
        quotations = leads.action_create_quotations().with_env(self.env)
        self._refine_lines(quotations)
        self._choose_warehouses(quotations)
        quotations.filtered(lambda quotation: dice.random() < 0.65).action_quotation_sent()
        quoted = leads.mapped("date_last_stage_update")
        valid = [moment.date() + timedelta(days=30) for moment in quoted]
        self._backdate(quotations, date_order=quoted, create_date=quoted, validity_date=valid)

    # -- stock and deliveries ------------------------------------------------------------------------------------------

    def _get_due_orders(self, orders):
        """The orders whose delivery day has come, but for those waiting for what is sold out."""
        today = self._today()
        sold_out = self._get_by_key(SOLD_OUT)
        due = orders.browse()
        for order in orders:
            day = order.opportunity_id.date_closed.date()
            waiting = order.order_line.product_id & sold_out and day > today - timedelta(days=SOLD_OUT_DAYS)
            if not waiting and day + timedelta(days=self._get_lead_days(order)) <= today:
                due |= order
        return due

    def _stock_up(self, orders, due):
        """A year ago each warehouse had what was to leave it since, and what is left today."""
        dice = self._random("stock")
        needed = defaultdict(float)
        for line in due.order_line.filtered(lambda line: line.product_id.type == "product"):
            needed[line.order_id.warehouse_id, line.product_id] += line.product_uom_qty
        warehouses = orders.warehouse_id | self.env.ref("crm_sales_order.demo_warehouse_shanghai")
        sold_out = self._get_by_key(SOLD_OUT)
        lines = []
        for product in self._get_products().filtered(lambda product: product.type == "product"):
            for warehouse in warehouses:
                left = 0 if product in sold_out else dice.randint(*self._get_left_in_stock(product))
                quantity = needed[warehouse, product] + left
                if quantity:
                    location = warehouse.lot_stock_id
                    lines.append({"product_id": product.id, "location_id": location.id, "product_qty": quantity})
        inventory = self.env["stock.inventory"].create(
            {"name": "年初盘点", "line_ids": [(0, 0, line) for line in lines]}
        )
        inventory.action_start()
        inventory.action_validate()
        counted = self._at(self._today() - timedelta(days=366), 18)
        for records in (inventory, inventory.move_ids, inventory.move_ids.move_line_ids):
            self._backdate(records, date=[counted] * len(records))

    def _get_left_in_stock(self, product):
        for name, span in LEFT_IN_STOCK.items():
            if product.categ_id == self._ref(f"demo_category_{name}"):
                return span

    def _deliver_orders(self, orders):
        """Deliver what is due, through the button that ships what is reserved."""
        orders.picking_ids.action_deliver_available()
        for line in orders.order_line.filtered(lambda line: line.product_id.type == "service"):
            line.qty_delivered = line.product_uom_qty
        for order in self.env["sale.order"].search([("picking_ids", "!=", False)]):
            self._date_transfers(order)

    def _date_transfers(self, order):
        """Done transfers were done on the promised day, the others are planned for it."""
        for picking in order.picking_ids:
            moment = min(order.commitment_date, self._at(self._today(), 9))
            done = picking.state == "done"
            self._backdate(
                picking.move_lines, date=[moment if done else order.commitment_date] * len(picking.move_lines)
            )
            self._backdate(picking.move_line_ids, date=[moment] * len(picking.move_line_ids))
            self._backdate(
                picking,
                create_date=[order.date_order],
                scheduled_date=[order.commitment_date],
                date_done=[moment if done else None],
            )

    # -- shorthands ----------------------------------------------------------------------------------------------------

    def _get_by_key(self, keys):
        return self.env["product.product"].concat(*(self._ref(f"demo_product_{key}") for key in keys))
