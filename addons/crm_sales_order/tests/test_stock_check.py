# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from .common import SalesOrderCase


class TestStockCheck(SalesOrderCase):
    """100 pumps and no valve are in stock."""

    def _create_order(self, **quantities):
        lines = [
            (0, 0, {"product_id": getattr(self, name).id, "product_uom_qty": quantity})
            for name, quantity in quantities.items()
        ]
        return self.env["sale.order"].create({"partner_id": self.customer.id, "order_line": lines})

    def test_states_of_a_quotation(self):
        self.assertEqual(self._create_order(pump=100).stock_state, "all")
        self.assertEqual(self._create_order(pump=101).stock_state, "partial")
        self.assertEqual(self._create_order(pump=1, valve=1).stock_state, "partial")
        self.assertEqual(self._create_order(valve=1).stock_state, "short")

    def test_a_line_tells_what_is_missing(self):
        line = self._create_order(pump=130).order_line
        self.assertEqual((line.available_qty, line.short_qty), (100.0, 30.0))

    def test_other_units_are_converted(self):
        order = self._create_order(pump=9)
        order.order_line.product_uom = self.env.ref("uom.product_uom_dozen")
        self.assertEqual(order.order_line.short_qty, 8.0)

    def test_two_lines_do_not_count_the_same_piece_twice(self):
        order = self._create_order(pump=60)
        order.order_line.copy({"order_id": order.id})
        self.assertEqual(order.order_line.mapped("short_qty"), [0.0, 20.0])

    def test_two_orders_are_not_promised_the_same_piece(self):
        orders = self._create_order(pump=60) | self._create_order(pump=60)
        self.assertEqual(orders.mapped("stock_state"), ["all", "all"])  # each by itself
        self.assertEqual(orders.get_shortages(), {orders[1].order_line: 20.0})

    def test_what_is_reserved_counts_for_its_own_order_only(self):
        first, second = self._create_order(pump=70), self._create_order(pump=70)
        first.action_confirm()
        self.assertEqual(first.stock_state, "all")
        self.assertEqual((second.stock_state, second.order_line.short_qty), ("partial", 40.0))

    def test_services_and_delivered_goods_wait_for_no_stock(self):
        order = self._create_order(pump=5)
        order.action_confirm()
        order.picking_ids.action_deliver_available()
        self.assertFalse(order.stock_state)

    def test_the_check_costs_the_same_for_many_orders(self):
        def count_queries(number):
            orders = self.env["sale.order"]
            for quantity in range(1, number + 1):
                orders |= self._create_order(pump=quantity, valve=quantity)
            orders.flush()
            orders.invalidate_cache()
            before = self.env.cr.sql_log_count
            orders.mapped("stock_state")
            return self.env.cr.sql_log_count - before

        few, many = count_queries(3), count_queries(20)
        self.assertLessEqual(many, few)
