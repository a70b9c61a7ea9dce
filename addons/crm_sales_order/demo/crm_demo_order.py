# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict
from datetime import timedelta

from odoo import api, models
from odoo.addons.crm_core.models.crm_lead_gate import GateFact

# What is left in stock today, by product category: few machines, many filters.
LEFT_IN_STOCK = {"equipment": (1, 4), "parts": (3, 12), "consumables": (15, 60)}
# Only bought when sold: none of these in stock.
BOUGHT_TO_ORDER = ("vmc850", "lathe", "laser3k")
# Who ordered lately what is sold out is waiting for it.
SOLD_OUT_DAYS = 30
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
        partial, waiting = demo._choose_short_orders(orders)
        sold_out = demo._get_machines(partial | waiting)
        due = demo._get_due_orders(orders, sold_out)
        demo._stock_up(orders, due, sold_out)
        for group in (due, orders - due):
            demo._confirm_orders(group)
            demo._deliver_orders(group & (due | partial))
        demo._date_transfers(orders)
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
        """Cheap goods are sold by the dozen, machines with what goes along."""
        dice = self._random("order lines")
        more = []
        for line in orders.order_line:
            price = line.product_id.lst_price
            quantity = max(1, round(line.price_unit / price))
            if quantity > 1:
                line.write({"product_uom_qty": quantity, "price_unit": round(line.price_unit / quantity, 1)})
            for mains, extra, extra_quantity, share in ALONG:
                if line.product_id in self._get_by_key(mains) and dice.random() < share:
                    product = self._get_by_key([extra])
                    more.append({"order_id": line.order_id.id, "product_id": product.id, "product_uom_qty": extra_quantity})
        self.env["sale.order.line"].create(more)

    def _get_machines(self, orders):
        return orders.order_line.product_id.filtered(lambda product: product.categ_id == self._ref("demo_category_equipment"))

    def _choose_short_orders(self, orders):
        """Two orders with a machine that is sold out: one shipped in part, one overdue with nothing shipped."""
        machines = orders.filtered(self._get_machines)
        long_ago = self._at(self._today() - timedelta(days=16), 0)
        waiting = machines.filtered(lambda order: order.opportunity_id.date_closed < long_ago)[-1]
        partial = (machines - waiting)[-1]
        filters = self._get_by_key(["airfilter"])
        self.env["sale.order.line"].create({"order_id": partial.id, "product_id": filters.id, "product_uom_qty": 4})
        return partial, waiting

    def _choose_warehouses(self, orders):
        """Shanghai and Beijing are served from Shanghai, the others from Shenzhen."""
        east = orders.filtered(lambda order: order.team_id in (self._ref("demo_team_shanghai") | self._ref("demo_team_beijing")))
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

    @api.model
    def _sell(self, deals):
        """More won deals for the chapters of other addons.

        :param deals: [(customer's key, product's key, quantity, days ago)]
        :returns: the confirmed orders, in the order of ``deals``
        """
        customers = [self._ref(f"demo_partner_{key}") for key, *_rest in deals]
        products = [self._get_by_key([key]) for _customer, key, *_rest in deals]
        leads = self.env["crm.lead"].create(
            [
                {
                    "name": f"{self._short_name({'partner_name': customer.name})}采购{product.name}",
                    "type": "opportunity",
                    "partner_id": customer.id,
                    "user_id": customer.user_id.id,
                    "team_id": customer.team_id.id,
                    "source_id": self._ref("demo_source_repeat").id,
                    "product_id": product.id,
                    "expected_revenue": product.lst_price * quantity,
                }
                for customer, product, (_customer, _product, quantity, _days) in zip(customers, products, deals)
            ]
        )
        leads.with_context(crm_gate_fact=GateFact("Demo")).action_set_won()
        won = [self._at(self._workday(self._today() - timedelta(days=days)), 15) for *_rest, days in deals]
        asked = [moment - timedelta(days=12) for moment in won]
        self._backdate(leads, create_date=asked, date_open=asked, date_last_stage_update=won, date_closed=won)
        orders = leads.action_create_quotations().with_env(self.env)
        self._refine_lines(orders)
        self._choose_warehouses(orders)
        self._confirm_orders(orders)
        self._date_transfers(orders)
        return orders

    # -- stock and deliveries ------------------------------------------------------------------------------------------

    def _get_due_orders(self, orders, sold_out):
        """The orders whose delivery day has come, but for those waiting for what is sold out."""
        today = self._today()
        due = orders.browse()
        for order in orders:
            day = order.opportunity_id.date_closed.date()
            waiting = order.order_line.product_id & sold_out and day > today - timedelta(days=SOLD_OUT_DAYS)
            if not waiting and day + timedelta(days=self._get_lead_days(order)) <= today:
                due |= order
        return due

    def _stock_up(self, orders, due, sold_out):
        """At the beginning each warehouse had what was to leave it since, and what is left today."""
        dice = self._random("stock")
        needed = defaultdict(float)
        for line in due.order_line.filtered(lambda line: line.product_id.type == "product"):
            needed[line.order_id.warehouse_id, line.product_id] += line.product_uom_qty
        warehouses = orders.warehouse_id | self.env.ref("crm_sales_order.demo_warehouse_shanghai")
        none_left = sold_out | self._get_by_key(BOUGHT_TO_ORDER)
        lines = []
        for product in self._get_products().filtered(lambda product: product.type == "product"):
            for warehouse in warehouses:
                left = 0 if product in none_left else dice.randint(*self._get_left_in_stock(product))
                quantity = needed[warehouse, product] + left
                if quantity:
                    location = warehouse.lot_stock_id
                    lines.append({"product_id": product.id, "location_id": location.id, "product_qty": quantity})
        inventory = self.env["stock.inventory"].create({"name": "期初盘点", "line_ids": [(0, 0, line) for line in lines]})
        inventory.action_start()
        inventory.action_validate()
        counted = self._at(self._opening_day(), 18)
        for records in (inventory, inventory.move_ids, inventory.move_ids.move_line_ids):
            self._backdate(records, date=[counted] * len(records))

    def _get_left_in_stock(self, product):
        for name, span in LEFT_IN_STOCK.items():
            if product.categ_id == self._ref(f"demo_category_{name}"):
                return span

    def _deliver_orders(self, orders):
        """Ship what is reserved, through the button that does just that; services are done along with it."""
        orders.picking_ids.action_deliver_available()
        for line in orders.order_line.filtered(lambda line: line.product_id.type == "service"):
            line.qty_delivered = line.product_uom_qty

    def _date_transfers(self, orders):
        """Done transfers were done on the promised day, the others are planned for it."""
        planned = {picking: order.commitment_date for order in orders for picking in order.picking_ids}
        now = self._at(self._today(), 9)
        pickings = orders.picking_ids
        moves, details = pickings.move_lines, pickings.move_line_ids
        done = {picking: min(now, planned[picking]) for picking in pickings if picking.state == "done"}
        self._backdate(moves, date=[done.get(move.picking_id, planned[move.picking_id]) for move in moves])
        self._backdate(details, date=[done.get(detail.picking_id) for detail in details])
        self._backdate(
            pickings,
            create_date=[picking.sale_id.date_order for picking in pickings],
            date=[picking.sale_id.date_order for picking in pickings],
            scheduled_date=[planned[picking] for picking in pickings],
            date_done=[done.get(picking) for picking in pickings],
        )

    # -- shorthands ----------------------------------------------------------------------------------------------------

    def _get_by_key(self, keys):
        return self.env["product.product"].concat(*(self._ref(f"demo_product_{key}") for key in keys))
