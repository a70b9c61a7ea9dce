# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.tests import tagged

from ..exceptions import ProcurementError
from .common import ProcurementCase


@tagged("post_install", "-at_install")
class TestBuyShortages(ProcurementCase):
    def test_only_what_stock_does_not_cover_is_pegged_and_the_vendors_minimum_is_ordered(self):
        order = self._sell((self.pump, 8))
        purchase = order.action_buy_shortages()
        self.assertEqual(purchase.partner_id, self.acme)
        self.assertEqual(purchase.order_line.product_qty, 10)  # 8 sold - 5 in stock = 3, sold from 10 on
        self.assertEqual(purchase.order_line.price_unit, 300.0)
        self.assertEqual(purchase.order_line.peg_ids.mapped("quantity"), [3])
        self.assertEqual(purchase.order_line.peg_ids.sale_line_id, order.order_line)
        self.assertEqual(purchase.origin, order.name)

    def test_many_orders_make_one_purchase_order_per_vendor(self):
        wire = self._create_product("Wire", sellers=[(self.bolt, 0, 2.0)])
        orders = self._sell((self.pump, 8), (self.valve, 2)) | self._sell((self.valve, 3), (wire, 1))
        purchases = orders.action_buy_shortages()
        self.assertEqual(purchases.partner_id, self.acme | self.bolt)
        quantities = {line.product_id: line.product_qty for line in purchases.order_line}
        self.assertEqual(quantities, {self.pump: 10, self.valve: 5, wire: 1})
        valve_line = purchases.order_line.filtered(lambda line: line.product_id == self.valve)
        self.assertEqual(sorted(valve_line.peg_ids.mapped("quantity")), [2, 3])

    def test_second_call_buys_nothing_more_before_and_after_confirmation(self):
        order = self._sell((self.pump, 8), (self.valve, 2))
        purchase = order.action_buy_shortages()
        self.assertEqual(order.action_buy_shortages(), purchase)
        purchase.button_confirm()
        self.assertFalse(order.action_buy_shortages())
        self.assertEqual(order.peg_ids.purchase_order_id, purchase)

    def test_surplus_of_the_minimum_covers_the_next_order(self):
        self._sell((self.pump, 8)).action_buy_shortages()  # 10 ordered, 3 pegged
        self.assertFalse(self._sell((self.pump, 7)).action_buy_shortages())
        self.assertEqual(self._sell((self.pump, 1)).action_buy_shortages().order_line.product_qty, 10)

    def test_urgent_order_outside_the_selection_keeps_its_goods(self):
        waiting = self._sell((self.valve, 4))
        self._add_stock(self.valve, 5)
        later = self._sell((self.valve, 3))
        waiting.picking_ids.do_unreserve()
        later.picking_ids.do_unreserve()
        purchase = later.action_buy_shortages()
        self.assertEqual(purchase.order_line.peg_ids.quantity, 2)  # 5 - 4 of the earlier order leave 1 of 3

    def test_order_of_a_quantity_in_another_unit(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        dozen.rounding = 1.0
        bottle = self._create_product("Bottle", sellers=[(self.acme, 0, 12.0)], uom_po_id=dozen.id)
        line = self._sell((bottle, 13)).action_buy_shortages().order_line
        self.assertEqual((line.product_qty, line.product_uom), (2, dozen))
        self.assertEqual(line.peg_ids.quantity, 13)

    def test_price_break_of_the_vendor_is_used(self):
        self.valve.seller_ids = [(0, 0, {"name": self.acme.id, "min_qty": 100, "price": 15.0})]
        line = self._sell((self.valve, 120)).action_buy_shortages().order_line
        self.assertEqual((line.product_qty, line.price_unit), (120, 15.0))

    def test_products_without_vendor_are_listed_and_nothing_is_bought(self):
        lamp, rope = self._create_product("Lamp"), self._create_product("Rope")
        order = self._sell((lamp, 1), (rope, 1), (self.valve, 1))
        with self.assertRaisesRegex(ProcurementError, "(?s)Lamp.*Rope") as error:
            order.action_buy_shortages()
        self.assertNotIn("Valve", str(error.exception))
        self.assertFalse(order.peg_ids)

    def test_expired_price_is_no_vendor(self):
        self.valve.seller_ids.date_end = "2020-01-01"
        with self.assertRaises(ProcurementError):
            self._sell((self.valve, 1)).action_buy_shortages()

    def test_quotation_cannot_be_bought_for(self):
        with self.assertRaisesRegex(ProcurementError, "Confirm"):
            self._sell((self.valve, 1), confirm=False).action_buy_shortages()

    def test_cancelled_purchase_is_bought_again(self):
        order = self._sell((self.valve, 2))
        first = order.action_buy_shortages()
        first.button_cancel()
        second = order.action_buy_shortages()
        self.assertTrue(second and second != first)
        self.assertEqual(order.peg_ids.mapped("state"), ["cancel", "draft"])

    def test_reduced_purchase_line_leaves_a_shortage(self):
        order = self._sell((self.valve, 6))
        order.action_buy_shortages().order_line.product_qty = 4
        more = order.action_buy_shortages().order_line.filtered(lambda line: line.product_qty != 4)
        self.assertEqual(more.product_qty, 2)

    def test_goods_bought_for_a_cancelled_sale_serve_the_next_one_and_the_buyer_is_told(self):
        order = self._sell((self.valve, 6))
        purchase = order.action_buy_shortages()
        order.action_cancel()
        self.assertEqual(order.peg_ids.state, "cancel")
        self.assertTrue(purchase.activity_ids)
        self.assertFalse(self._sell((self.valve, 6)).action_buy_shortages())

    def test_quotes_of_a_tender_are_alternatives_and_do_not_count_as_supply(self):
        tender = self.env["purchase.requisition"].create({"vendor_id": self.bolt.id})
        self.env["purchase.order"].create(
            {
                "partner_id": self.bolt.id,
                "requisition_id": tender.id,
                "order_line": [(0, 0, {"product_id": self.valve.id, "product_qty": 50, "name": "Valve"})],
            }
        )
        self.assertEqual(self._sell((self.valve, 1)).action_buy_shortages().order_line.product_qty, 1)

    def test_cost_in_queries_does_not_grow_with_the_orders(self):
        def count_queries(number):
            orders = self.env["sale.order"].browse()
            for _index in range(number):
                orders |= self._sell((self.valve, 1), (self.pump, 1))
            orders.flush()
            orders.invalidate_cache()
            before = self.env.cr.sql_log_count
            orders.action_buy_shortages().flush()
            return self.env.cr.sql_log_count - before

        few = count_queries(7)
        many = count_queries(42)
        self.assertLess(many, few + 2 * 35)  # 35 orders, 70 lines more: their pegs alone are inserts
