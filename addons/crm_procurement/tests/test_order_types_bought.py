# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.addons.crm_sales_order.tests.order_types import OrderTypeCase
from odoo.tests import tagged

from ..exceptions import ProcurementError


@tagged("post_install", "-at_install")
class TestBoughtKinds(OrderTypeCase):
    """Goods bought for an order: from quotation to closed receivable, with the purchase and its bill.

    100 pumps are in stock; a pump costs 300 from Acme and sells for 500, 13 % VAT on top.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.acme = cls.env["res.partner"].create({"name": "Acme Pumps", "is_company": True, "supplier_rank": 1})
        cls.valued = cls.env["product.category"].create(
            {"name": "Valued at purchase", "property_valuation": "real_time", "property_cost_method": "fifo"}
        )
        cls.goods_account = cls._account("Goods", "GDS", "account.data_account_type_current_assets")
        cls.clearing_account = cls._account("Goods received", "GRN", "account.data_account_type_current_liabilities")
        cls.delivered_account = cls._account("Goods delivered", "GDL", "account.data_account_type_current_assets")
        cls.cost_account = cls._account("Cost of goods", "CGO", "account.data_account_type_direct_costs")
        cls.company.anglo_saxon_accounting = True
        cls.valued.write(
            {
                "property_stock_valuation_account_id": cls.goods_account.id,
                "property_stock_account_input_categ_id": cls.clearing_account.id,
                "property_stock_account_output_categ_id": cls.delivered_account.id,
                "property_account_expense_categ_id": cls.cost_account.id,
            }
        )
        sellers = [(0, 0, {"name": cls.acme.id, "price": 300.0, "delay": 3})]
        cls.press = cls._create_product("Press", 500.0, taxes_id=[(6, 0, cls.vat.ids)], seller_ids=sellers, categ_id=cls.valued.id)
        cls.press.supplier_taxes_id = False

    @classmethod
    def _account(cls, name, code, kind):
        vals = {"name": name, "code": code, "user_type_id": cls.env.ref(kind).id, "company_id": cls.company.id}
        return cls.env["account.account"].create(vals)

    def _pay_vendor(self, purchase):
        """The vendor's bill over what was received, posted and paid; the ledger owes the vendor nothing."""
        action = purchase.action_create_invoice()
        bill = self.env["account.move"].browse(action["res_id"])
        bill.invoice_date = purchase.date_order.date()
        bill.action_post()
        self.pay(bill)
        self.assertIn(bill.payment_state, ("paid", "in_payment"))
        return bill

    def _assert_books(self, cost):
        """What was received is billed, what was delivered is cost, no value is left in stock."""
        accounts = (self.goods_account, self.clearing_account, self.delivered_account, self.cost_account)
        self.assertEqual([round(self.balance(account), 2) for account in accounts], [0, 0, 0, cost])

    def test_drop_ship(self):
        order = self.sign(self.quote("drop_ship", (self.press, 4)))
        purchase = order.peg_ids.purchase_order_id
        self.assertEqual((purchase.partner_id, purchase.state, purchase.dest_address_id), (self.acme, "draft", self.customer))
        self.assertIn("buyer confirms", order.flow_hint)
        purchase.button_confirm()
        self.assertEqual(order.picking_ids, purchase.picking_ids)
        self.assertEqual(order.picking_ids.location_id.usage, "supplier")
        purchase.action_receive_all()
        self.assertEqual((order.order_line.qty_delivered, self.stock(self.press)), (4, 0))
        self.pay(self.bill(order))
        self.assertEqual(self._pay_vendor(purchase).amount_total, 1200)
        self._assert_books(cost=1200)
        self.assertEqual(order.margin, 800)
        self.assert_closed(order, 2260)

    def test_sell_to_buy(self):
        line = {"product_id": self.press.id, "product_qty": 1, "price_unit": 300}
        earlier = self.env["purchase.order"].create({"partner_id": self.acme.id, "order_line": [(0, 0, line)]})
        earlier.button_confirm()
        earlier.action_receive_all()
        self._pay_vendor(earlier)
        order = self.sign(self.quote("sell_to_buy", (self.press, 4)))
        purchase = order.peg_ids.purchase_order_id
        self.assertEqual(purchase.order_line.product_qty, 3)
        self.assertFalse(purchase.user_id)
        self.assertFalse(order.action_buy_shortages() - purchase)
        purchase.button_confirm()
        purchase.action_receive_all()
        self.ship(order)
        self.assertEqual((order.order_line.qty_delivered, self.stock(self.press)), (4, 0))
        self.pay(self.bill(order))
        self.assertEqual(self._pay_vendor(purchase).amount_total, 900)
        self._assert_books(cost=1200)
        self.assert_closed(order, 2260)

    def test_sell_to_buy_buys_nothing_that_is_there(self):
        self._add_stock(self.press, 4)
        order = self.sign(self.quote("sell_to_buy", (self.press, 4)))
        self.assertFalse(order.peg_ids)
        self.ship(order)
        self.pay(self.bill(order))
        self.assert_closed(order, 2260)

    def test_back_to_back_project(self):
        self._add_stock(self.press, 10)  # other orders' goods: the project takes none of them
        order = self.sign(self.quote("project", (self.press, 4), (self.install, 1)))
        other = self.sign(self.quote("project", (self.press, 2)))
        purchase = order.peg_ids.purchase_order_id
        self.assertEqual((len(purchase), purchase.order_line.product_qty), (1, 4))
        self.assertNotEqual(other.peg_ids.purchase_order_id, purchase)
        self.assertEqual((order.picking_ids.state, self.stock(self.press)), ("waiting", 10))
        self._invoice_due(order, 745.8)  # 30 % of (2000 + 200) * 1.13
        purchase.button_confirm()
        purchase.action_receive_all()
        self.assertEqual((order.picking_ids.state, other.picking_ids.state), ("assigned", "waiting"))
        order.instalment_ids.filtered(lambda part: part.trigger == "milestone").action_reach()
        self._invoice_due(order, 994.4)
        self.ship(order)
        self.assertEqual(self.stock(self.press), 10)
        self.accept(order)
        self._invoice_due(order, 745.8)
        self.assertEqual(self._pay_vendor(purchase).amount_total, 1200)
        self._assert_books(cost=1200)
        other.action_cancel()
        self.assert_closed(order, 2486)

    def _invoice_due(self, order, amount):
        before = order.invoice_ids
        self.bill(order)
        invoice = order.invoice_ids - before
        self.assertAlmostEqual(invoice.amount_total, amount, 2)
        self.pay(invoice)

    def test_without_a_vendor(self):
        self.press.seller_ids.unlink()
        for code in ("drop_ship", "project", "sell_to_buy"):
            with self.subTest(code), self.assertRaisesRegex(ProcurementError, "Press"), self.rolled_back():
                self.sign(self.quote(code, (self.press, 4)))

    def test_a_rep_confirms_without_rights_to_buy(self):
        rep = self._create_user("rita", "crm_core.group_sales_rep")
        for code in ("drop_ship", "sell_to_buy", "project"):
            with self.subTest(code), self.rolled_back():
                order = self.quote(code, (self.press, 4))
                order.user_id = rep
                order.with_user(rep).action_confirm()
                self.assertEqual(order.peg_ids.purchase_order_id.partner_id, self.acme)

    def test_make_to_order_waits_for_manufacturing(self):
        kind = self.env.ref("crm_procurement.order_type_make")
        self.assertEqual(kind.active, "mrp.bom" in self.env)
        if not kind.active:
            order = self.quote("standard", (self.press, 1))
            order.order_type_id = kind
            with self.assertRaisesRegex(ProcurementError, "Manufacturing"):
                order.action_confirm()
