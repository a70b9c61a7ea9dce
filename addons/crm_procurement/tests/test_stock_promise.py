# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import ProcurementCase


@tagged("post_install", "-at_install")
class TestStockPromise(ProcurementCase):
    """5 pumps are there, no valves; what is bought for a sale is promised to it, on the vendor's day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rep = cls._create_user("promise-rep", "crm_core.group_sales_rep")
        cls.buyer = cls._create_user("promise-buyer", "crm_procurement.group_buyer")
        cls.now = fields.Datetime.now()

    def _replan(self):
        self.env["crm.stock.promise"]._replan((self.pump | self.valve).ids)

    def _buy(self, order, days):
        purchase = order.action_buy_shortages()
        purchase.button_confirm()
        purchase.order_line.date_planned = self.now + timedelta(days=days)
        self._replan()
        return purchase

    def _days(self, order):
        return [(row.quantity, (row.date.date() - self.now.date()).days) for row in order.promise_ids.sorted("date")]

    def _offer(self, order, user):
        action = order.order_line.with_user(user).action_view_availability()
        offers = self.env["crm.stock.check"].with_user(user).browse(action["res_id"]).offer_ids
        return offers.filtered(lambda offer: offer.kind == "buy")

    def test_the_vendors_day_is_the_customers_day_and_moves_with_it(self):
        order = self._sell((self.valve, 3))
        self.assertFalse(order.promised_date)
        purchase = self._buy(order, 7)
        self.assertEqual(self._days(order), [(3, 7)])
        purchase.order_line.date_planned = self.now + timedelta(days=12)
        self._replan()
        self.assertEqual(self._days(order), [(3, 12)])
        purchase.button_cancel()
        self._replan()
        self.assertEqual(self._days(order), [])

    def test_a_request_for_quotation_promises_nothing(self):
        order = self._sell((self.valve, 3))
        order.action_buy_shortages()
        self._replan()
        self.assertFalse(order.promise_ids)

    def test_what_is_bought_for_a_sale_is_not_promised_to_one_that_waits_longer(self):
        longer = self._sell((self.valve, 2))
        order = self._sell((self.valve, 3))
        purchase = order.order_line._buy_shortages()
        purchase.button_confirm()
        self._replan()
        self.assertEqual((sum(order.promise_ids.mapped("quantity")), longer.promise_ids.ids), (3, []))

    def test_a_vendor_who_ships_frees_the_warehouses_goods_and_cancelling_takes_them_back(self):
        self.pump.seller_ids.drop_ship = True
        order = self._sell((self.pump, 8))
        self.assertEqual(self._days(order), [(5, 0)])
        order.picking_ids.do_unreserve()
        purchase = order.action_buy_shortages()
        self.assertFalse(order.promise_ids)
        purchase.button_cancel()
        self.assertEqual(self._days(order), [(5, 0)])

    def test_a_rep_asks_the_buyers(self):
        order = self._sell((self.valve, 3), confirm=False, user_id=self.rep.id)
        self._offer(order, self.rep).action_take()
        order.with_user(self.rep).action_confirm()
        self.assertFalse(order.promise_ids)
        message = self.env["crm.notification"].sudo().search([("user_id", "=", self.buyer.id)], limit=1)
        self.assertIn("Valve: 3", message.body)
        self.assertFalse(order.peg_ids)

    def test_a_buyer_buys_at_once(self):
        order = self._sell((self.valve, 3))
        offer = order.order_line._get_offers()[-1]
        self.assertEqual((offer["kind"], "7 days" in offer["note"]), ("buy", True))
        self.env["crm.stock.check"].browse(order.order_line.action_view_availability()["res_id"]).offer_ids[-1].action_take()
        self.assertEqual(order.peg_ids.quantity, 3)
