# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.tests import tagged

from .common import ProcurementCase


@tagged("post_install", "-at_install")
class TestDropShip(ProcurementCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.valve.seller_ids.drop_ship = True
        cls.route = cls.env.ref("stock_dropshipping.route_drop_shipping")

    def test_vendor_that_drop_ships_sends_to_the_customer_of_each_order(self):
        orders = self._sell((self.valve, 2)) | self._sell((self.valve, 3))
        purchases = orders.action_buy_shortages()
        self.assertEqual(len(purchases), 2)
        self.assertEqual(purchases.dest_address_id, self.customer)
        self.assertEqual(set(purchases.mapped("default_location_dest_id_usage")), {"customer"})
        self.assertEqual(purchases.order_line.sale_line_id, orders.order_line)
        self.assertTrue(all(orders.peg_ids.mapped("is_drop_ship")))
        self.assertEqual(set(orders.picking_ids.mapped("state")), {"cancel"})

    def test_drop_shipment_delivers_the_sale(self):
        order = self._sell((self.valve, 2))
        purchase = order.action_buy_shortages()
        purchase.button_confirm()
        self.assertIn(purchase.picking_ids, order.picking_ids)
        purchase.action_receive_all()
        self.assertEqual(order.order_line.qty_delivered, 2)
        self.assertEqual(order.peg_ids.state, "delivered")
        self.assertEqual(self.valve.qty_available, 0)

    def test_second_call_drop_ships_nothing_more(self):
        order = self._sell((self.valve, 2))
        purchase = order.action_buy_shortages()
        self.assertEqual(order.action_buy_shortages(), purchase)

    def test_line_partly_reserved_is_bought_for_the_warehouse(self):
        self._add_stock(self.valve, 1)
        order = self._sell((self.valve, 3))
        purchase = order.action_buy_shortages()
        self.assertEqual(purchase.picking_type_id, self.warehouse.in_type_id)
        self.assertEqual(purchase.order_line.product_qty, 2)

    def test_cancelled_drop_shipment_goes_back_to_the_warehouse(self):
        order = self._sell((self.valve, 2))
        order.action_buy_shortages().button_cancel()
        delivery = order.picking_ids.filtered(lambda picking: picking.state != "cancel")
        self.assertEqual(delivery.picking_type_id, self.warehouse.out_type_id)
        self.assertEqual(delivery.move_lines.product_uom_qty, 2)
        self.assertTrue(order.action_buy_shortages().order_line.sale_line_id)

    def test_odoos_own_drop_ship_route_is_pegged_too(self):
        heater = self._create_product("Heater", sellers=[(self.acme, 0, 80.0)], route_ids=[(6, 0, self.route.ids)])
        order = self._sell((heater, 4))
        self.assertEqual(order.peg_ids.mapped("quantity"), [4])
        self.assertTrue(order.peg_ids.is_drop_ship)
        purchase = order.action_buy_shortages()
        self.assertEqual(purchase, order.peg_ids.purchase_order_id)
        purchase.order_line.product_qty = 5
        self.assertEqual(order.peg_ids.quantity, 5)
