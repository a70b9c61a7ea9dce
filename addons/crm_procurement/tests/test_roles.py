# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..exceptions import ProcurementError
from .common import ProcurementCase


@tagged("post_install", "-at_install")
class TestRoles(ProcurementCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer = cls._create_user("proc_buyer", "crm_procurement.group_buyer", "base.group_allow_export")
        cls.boss = cls._create_user("proc_boss", "crm_core.group_executive")
        cls.rep = cls._create_user("proc_rep", "crm_core.group_sales_rep")
        cls.other_rep = cls._create_user("proc_rep2", "crm_core.group_sales_rep")
        cls.order = cls._sell((cls.valve, 2), user_id=cls.rep.id)

    def test_buyer_buys_for_sales_without_seeing_them(self):
        orders = self.order.with_user(self.buyer)
        purchase = orders.action_buy_shortages()
        self.assertEqual(purchase.user_id, self.buyer)
        purchase.button_confirm()
        peg = self.env["crm.purchase.peg"].with_user(self.buyer).search([("purchase_order_id", "=", purchase.id)])
        self.assertEqual(peg.read(["sale_order_id"])[0]["sale_order_id"], (self.order.id, self.order.name))
        for records in (orders, self.order.order_line.with_user(self.buyer)):
            with self.assertRaises(AccessError):
                records.read(["name"])

    def test_buyer_buys_for_no_other_company(self):
        """Orders are read past the buyer's rights, which know no orders: their company is asked for all the same."""
        company = self.env["res.company"].create({"name": "Sister"})
        self.env.cr.execute("UPDATE sale_order SET company_id = %s WHERE id = %s", [company.id, self.order.id])
        self.order.invalidate_cache()
        with self.assertRaisesRegex(ProcurementError, "another company"):
            self.order.with_user(self.buyer).action_buy_shortages()
        self.assertFalse(self.order.peg_ids)

    def test_buyer_cannot_reach_the_margin_on_any_route(self):
        fields = ["margin", "purchase_price", "price_unit"]
        Line = self.env["sale.order.line"].with_user(self.buyer)
        routes = [
            lambda: Line.search_read([], fields),
            lambda: Line.read_group([], ["margin"], ["order_id"]),
            lambda: Line.browse(self.order.order_line.ids).export_data(fields),
            lambda: Line.search([("margin", ">", 0)]),
            lambda: self.env["sale.order"].with_user(self.buyer).search_read([], ["margin"]),
            lambda: self.env["sale.report"].with_user(self.buyer).search_read([], ["margin"]),
        ]
        for route in routes:
            with self.assertRaises(AccessError):
                route()

    def test_buyer_does_not_see_customers_contact_details(self):
        self.assertFalse(self.buyer.has_group("crm_core.group_contact_details"))
        self.assertNotEqual(self.customer.with_user(self.buyer).read(["phone"])[0]["phone"], "+86 755 1234 5678")
        self.acme.phone = "+86 755 8888 0000"
        self.assertEqual(self.acme.with_user(self.buyer).read(["phone"])[0]["phone"], "+86 755 8888 0000")

    def test_buyer_and_executive_open_the_list_to_buy_from_the_menu(self):
        menu_action = self.env.ref("crm_procurement.menu_shortage").action
        for user in (self.buyer, self.boss):
            self.assertEqual(menu_action.with_user(user).run()["res_model"], "crm.purchase.shortage")
        Shortage = self.env["crm.purchase.shortage"].with_user(self.buyer)
        row = Shortage.search([("product_id", "=", self.valve.id)])
        self.assertEqual(row.sale_order_names, self.order.name)
        self.assertTrue(row.action_buy()["domain"])

    def test_nobody_makes_or_changes_pegs_by_hand(self):
        self.order.action_buy_shortages()
        for user in (self.buyer, self.boss, self.rep):
            peg = self.order.peg_ids.with_user(user)
            with self.assertRaises(AccessError):
                peg.write({"quantity": 1})
            with self.assertRaises(AccessError):
                peg.unlink()

    def test_executive_reads_but_does_not_buy(self):
        with self.assertRaises(AccessError):
            self.order.with_user(self.boss).action_buy_shortages()
        purchase = self.order.action_buy_shortages().with_user(self.boss)
        self.assertTrue(purchase.read(["name", "amount_total"]))
        self.assertTrue(purchase.peg_ids.read(["state"]))
        for call in (lambda: purchase.write({"notes": "x"}), purchase.order_line.unlink, purchase.copy):
            with self.assertRaises(AccessError):
                call()

    def test_warehouse_receives_without_seeing_purchase_prices(self):
        worker = self._create_user("proc_worker", "crm_sales_order.group_warehouse")
        purchase = self.order.action_buy_shortages()
        purchase.button_confirm()
        own = purchase.with_user(worker)
        self.assertFalse(
            any(
                own.read(["amount_untaxed", "amount_tax", "amount_total"])[0][name]
                for name in ("amount_untaxed", "amount_tax", "amount_total")
            )
        )
        self.assertFalse(own.order_line.read(["price_unit"])[0]["price_unit"])
        with self.assertRaises(AccessError):
            own.search([("amount_total", ">", 0)])
        own.action_receive_all()
        self.assertEqual(purchase.order_line.qty_received, 2)
        self.assertTrue(purchase.with_user(self.buyer).read(["amount_total"])[0]["amount_total"])

    def test_rep_sees_the_progress_of_own_orders_only(self):
        self.order.action_buy_shortages()
        self.assertEqual(self.order.with_user(self.rep).procurement_state, "draft")
        Peg = self.env["crm.purchase.peg"]
        self.assertEqual(Peg.with_user(self.rep).search([("sale_order_id", "=", self.order.id)]), self.order.peg_ids)
        self.assertFalse(Peg.with_user(self.other_rep).search([("sale_order_id", "=", self.order.id)]))
        with self.assertRaises(AccessError):
            self.order.with_user(self.rep).action_buy_shortages()
