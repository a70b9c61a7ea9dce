# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import datetime

from odoo.tests import tagged

from ..exceptions import ProcurementError
from .common import ProcurementCase


@tagged("post_install", "-at_install")
class TestProgress(ProcurementCase):
    def test_order_shows_how_far_its_slowest_purchase_is(self):
        order = self._sell((self.pump, 8), (self.valve, 2))
        self.assertFalse(order.procurement_state)
        purchase = order.action_buy_shortages()
        self.assertEqual(order.procurement_state, "draft")
        purchase.button_confirm()
        self.assertEqual(order.procurement_state, "ordered")
        purchase.action_receive_all()
        self.assertEqual(order.procurement_state, "received")
        self._deliver(order)
        self.assertEqual(order.procurement_state, "delivered")
        self.assertEqual(order.order_line.mapped("qty_delivered"), [8, 2])

    def test_partial_receipt_serves_the_oldest_peg_first(self):
        first, second = self._sell((self.valve, 2)), self._sell((self.valve, 3))
        purchase = (first | second).action_buy_shortages()
        purchase.button_confirm()
        purchase.picking_ids.move_lines.quantity_done = 4
        purchase.picking_ids._action_done()
        self.assertEqual((first.peg_ids.state, second.peg_ids.state), ("received", "ordered"))
        self.assertEqual((second.peg_ids.quantity_received, second.peg_ids.quantity_open), (2, 1))

    def test_goods_of_a_cancelled_sale_go_to_the_next_peg_of_the_purchase(self):
        first, second = self._sell((self.valve, 2)), self._sell((self.valve, 3))
        purchase = (first | second).action_buy_shortages()
        purchase.button_confirm()
        purchase.picking_ids.move_lines.quantity_done = 3
        purchase.picking_ids._action_done()
        self.assertEqual(second.peg_ids.quantity_received, 1)
        first.action_cancel()
        self.assertEqual((first.peg_ids.state, second.peg_ids.state), ("cancel", "received"))

    def test_received_goods_are_reserved_for_the_sale_they_were_bought_for(self):
        earlier = self._sell((self.valve, 5))
        bought_for = self._sell((self.valve, 3))
        self.env["crm.purchase.peg"].create(
            {
                "sale_line_id": bought_for.order_line.id,
                "quantity": 3,
                "purchase_line_id": self._buy(self.valve, 3).order_line.id,
            }
        )
        purchase = bought_for.peg_ids.purchase_order_id
        purchase.button_confirm()
        purchase.action_receive_all()
        self.assertEqual(bought_for.picking_ids.state, "assigned")
        self.assertEqual(earlier.picking_ids.state, "confirmed")

    def _buy(self, product, quantity):
        return self.env["purchase.order"].create(
            {
                "partner_id": self.acme.id,
                "order_line": [(0, 0, {"product_id": product.id, "product_qty": quantity, "name": product.name})],
            }
        )

    def test_receiving_all_twice_or_nothing_is_harmless(self):
        purchase = self._sell((self.valve, 2)).action_buy_shortages()
        self.assertTrue(purchase.action_receive_all())
        purchase.button_confirm()
        purchase.action_receive_all()
        purchase.action_receive_all()
        self.assertEqual(purchase.order_line.qty_received, 2)

    def test_goods_with_serial_numbers_are_not_received_blindly(self):
        self.valve.tracking = "serial"
        purchase = self._sell((self.valve, 2)).action_buy_shortages()
        purchase.button_confirm()
        with self.assertRaisesRegex(ProcurementError, "Valve"):
            purchase.action_receive_all()

    def test_vendors_new_date_moves_the_promise_on_the_sale(self):
        order = self._sell((self.valve, 2), (self.pump, 8))
        purchase = order.action_buy_shortages()
        late = datetime(2031, 5, 4, 10)
        purchase.order_line.filtered(lambda line: line.product_id == self.valve).date_planned = late
        valve_line = order.order_line.filtered(lambda line: line.product_id == self.valve)
        self.assertEqual(valve_line.supply_date, late)
        self.assertEqual(order.supply_date, late)
        purchase.button_confirm()
        purchase.action_receive_all()
        self.assertFalse(order.supply_date)

    def test_documents_open_each_other(self):
        order = self._sell((self.valve, 2))
        purchase = order.action_buy_shortages()
        self.assertEqual(order.purchase_order_count, 1)
        self.assertEqual(order.action_view_purchase_orders()["res_id"], purchase.id)
        self.assertEqual(purchase.action_view_sale_orders()["res_id"], order.id)
        self.assertEqual(purchase.peg_count, 1)
        Peg = self.env["crm.purchase.peg"]
        self.assertEqual(Peg.search(order.action_view_pegs()["domain"]), purchase.peg_ids)
        self.assertEqual(Peg.search(purchase.action_view_pegs()["domain"]), purchase.peg_ids)

    def test_list_to_buy_shows_what_would_be_bought_and_buys_it(self):
        first, second = self._sell((self.pump, 8)), self._sell((self.pump, 2), (self.valve, 1))
        Shortage = self.env["crm.purchase.shortage"]
        action = Shortage.action_open()
        rows = Shortage.search([("create_uid", "=", self.env.uid), ("product_id", "in", (self.pump | self.valve).ids)])
        self.assertEqual(action["res_model"], "crm.purchase.shortage")
        self.assertEqual({row.product_id: row.quantity for row in rows}, {self.pump: 5, self.valve: 1})
        self.assertEqual(rows.filtered(lambda row: row.product_id == self.pump).partner_id, self.acme)
        bought = self.env["purchase.order"].search(rows.action_buy()["domain"])
        self.assertEqual(bought, (first | second).peg_ids.purchase_order_id)
        Shortage.action_open()
        self.assertFalse(Shortage.search([("product_id", "in", (self.pump | self.valve).ids)]))
