# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import date

from freezegun import freeze_time
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..exceptions import SalesOrderError
from .order_types import OrderTypeCase


class GoodsCase(OrderTypeCase):
    """Goods that stay ours or come back: pumps valued in the books, bought at 250 and sold at 500."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pump.categ_id = cls.env["product.category"].create(
            {"name": "Valued", "property_valuation": "real_time", "property_cost_method": "standard"}
        )
        cls.cost_account = cls._create_account("Cost of goods out", "CGO", "account.data_account_type_direct_costs")
        cls.stock_account = cls._create_account("Goods", "GDS", "account.data_account_type_current_assets")
        cls.pump.categ_id.write(
            {
                "property_stock_account_output_categ_id": cls.cost_account.id,
                "property_stock_account_input_categ_id": cls.cost_account.id,
                "property_stock_valuation_account_id": cls.stock_account.id,
            }
        )

    @classmethod
    def _create_account(cls, name, code, kind):
        values = {"name": name, "code": code, "user_type_id": cls.env.ref(kind).id, "company_id": cls.company.id}
        return cls.env["account.account"].create(values)

    def place(self, custody, partner=True):
        return self.env["stock.location"]._get_custody_location(self.company, custody, partner and self.customer)

    def quantity(self, place, product=None):
        return sum(
            self.env["stock.quant"]
            .search([("location_id", "=", place.id), ("product_id", "=", (product or self.pump).id)])
            .mapped("quantity")
        )

    def step(self, order, step, quantity, reason="defective"):
        wizard = self.env["crm.goods.step"].create({"order_id": order.id, "step": step, "reason": reason})
        wizard.line_ids[0].quantity = quantity
        return wizard.action_apply()

    def receive(self, order):
        """The warehouse takes in what comes back."""
        receipts = order.picking_ids.filtered(lambda picking: picking.state in ("confirmed", "assigned"))
        receipts.action_assign()
        receipts.action_deliver_available()
        return receipts

    def cost(self):
        return self.balance(self.cost_account)


class TestRental(GoodsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rent = cls._create_product(
            "Pump rent",
            300.0,
            type="service",
            standard_price=0.0,
            rented_product_id=cls.pump.id,
            rent_unit="month",
            rent_deposit=1000.0,
            rent_late_fee=20.0,
            taxes_id=[(6, 0, cls.vat.ids)],
        )
        cls.env.ref("crm_sales_order.product_rental_late").taxes_id = cls.vat
        cls.env.ref("crm_sales_order.product_rental_damage").taxes_id = cls.vat

    def hire(self, pieces=2, start=date(2031, 1, 1), until=date(2031, 3, 31), **values):
        return self.quote("rental", (self.rent, pieces, 300.0), lent_from=start, lent_until=until, **values)

    def test_the_quantity_is_pieces_times_periods_and_a_deposit_is_asked(self):
        order = self.hire()
        rent, deposit = order.order_line
        self.assertEqual((rent.rental_qty, rent.product_uom_qty), (2, 6))
        self.assertEqual((deposit.rental_role, deposit.product_uom_qty, deposit.price_unit), ("deposit", 2, 1000.0))
        self.assertEqual(order.amount_untaxed, 6 * 300 + 2000)
        rent.rental_qty = 1
        self.assertEqual((rent.product_uom_qty, deposit.product_uom_qty), (3, 1))
        order.lent_until = date(2031, 1, 31)
        self.assertEqual(rent.product_uom_qty, 1)
        copied = order.copy({"lent_from": order.lent_from, "lent_until": order.lent_until})
        self.assertEqual(copied.order_line.mapped("rental_role"), [False, "deposit"])

    def test_from_quotation_to_closed_receivable_with_partial_return_late_fee_and_damage(self):
        with freeze_time("2031-01-01 04:00:00"):
            order = self.sign(self.hire())
            self.assertEqual((order.goods_state, order.next_action), ("waiting", "deliver"))
            self.ship(order)
            self.assertEqual((order.goods_state, self.quantity(self.place("rental")), self.stock(self.pump)), ("out", 2, 98))
            self.assertEqual(self.cost(), 0.0, "rented goods are still ours")
            first = self.bill(order)
            # January for two pieces, with VAT, and the deposit without
            self.assertAlmostEqual(first.amount_total, 2 * 300 * 1.13 + 2000, 2)
            self.assertEqual(self.balance(self.company.deposit_account_id), -2000.0)
            self.pay(first)
        with freeze_time("2031-02-10 04:00:00"):
            order._cron_account_rentals()
            february = order.invoice_ids - first
            self.assertEqual((february.state, february.amount_untaxed), ("draft", 600.0))
            february.action_post()
            self.pay(february)
            self.step(order, "back", 1)
            self.receive(order)
            self.assertEqual((order.goods_state, self.quantity(self.place("rental"))), ("out", 1))
        with freeze_time("2031-04-05 04:00:00"):
            # March for the one piece still out, and five days late
            self.assertTrue(order.is_goods_late)
            self.assertIn(order, order.search([("is_goods_late", "=", True)]))
            self.step(order, "back", 1)
            self.receive(order)
            self.assertEqual((order.goods_state, order.next_action, self.stock(self.pump)), ("back", "settle", 100))
            wizard = self.env["crm.rental.settlement"].create({"order_id": order.id, "amount_damage": 500.0, "reason": "Dent"})
            self.assertEqual((wizard.amount_deposit, wizard.amount_late), (2000.0, 100.0))
            wizard.action_settle()
            last = order.invoice_ids - first - february
            self.assertEqual(last.move_type, "out_refund")
            self.assertAlmostEqual(last.amount_total, 2000 - (300 + 100 + 500) * 1.13, 2)
            self.pay(last)
        self.assertEqual(self.balance(self.company.deposit_account_id), 0.0)
        self.assertEqual(self.cost(), 0.0)
        self.assertEqual((order.invoice_status, order.payment_status), ("invoiced", "paid"))
        self.assert_closed(order)
        self.assertEqual(order.amount_untaxed, 5 * 300 + 100 + 500)

    def test_rent_at_once_for_the_whole_time(self):
        with freeze_time("2031-01-01 04:00:00"):
            order = self.sign(self.hire(rent_billing="upfront"))
            self.assertAlmostEqual(self.bill(order).amount_untaxed, 6 * 300 + 2000, 2)

    def test_the_same_piece_is_not_rented_out_twice_for_a_day(self):
        with freeze_time("2031-01-01 04:00:00"):
            self.sign(self.hire(90))
            with self.assertRaisesRegex(SalesOrderError, "there are 100 to rent out, and 101 would be needed"), self.cr.savepoint():
                self.sign(self.hire(11, date(2031, 3, 31), date(2031, 4, 30)))
            order = self.sign(self.hire(11, date(2031, 4, 1), date(2031, 4, 30)))
            for values in ({"lent_from": date(2031, 3, 31)}, {"order_line": [(1, order.order_line[0].id, {"rental_qty": 101})]}):
                with self.assertRaisesRegex(SalesOrderError, "there are 100 to rent out"), self.cr.savepoint():
                    order.write(values)
            order.lent_from = date(2031, 4, 2)
            self.assertEqual(order.picking_ids.move_lines.date.date(), date(2031, 4, 2), "the warehouse hears of it")

    def test_a_booked_piece_serves_others_until_then_but_nobody_buys_it(self):
        with freeze_time("2031-01-01 04:00:00"):
            later = self.sign(self.hire(100, date(2031, 2, 1), date(2031, 2, 28)))
            self.assertEqual(later.picking_ids.state, "confirmed", "set aside when it is time")
            sale = self.sign(self.quote("standard", (self.pump, 1)))
            self.assertEqual((sale.stock_state, sale.picking_ids.state), ("short", "confirmed"), "promised to February")
            sooner = self.sign(self.hire(1, date(2031, 1, 1), date(2031, 1, 31)))
            self.ship(sooner)
            self.assertEqual(sooner.goods_state, "out")
            self.step(sooner, "back", 1)
            self.env["crm.stock.promise"]._replan(self.pump.ids)
            self.assertEqual(sale.stock_state, "short", "coming back for February only")
            self.receive(sooner)
            later.picking_ids.action_assign()
            self.assertEqual(later.picking_ids.state, "confirmed")
        with freeze_time("2031-01-31 04:00:00"):
            later.picking_ids.action_assign()
            self.assertEqual(later.picking_ids.state, "assigned")
            later.with_context(disable_cancel_warning=True).action_cancel()
            self.env["crm.stock.promise"]._replan(self.pump.ids)
            self.assertEqual((sale.stock_state, sale.picking_ids.state), ("all", "assigned"))

    def test_wrong_dates_and_quantities_say_what_to_do(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.hire(until=date(2030, 12, 31)).flush()
        with self.assertRaisesRegex(SalesOrderError, "from when and until when"):
            self.sign(self.hire(until=False))
        order = self.hire()
        order.order_line[0].write({"rental_qty": 0, "product_uom_qty": 0})
        with self.assertRaisesRegex(SalesOrderError, "at least one piece"):
            self.sign(order)
        with self.assertRaisesRegex(SalesOrderError, "type “Rental”"):
            self.sign(self.quote("standard", (self.rent, 1)))
        with self.assertRaisesRegex(ValidationError, "rent is a service"):
            self.rent.type = "consu"

    def test_settling_needs_the_goods_back(self):
        with freeze_time("2031-01-01 04:00:00"):
            order = self.sign(self.hire())
            self.ship(order)
            with self.assertRaisesRegex(SalesOrderError, "not all goods are back"):
                order._settle_rental()
            self.step(order, "keep", 2)  # lost
            self.assertEqual((order.goods_state, self.cost()), ("back", 500.0))
            order._settle_rental(damage=3000.0, reason="Both pumps lost")
            self.assertEqual(order.order_line.filtered(lambda line: line.rental_role == "damage").price_unit, 3000.0)


class TestLoanAndConsignment(GoodsCase):
    def test_a_loan_comes_back_in_part_and_the_rest_is_sold(self):
        with freeze_time("2031-01-01 04:00:00"):
            order = self.sign(self.quote("loan", lent_until=date(2031, 1, 31)))
            self.ship(order)
            self.assertEqual((order.goods_state, order.invoice_status, self.cost()), ("out", "no", 0.0))
            self.assertEqual((order.payment_status, order.next_action), ("none", "give_back"))
            self.assertEqual((self.stock(self.pump), self.quantity(self.place("loan"))), (96, 4))
            self.step(order, "back", 3)
            self.receive(order)
            self.step(order, "keep", 1)
            self.assertEqual((self.stock(self.pump), self.quantity(self.place("loan"))), (99, 0))
            self.assertEqual((order.goods_state, order.order_line.product_uom_qty, self.cost()), ("back", 1, 250.0))
            self.assertAlmostEqual(order.invoice_ids.amount_total, 565.0, 2)
            self.pay(order.invoice_ids)
            self.assert_closed(order)

    def test_a_loan_that_comes_back_costs_nothing_and_wins_nothing(self):
        lead = self._create_opportunities([1000.0])
        with freeze_time("2031-01-01 04:00:00"):
            order = self.sign(self.quote("loan", lent_until=date(2031, 1, 31), opportunity_id=lead.id))
            self.assertFalse(lead.stage_id.is_won)
            self.ship(order)
            self.step(order, "back", 4)
            self.receive(order)
            self.assertEqual((order.goods_state, order.amount_total, order.next_action), ("back", 0.0, "done"))
            self.assertFalse(order.invoice_ids)

    def test_the_rep_is_reminded_of_a_loan(self):
        rep = self._create_user("loan_rep", "crm_core.group_sales_rep")
        with freeze_time("2031-01-01 04:00:00"):
            order = self.sign(self.quote("loan", lent_until=date(2031, 1, 31), user_id=rep.id))
            self.ship(order)
        reminders = self.env["crm.notification"].search([("res_model", "=", "sale.order"), ("res_id", "=", order.id)])
        for day, count in (("2031-01-28", 0), ("2031-01-29", 1), ("2031-02-01", 1)):
            with freeze_time(day + " 04:00:00"):
                self.env["sale.order"]._cron_remind_of_goods()
                self.env["sale.order"]._cron_remind_of_goods()
                found = reminders.search([("res_model", "=", "sale.order"), ("res_id", "=", order.id)])
                self.assertEqual(len(found - reminders), count)
                reminders = found

    def test_a_loan_needs_a_day_and_goods(self):
        for message, order in (
            ("due back", self.quote("loan")),
            ("in the past", self.quote("loan", lent_until=date(2020, 1, 1))),
            ("services cannot come back", self.quote("loan", (self.install, 1), lent_until=date(2131, 1, 1))),
        ):
            with self.assertRaisesRegex(SalesOrderError, message):
                self.sign(order)

    def test_consignment_is_invoiced_as_it_is_used(self):
        order = self.sign(self.quote("consignment", (self.pump, 10)))
        self.ship(order)
        place = self.place("consignment")
        self.assertEqual((self.quantity(place), order.invoice_status, self.cost()), (10, "no", 0.0))
        for used in (3, 4):
            self.step(order, "keep", used)
        self.assertEqual((self.quantity(place), self.cost()), (3, 7 * 250.0))
        self.assertEqual(order.invoice_ids.sorted("id").mapped("amount_untaxed"), [1500.0, 2000.0])
        with self.assertRaisesRegex(SalesOrderError, "from 0 to 3"):
            self.step(order, "keep", 4)
        self.step(order, "back", 3)
        self.receive(order)
        self.assertEqual((order.goods_state, order.order_line.product_uom_qty), ("back", 7))
        self.pay(order.invoice_ids)
        self.assert_closed(order)

    def test_what_is_on_its_way_back_is_not_sold_as_well(self):
        order = self.sign(self.quote("consignment", (self.pump, 2)))
        self.ship(order)
        self.step(order, "back", 2)
        with self.assertRaisesRegex(SalesOrderError, "no goods are left"):
            self.step(order, "keep", 1)
        with self.assertRaisesRegex(SalesOrderError, "less than that is with the customer"):
            order._report_consumption({order.order_line: 1})
        with self.assertRaisesRegex(SalesOrderError, "only 0 can come back"):
            order._bring_back({order.order_line: 1})

    def test_nobody_moves_the_goods_of_another_rep(self):
        mine, other = (self._create_user(login, "crm_core.group_sales_rep") for login in ("goods_rep", "goods_other"))
        order = self.sign(self.quote("consignment", (self.pump, 2), user_id=mine.id))
        self.ship(order)
        wizard = self.env["crm.goods.step"].with_user(mine).create({"order_id": order.id, "step": "keep"})
        wizard.line_ids.quantity = 1
        wizard.action_apply()
        self.assertEqual(order.order_line.qty_delivered, 1)
        self.assertEqual(order.invoice_ids.state, "draft", "finance posts")
        with self.assertRaises(AccessError):
            self.env["crm.goods.step"].with_user(other).create({"order_id": order.id, "step": "keep"})
        line = wizard.line_ids.with_user(other).create({"step_id": wizard.id, "order_line_id": order.order_line.id})
        with self.assertRaises(AccessError):
            line.read(["goods_name", "most"])
        with self.assertRaises(AccessError):
            order.with_user(other)._report_consumption({order.order_line: 1})


class TestReturnAndExchange(GoodsCase):
    def sell(self, quantity=4):
        order = self.sign(self.quote("standard", (self.pump, quantity)))
        self.ship(order)
        self.bill(order)
        return order

    def take_back(self, order, quantity, step="return"):
        action = self.step(order, step, quantity)
        return self.env["sale.order"].browse(action["res_id"])

    def check(self, receipt, restock, scrap, user=None):
        check = self.env["crm.goods.check"].with_user(user or self.env.user)
        check = check.browse(receipt.with_user(user or self.env.user).action_check_goods()["res_id"])
        check.line_ids.write({"restock_qty": restock, "scrap_qty": scrap})
        check.action_apply()

    def test_return_from_delivery_to_matched_credit_note(self):
        sold = self.sell()
        returned = self.take_back(sold, 2)
        self.assertEqual((returned.flow, returned.amount_untaxed), ("return", -1000.0))
        self.sign(returned)
        self.assertEqual((returned.invoice_status, returned.next_action), ("no", "give_back"))
        receipt = self.receive(returned)
        place = self.place("check", partner=False)
        self.assertEqual((self.quantity(place), self.stock(self.pump), receipt.check_state), (2, 96, "to_check"))
        self.assertEqual(self.cost(), 2 * 250.0, "the cost of what came back is taken back")
        warehouse = self._create_user("goods_warehouse", "crm_sales_order.group_warehouse")
        self.check(receipt, 1, 1, warehouse)
        self.assertEqual((self.quantity(place), self.stock(self.pump), receipt.check_state), (0, 97, "checked"))
        credit = self.bill(returned)
        self.assertEqual((credit.move_type, credit.state), ("out_refund", "posted"))
        self.assertAlmostEqual(credit.amount_total, 1130.0, 2)
        self.assertEqual(credit.payment_state, "paid", "matched with the open invoice")
        self.assertAlmostEqual(sold.invoice_ids.amount_residual, 1130.0, 2)
        self.pay(sold.invoice_ids)
        self.assert_closed(sold)
        self.assert_closed(returned)
        self.assertEqual((returned.payment_status, returned.next_action), ("paid", "done"))
        self.assertEqual(sold.order_line.qty_delivered, 4, "the sale stays what it was")

    def test_what_was_paid_already_is_paid_back(self):
        sold = self.sell()
        self.pay(sold.invoice_ids)
        returned = self.sign(self.take_back(sold, 4))
        self.receive(returned)
        credit = self.bill(returned)
        self.assertEqual((credit.payment_state, returned.payment_status), ("not_paid", "billed"))
        self.pay(credit)
        self.assert_closed(returned)

    def test_not_more_comes_back_than_was_delivered(self):
        sold = self.sell()
        with self.assertRaisesRegex(SalesOrderError, "from 0 to 4"):
            self.take_back(sold, 5)
        for quantity in (-1, 0):
            with self.assertRaises(SalesOrderError):
                self.take_back(sold, quantity)
        first, second = self.take_back(sold, 3), self.take_back(sold, 3)
        self.sign(first)
        with self.assertRaisesRegex(SalesOrderError, "More would come back than was delivered: .* by 2"), self.cr.savepoint():
            self.sign(second)
        self.env.clear()  # what the refused transaction left there
        second.order_line.product_uom_qty = -1
        self.sign(second)

    def test_what_was_cancelled_or_never_delivered_does_not_come_back(self):
        order = self.quote("standard")
        with self.assertRaisesRegex(SalesOrderError, "not a confirmed order"):
            self.take_back(order, 1)
        order.action_cancel()
        with self.assertRaisesRegex(SalesOrderError, "not a confirmed order"):
            self.take_back(order, 1)
        confirmed = self.sign(self.quote("standard"))
        with self.assertRaisesRegex(SalesOrderError, "no goods are left"):
            self.take_back(confirmed, 1)

    def test_a_return_takes_back_only_and_from_the_same_customer(self):
        sold = self.sell()
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        cases = (
            ("takes nothing back", lambda order: order.order_line.unlink()),
            ("type Exchange", lambda order: order.write({"order_line": [(0, 0, {"product_id": self.valve.id})]})),
            ("not delivered to this customer", lambda order: order.write({"partner_id": stranger.id})),
            ("choose why", lambda order: order.write({"return_reason": False})),
            ("below zero", lambda order: order.order_line.write({"product_uom_qty": 1})),
            ("choose the type Return", lambda order: order.write({"order_type_id": self.kind("standard").id})),
        )
        for message, spoil in cases:
            order = self.take_back(sold, 1)
            spoil(order)
            with self.subTest(message), self.assertRaisesRegex(SalesOrderError, message):
                order.action_confirm()

    def test_an_exchange_settles_the_difference_in_one_order(self):
        for price, kind in ((600.0, "out_invoice"), (100.0, "out_refund")):
            with self.subTest(kind):
                sold = self.sell(1)
                self.pay(sold.invoice_ids)
                self._add_stock(self.valve, 1)
                order = self.take_back(sold, 1, "exchange")
                self.valve.taxes_id = self.vat
                order.write({"order_line": [(0, 0, {"product_id": self.valve.id, "price_unit": price})]})
                self.sign(order)
                self.receive(order)
                self.assertEqual(order.order_line.mapped("qty_delivered"), [-1, 1])
                invoice = self.bill(order)
                self.assertEqual(invoice.move_type, kind)
                self.assertAlmostEqual(invoice.amount_total, abs(price - 500) * 1.13, 2)
                self.pay(invoice)
                self.assert_closed(order)

    def test_the_check_adds_up(self):
        returned = self.sign(self.take_back(self.sell(), 2))
        receipt = self.receive(returned)
        for restock, scrap in ((2, 1), (-1, 1), (0, 0)):
            with self.assertRaises(SalesOrderError):
                self.check(receipt, restock, scrap)
        self.check(receipt, 1, 0)
        self.assertEqual(receipt.check_state, "to_check")
        self.check(receipt, 0, 1)
        with self.assertRaisesRegex(SalesOrderError, "nothing to check"):
            receipt.action_check_goods()
