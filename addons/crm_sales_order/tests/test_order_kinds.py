# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What is special about each kind of order."""

from dateutil.relativedelta import relativedelta
from odoo import fields
from odoo.exceptions import UserError
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..exceptions import CallOffError, InstalmentError, SalesOrderError, SubscriptionError
from .order_types import OrderTypeCase


class TestSpotCash(OrderTypeCase):
    def test_nothing_ships_before_it_is_paid(self):
        order = self.sign(self.quote("spot_cash"))
        with self.assertRaisesRegex(SalesOrderError, "paid before the goods leave"):
            self.ship(order)
        self.pay(self.bill(order))
        self.ship(order)
        self.assertEqual(order.picking_ids.state, "done")
        self.assert_closed(order)

    def test_one_button_from_quotation_to_shipped_for_who_may_post(self):
        order = self.quote("spot_cash")
        rep = self._create_user("cash_rep", "crm_core.group_sales_rep")
        order.user_id = rep
        with self.assertRaisesRegex(SalesOrderError, "Finance takes the money"):
            order.with_user(rep).action_take_payment()
        finance = self._create_user("cash_desk", "crm_sales_order.group_finance")
        self.sign(order).with_user(finance).action_take_payment()
        self.assertEqual(order.picking_ids.state, "done")
        self.assert_closed(order)
        self.assertFalse(order.with_user(finance).action_take_payment(), "pressed twice, nothing happens twice")
        self.assertEqual(len(order.invoice_ids), 1)


class TestFree(OrderTypeCase):
    """Gift and internal use: no receivable; cost is an expense, whichever way stock is valued."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kind("gift").deemed_sale = "price"

    def _expense(self, code, valuation, back=0.0):
        other = self.env["account.account"].search([("company_id", "=", self.company.id), ("code", "=like", "14%")], limit=2)
        accounts = {"property_stock_account_%s_categ_id" % name: other[0].id for name in ("input", "output")}
        accounts["property_stock_valuation_account_id"] = other[1].id
        category = self.env["product.category"].create(
            {"name": "Test", "property_valuation": valuation, "property_cost_method": "standard", **accounts}
        )
        self.pump.categ_id = category
        account = self.kind(code)._get_account("expense_account_id", self.company)
        customer = self.company.partner_id if code == "internal" else self.customer
        before = self.balance(account)
        order = self.quote(code, partner_id=customer.id)
        if code == "gift":
            self._approve(order)
        self.sign(order)
        self.assertEqual((order.amount_total, order.order_line.price_unit), (0.0, 0.0))
        self.ship(order)
        self.assertEqual(self.stock(self.pump), 96)
        self.assertEqual(order.free_cost, 1000.0)
        self.assertEqual((order.payment_status, order.invoice_status, order.next_action), ("none", "no", "done"))
        self.assertFalse(order.action_invoice_delivered())
        if back:
            self._return(order, back)
        self.assertEqual(self.receivable(order), 0.0)
        return self.balance(account) - before

    def _approve(self, order):
        with self.assertRaisesRegex(SalesOrderError, "(?s)given away"), self.cr.savepoint():
            order.action_quotation_sent()
        leader = self._create_user("gift_leader", "crm_core.group_team_leader", "crm_core.group_sales_director")
        order.action_request_approval()
        order.with_user(leader).action_grant_approval()

    def test_a_gift_is_approved_and_a_bigger_one_again(self):
        order = self.quote("gift")
        self._approve(order)
        order.order_line.product_uom_qty = 5
        with self.assertRaisesRegex(SalesOrderError, "given away"):
            order.action_quotation_sent()

    def _return(self, order, quantity):
        wizard = self.env["crm.goods.step"].create({"order_id": order.id, "step": "return", "reason": "surplus"})
        wizard.line_ids.quantity = quantity
        wizard.action_apply()
        back = self.sign(order.return_order_ids)
        back.picking_ids.action_assign()
        back.picking_ids.action_deliver_available()
        self.assertEqual((back.invoice_status, back.next_action), ("no", "done"), "nothing to credit")

    def test_goods_become_an_expense_and_a_gift_owes_vat_on_its_price(self):
        tax = self.vat.invoice_repartition_line_ids.account_id
        for code, vat in (("gift", 260.0), ("internal", 0.0)):
            for valuation in ("real_time", "manual_periodic"):
                for back in (0, 1):
                    with self.subTest(code=code, valuation=valuation, back=back), self.rolled_back():
                        before = self.balance(tax)
                        self.assertAlmostEqual(self._expense(code, valuation, back), (1000.0 + vat) * (4 - back) / 4, 2)
                        self.assertAlmostEqual(before - self.balance(tax), vat * (4 - back) / 4, 2)

    def test_output_vat_counts_on_what_the_goods_are_worth(self):
        euro = self.env.ref("base.EUR")
        included = self.vat.copy({"name": "VAT 13 included", "price_include": True})
        abroad = self.env["product.pricelist"].create({"name": "Euro", "currency_id": euro.id})
        for values, price, tax, worth in (
            ({}, 500.0, self.vat, 500.0),
            ({}, 565.0, included, 500.0),
            ({}, 0.0, self.vat, 275.0),
            ({"pricelist_id": abroad.id, "date_order": "2026-01-05"}, 500.0, self.vat, 500.0),
        ):
            with self.subTest(price=price, tax=tax.name, **values), self.rolled_back():
                self.pump.write({"list_price": price, "taxes_id": [(6, 0, tax.ids)]})
                order = self.quote("gift", (self.pump, 3), **values)
                self.assertAlmostEqual(order.order_line._get_deemed_unit(), worth, 6)
        self.kind("gift").deemed_sale = "cost"
        self.assertAlmostEqual(self.quote("gift").order_line._get_deemed_unit(), 275.0)

    def test_a_tax_without_account_is_named_before_goods_leave(self):
        self.vat.invoice_repartition_line_ids.account_id = False
        with self.assertRaisesRegex(SalesOrderError, "VAT 13 has no account"):
            self.quote("gift")._check_flow()

    def test_no_price_can_be_put_on_a_gift(self):
        order = self.quote("gift")
        order.order_line.price_unit = 100.0
        order.order_line.discount = 10.0
        self.assertEqual((order.order_line.price_unit, order.order_line.discount), (0.0, 0.0))

    def test_a_type_without_its_account_says_where_to_set_it(self):
        self.company.chart_template_id = False
        order = self.quote("gift")
        with self.assertRaisesRegex(SalesOrderError, "Expense Account.*Order Types"):
            order._check_flow()

    def test_internal_use_is_for_ourselves(self):
        order = self.quote("internal")
        with self.assertRaisesRegex(SalesOrderError, "internal use"):
            self.sign(order)


class TestExport(OrderTypeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.usd = cls.env.ref("base.USD")
        cls.usd.active = True
        today = fields.Date.context_today(cls.env.user)
        rates = [(today - relativedelta(days=30), 1 / 7.0), (today, 1 / 7.2)]
        cls.env["res.currency.rate"].search([("currency_id", "=", cls.usd.id)]).unlink()
        cls.env["res.currency.rate"].create(
            [{"currency_id": cls.usd.id, "name": day, "rate": rate, "company_id": cls.company.id} for day, rate in rates]
        )
        cls.position = cls.env["account.fiscal.position"].create(
            {"name": "Export", "company_id": cls.company.id, "tax_ids": [(0, 0, {"tax_src_id": cls.vat.id, "tax_dest_id": False})]}
        )
        cls.kind("export").fiscal_position_id = cls.position
        cls.pricelist = cls.env["product.pricelist"].create({"name": "USD", "currency_id": cls.usd.id})

    def test_zero_tax_foreign_currency_and_the_exchange_gain(self):
        order = self.quote("export", (self.pump, 4, 100.0), pricelist_id=self.pricelist.id)
        with self.assertRaisesRegex(SalesOrderError, "incoterm"), self.cr.savepoint():
            order.action_confirm()
        order.incoterm = self.env.ref("account.incoterm_FOB")
        self.sign(order)
        self.assertEqual((order.currency_id, order.amount_total, order.amount_tax), (self.usd, 400.0, 0.0))
        self.assertEqual(order._get_paper_lang(), "en_US")
        self.ship(order)
        invoice = order._create_invoices(date=fields.Date.today() - relativedelta(days=20))
        invoice.action_post()
        self.assertEqual(round(self.receivable(order), 2), 2800.0, "400 USD at 7.0")
        self.assertEqual(invoice.invoice_incoterm_id.code, "FOB")
        self.pay(invoice)
        self.assertEqual(invoice.payment_state in ("paid", "in_payment"), True)
        self.assert_closed(order)
        items = self.env["account.move.line"].search([("partner_id", "=", self.customer.id), ("account_internal_type", "=", "receivable")])
        self.assertEqual(round(sum(items.mapped("amount_currency")), 2), 0.0)
        exchange = self.company.currency_exchange_journal_id
        gain = self.env["account.move"].search([("journal_id", "=", exchange.id)], order="id desc", limit=1)
        self.assertEqual(sum(gain.line_ids.mapped("debit")), 80.0, "400 USD paid at 7.2")

    def test_without_fiscal_position_it_is_not_confirmed(self):
        self.kind("export").fiscal_position_id = False
        order = self.quote("export", incoterm=self.env.ref("account.incoterm_FOB").id)
        order.fiscal_position_id = False
        with self.assertRaisesRegex(SalesOrderError, "fiscal position"):
            order.action_confirm()


class TestFramework(OrderTypeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.framework = cls.sign(cls.quote("framework", (cls.pump, 10, 450.0)))

    def _call_off(self, quantity):
        order = self.env["sale.order"].browse(self.framework.action_call_off()["res_id"])
        order.order_line.product_uom_qty = quantity
        return order

    def test_the_framework_itself_neither_ships_nor_bills(self):
        self.assertFalse(self.framework.picking_ids)
        self.assertEqual((self.framework.invoice_status, self.framework.payment_status), ("no", "none"))
        self.assertEqual(self.framework.next_action, "done")
        self.assertRegex(self.framework.name, r"^FW\d+$")

    def test_call_offs_ship_at_the_agreed_price_until_nothing_is_left(self):
        for quantity, left in ((4, 6), (6, 0)):
            order = self._call_off(quantity)
            order.order_line.price_unit = 1.0
            self.assertEqual(order.order_line.price_unit, 450.0, "whatever is written")
            self.ship(self.sign(order))
            self.pay(self.bill(order))
            self.assertAlmostEqual(order.amount_total, quantity * 450 * 1.13)
            self.assert_closed(order)
            self.framework.invalidate_cache()
            self.assertEqual(self.framework.order_line.call_off_left, left)
        with self.assertRaisesRegex(CallOffError, "has been called off"):
            self.framework.action_call_off()

    def test_never_more_than_is_left(self):
        self.sign(self._call_off(7))
        order = self._call_off(4)
        with self.assertRaisesRegex(CallOffError, "Pump: 1 .* more than FW"), self.cr.savepoint():
            self.sign(order)
        order.order_line.product_uom_qty = 3
        self.sign(order)
        with self.assertRaisesRegex(CallOffError, "more than"), self.cr.savepoint():
            order.order_line.product_uom_qty = 4
        with self.assertRaisesRegex(CallOffError, "more than"), self.cr.savepoint():
            self.framework.order_line.product_uom_qty = 9
        order.with_context(disable_cancel_warning=True).action_cancel()
        self.framework.order_line.product_uom_qty = 9

    def test_what_is_not_agreed_is_refused(self):
        order = self._call_off(1)
        self.env["sale.order.line"].create({"order_id": order.id, "product_id": self.valve.id})
        with self.assertRaisesRegex(CallOffError, "Valve is not agreed"):
            self.sign(order)

    def test_after_its_end_nothing_is_called_off(self):
        order = self._call_off(1)
        self.framework.framework_end = fields.Date.today() - relativedelta(days=1)
        with self.assertRaisesRegex(CallOffError, "ended on"):
            self.sign(order)


class TestSubscription(OrderTypeCase):
    def _subscribe(self, months_ago, **values):
        start = fields.Date.context_today(self.customer) - relativedelta(months=months_ago)
        order = self.quote("subscription", (self.install, 1, 100.0), subscription_start=start, **values)
        return self.sign(order)

    def _run(self):
        self.env["sale.order"]._cron_invoice_periods()

    def test_missed_nights_are_caught_up_once(self):
        order = self._subscribe(2)
        self._run()
        self._run()
        self.assertEqual(order.invoice_ids.mapped("amount_total"), [113.0] * 3)
        self.assertEqual(set(order.invoice_ids.mapped("state")), {"posted"})
        self.pay_all(order)
        self.assert_closed(order, total=339.0)
        with self.assertRaises(IntegrityError), self.cr.savepoint(), self.env.clear_upon_failure(), mute_logger("odoo.sql_db"):
            self.env["sale.subscription.period"].create(
                {"order_id": order.id, "date_start": order.subscription_start, "date_end": order.subscription_start}
            )
            self.env["base"].flush()

    def test_a_pause_is_not_invoiced(self):
        order = self._subscribe(2)
        order.action_pause_subscription()
        self._run()
        self.assertFalse(order.invoice_ids)
        order.action_resume_subscription()
        self._run()
        self.assertEqual(len(order.invoice_ids), 1, "only the period that starts today")

    def test_the_last_period_is_charged_by_days_and_then_it_ends(self):
        start = fields.Date.to_date("2026-04-01")
        order = self.quote("subscription", (self.install, 1, 100.0), subscription_start=start, subscription_end="2026-05-15")
        self.sign(order)
        self._run()
        self.assertEqual([round(move.amount_untaxed, 2) for move in order.invoice_ids.sorted("id")], [100.0, 48.39])
        self.assertEqual(order.subscription_state, "ended")

    def test_a_new_price_counts_from_its_date(self):
        order = self._subscribe(2)
        price = {"order_id": order.id, "line_id": order.order_line.id, "price_unit": 120.0}
        since = order.subscription_start + relativedelta(months=1)
        self.env["sale.subscription.price"].create(dict(price, date_start=since))
        self._run()
        self.assertEqual([move.amount_untaxed for move in order.invoice_ids.sorted("id")], [100.0, 120.0, 120.0])
        with self.assertRaisesRegex(SubscriptionError, "is invoiced"):
            self.env["sale.subscription.price"].create(dict(price, date_start=since + relativedelta(days=2)))

    def test_ended_by_hand_it_is_over(self):
        order = self._subscribe(0)
        self._run()
        order.action_end_subscription()
        self.assertEqual(order.subscription_end, order.subscription_start + relativedelta(months=1, days=-1))
        with self.assertRaises(SubscriptionError):
            order.action_pause_subscription()

    def test_one_that_fails_does_not_hold_up_the_others(self):
        broken, order = self._subscribe(0), self._subscribe(0)
        broken.order_line.with_context(tracking_disable=True).tax_id = self.env["account.tax"].create(
            {"name": "Purchase", "amount": 5, "type_tax_use": "purchase"}
        )
        broken.partner_invoice_id.property_account_receivable_id.deprecated = False
        broken.pricelist_id = self.env["product.pricelist"].create({"name": "Dead", "currency_id": self.env.ref("base.EUR").id})
        self.env.ref("base.EUR").active = False
        self._run()
        self.assertEqual(len(order.invoice_ids), 1)


class TestOthers(OrderTypeCase):
    def test_odoos_own_down_payment_survives_a_back_order(self):
        order = self.sign(self.quote("standard", (self.pump, 10, 100.0)))
        wizard = self.env["sale.advance.payment.inv"].with_context(active_model="sale.order", active_ids=order.ids, active_id=order.id)
        wizard.create({"advance_payment_method": "percentage", "amount": 50, "deposit_taxes_id": [(6, 0, self.vat.ids)]}).create_invoices()
        order.invoice_ids.action_post()
        amounts = []
        for quantity in (2, 5, 3):
            self.ship(order, quantity)
            invoice = order._create_invoices(final=True, date=fields.Date.today())
            invoice.action_post()
            amounts.append(round(invoice.amount_total, 2))
        self.assertEqual(amounts, [0.0, 226.0, 339.0])
        self.assertEqual(set(order.invoice_ids.mapped("move_type")), {"out_invoice"})
        self.pay_all(order)
        self.assert_closed(order)

    def test_service_only_carries_no_goods(self):
        order = self.quote("service", (self.install, 1), (self.pump, 1))
        with self.assertRaisesRegex(SalesOrderError, "services only"):
            self.sign(order)

    def test_acceptance_waits_for_the_goods(self):
        order = self.sign(self.quote("installation", (self.pump, 4), (self.install, 1)))
        with self.assertRaisesRegex(InstalmentError, "deliver all its goods"):
            order.action_accept()
        self.ship(order, 2)
        self.assertEqual(order.instalment_ids.mapped("state"), ["due", "due", "waiting"])
        self.assertEqual([round(move.amount_total, 2) for move in self.bill(order)], [745.8, 745.8], "half of the 60 %")
        self.ship(order, 2)
        order.action_accept()
        self.assertEqual(sorted(round(move.amount_total, 2) for move in self.bill(order)), [248.6, 745.8])
        self.pay_all(order)
        self.assert_closed(order)

    def test_paid_before_the_goods_are_there_the_goods_are_settled_by_an_invoice_over_nothing(self):
        order = self.sign(self.quote("instalment"))
        for _part in range(2):
            self.pay(self.bill(order))
            self.wait(order)
        self.pay(self.bill(order))
        self.assertEqual(order.amount_collected, 2260.0)
        self.ship(order)
        settled = self.bill(order)
        self.assertEqual((settled.amount_total, settled.payment_state), (0.0, "paid"))
        self.assertAlmostEqual(self.balance(self.kind("instalment")._get_account("advance_account_id", self.company), order), 0.0)
        self.assertEqual((order.invoice_status, order.order_line[0].qty_invoiced), ("invoiced", 4.0))
        self.assert_closed(order)

    def test_tax_rates_mixed_and_cents_no_price_makes_up(self):
        included = self.vat.copy({"name": "VAT 6 included", "amount": 6.0, "price_include": True})
        self.install.taxes_id = included
        order = self.sign(self.quote("installation", (self.pump, 3, 33.35), (self.install, 1, 77.77)))
        self.pay(self.bill(order))
        self.ship(order, 1)
        self.pay(self.bill(order))
        self.ship(order, 2)
        self.pay(self.bill(order))
        order.action_accept()
        self.pay(self.bill(order))
        for part in order.instalment_ids:
            self.assertAlmostEqual(part.amount, part.amount_invoiced, 2)
        self.assertAlmostEqual(self.balance(self.kind("instalment")._get_account("advance_account_id", self.company), order), 0.0, 2)
        self.assert_closed(order)

    def test_no_down_payment_beside_the_instalments(self):
        order = self.sign(self.quote("presale"))
        wizard = self.env["sale.advance.payment.inv"].with_context(active_model="sale.order", active_ids=order.ids, active_id=order.id)
        with self.assertRaisesRegex(InstalmentError, "Regular invoice"):
            wizard.create({"advance_payment_method": "percentage", "amount": 50}).create_invoices()
        wizard.create({"advance_payment_method": "delivered"}).create_invoices()
        self.assertEqual((order.invoice_ids.amount_total, order.instalment_ids[0].state), (678.0, "invoiced"))

    def test_an_invoice_that_is_credited_makes_the_instalment_due_again(self):
        order = self.sign(self.quote("presale"))
        deposit = self.bill(order)
        deposit._reverse_moves([{"invoice_date": deposit.invoice_date}], cancel=True)
        self.assertEqual(order.instalment_ids[0].state, "due")
        self.pay(self.bill(order))
        self.ship(order)
        self.assertEqual(self.pay(self.bill(order)).amount_total, 1582.0)

    def test_milestones_are_reported_and_others_are_not(self):
        order = self.quote("presale")
        order.instalment_ids[1].trigger = "milestone"
        self.sign(order)
        with self.assertRaisesRegex(InstalmentError, "by itself"):
            order.instalment_ids[0].action_reach()
        order.instalment_ids[1].action_reach()
        self.assertEqual(order.instalment_ids.mapped("state"), ["due", "due"])

    def test_invoicing_the_goods_makes_its_instalment_due(self):
        order = self.quote("presale")
        order.instalment_ids[1].write({"trigger": "invoicing", "days": 30})
        self.sign(order)
        self.pay(self.bill(order))
        self.ship(order, 1)
        invoice = self.bill(order)
        self.assertEqual(round(invoice.amount_total, 2), 395.5)
        self.assertEqual(invoice.invoice_date_due, fields.Date.today() + relativedelta(days=30))

    def test_cancelled_and_duplicated(self):
        order = self.quote("presale")
        order.instalment_ids[0].percent, order.instalment_ids[1].percent = 40, 60
        self.sign(order)
        order.with_context(disable_cancel_warning=True).action_cancel()
        self.assertEqual(order.instalment_ids.mapped("state"), ["cancel", "cancel"])
        copy = order.copy()
        self.assertEqual(copy.order_type_id, order.order_type_id)
        self.assertEqual((copy.instalment_ids.mapped("percent"), copy.instalment_ids.mapped("state")), ([40, 60], ["waiting"] * 2))
        order.action_draft()
        self.assertEqual(self.sign(order).instalment_ids.mapped("state"), ["due", "waiting"])

    def test_an_order_confirmed_as_it_is_made_has_its_plan(self):
        order = self.quote("presale", state="sale")
        self.assertEqual(order.instalment_ids.mapped("percent"), [30.0, 70.0])

    def test_a_rep_bills_only_own_orders_and_only_as_a_draft(self):
        rep, other = (self._create_user(login, "crm_core.group_sales_rep") for login in ("types_own", "types_other"))
        order = self.quote("presale", user_id=rep.id)
        self.sign(order)
        with self.assertRaises(UserError):
            order.instalment_ids[0].with_user(other).action_invoice()
        order.instalment_ids[0].with_user(rep).action_invoice()
        self.assertEqual((order.invoice_ids.state, order.instalment_ids[0].state), ("draft", "invoiced"))
