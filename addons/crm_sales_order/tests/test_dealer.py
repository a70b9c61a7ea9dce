# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import io
import random
from datetime import date
from unittest.mock import patch

import openpyxl
from dateutil.relativedelta import relativedelta
from odoo import fields
from odoo.exceptions import AccessError
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..engine.dealer_stock import Month, roll
from ..exceptions import DealerError, SalesOrderError
from .common import SalesOrderCase

PHOTO = b"\xff\xd8\xff\xe0" + b"\0" * 60


class DealerCase(SalesOrderCase):
    """Two dealers of two reps, one with somebody at the portal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rep, cls.other_rep = (cls._create_user(login, "crm_core.group_sales_rep") for login in ("dealer-rep", "dealer-rep-2"))
        cls.south = cls.env["crm.dealer.region"].create({"name": "South"})
        cls.level = cls.env["crm.dealer.level"].create({"name": "Test", "slow_days": 0, "cover_days": 0})
        cls.dealer = cls._create_dealer("South Trading", cls.rep, dealer_region_id=cls.south.id)
        cls.other = cls._create_dealer("North Trading", cls.other_rep)
        cls.pump.default_code = "PU-1"
        cls.valve.default_code = "VA-1"
        cls.buyer = cls._create_portal_user("dealer-buyer", cls.dealer)
        cls.today = fields.Date.context_today(cls.env.user)
        cls.this_month = cls.today.replace(day=1)
        cls.last_month = cls.this_month - relativedelta(months=1)

    @classmethod
    def _create_dealer(cls, name, rep, **vals):
        return cls.env["res.partner"].create(
            {"name": name, "is_company": True, "is_dealer": True, "user_id": rep.id, "dealer_level_id": cls.level.id, **vals}
        )

    @classmethod
    def _create_portal_user(cls, login, dealer):
        return cls.env["res.users"].create({
            "name": login,
            "login": login,
            "parent_id": dealer.id,
            "email": "%s@example.com" % login,
            "groups_id": [(6, 0, [cls.env.ref("base.group_portal").id])],
        })  # fmt: skip

    def _put(self, product, quantity, **kwargs):
        self.env["crm.dealer.cart.line"]._put(self.buyer, product, quantity, **kwargs)

    def _place(self, key="k" * 20):
        return self.env["sale.order"].with_user(self.buyer)._place_for_dealer(self.buyer, key, "soon, please")

    def _report(self, dealer, month, **figures):
        """:param figures: name of a product of the case = (sold, stock)"""
        lines = [(0, 0, {"product_id": getattr(self, name).id, "sold": one[0], "stock": one[1]}) for name, one in figures.items()]
        return self.env["crm.dealer.report"].create({"dealer_id": dealer.id, "month": month, "line_ids": lines})

    def _told(self, user, record):
        domain = [("user_id", "=", user.id), ("res_model", "=", record._name), ("res_id", "=", record.id)]
        return self.env["crm.notification"].search(domain)


class TestDealerOrder(DealerCase):
    def test_a_dealer_is_a_company_and_a_customer(self):
        self.assertTrue(self.dealer.is_customer)
        self.assertEqual(self.buyer._get_dealer(), self.dealer)
        self.assertFalse(self.rep._get_dealer())
        with self.assertRaises(DealerError):
            self.env["res.partner"].create({"name": "Person", "parent_id": self.dealer.id, "is_dealer": True})

    def test_the_same_page_makes_one_order(self):
        self._put(self.pump, 2)
        self._put(self.pump, "1", add=True)
        first = self._place()
        self.assertEqual(first.order_line.mapped("product_uom_qty"), [3.0])
        self.assertEqual((first.partner_id, first.user_id, first.state), (self.dealer, self.rep, "draft"))
        self.assertEqual(self._place(), first)
        self.assertTrue(self._told(self.rep, first))
        with self.assertRaises(DealerError):
            self._place("another key of a page")

    def test_prices_are_the_dealers_own(self):
        pricelist = self.env["product.pricelist"].create({
            "name": "Dealers",
            "item_ids": [(0, 0, {"applied_on": "3_global", "compute_price": "percentage", "percent_price": 20})],
        })  # fmt: skip
        self.dealer.property_product_pricelist = pricelist
        self._put(self.pump, 2)
        offer = self.env["sale.order"]._preview_for_dealer(self.buyer, [(self.pump, 2.0)])
        self.assertEqual((offer["prices"], offer["total"]), ({self.pump.id: 400.0}, 800.0))
        order = self._place()
        self.assertEqual((order.pricelist_id, order.amount_untaxed), (pricelist, 800.0))

    def test_price_rules_act_on_what_a_dealer_is_shown_and_orders(self):
        rule = {"name": "Ten off", "kind": "discount", "value_type": "percent", "value": 10}
        self.env["crm.price.rule"].create({**rule, "product_tmpl_ids": [(6, 0, self.pump.product_tmpl_id.ids)]})
        self._put(self.pump, 2)
        offer = self.env["sale.order"]._preview_for_dealer(self.buyer, [(self.pump, 2.0)])
        order = self._place()
        self.assertEqual((offer["prices"][self.pump.id], order.amount_untaxed), (450.0, 900.0))

    def test_by_its_level_an_order_is_confirmed_at_once(self):
        self.level.order_mode = "confirm"
        self._put(self.pump, 2)
        self.assertEqual(self._place().state, "sale")

    def test_what_speaks_against_an_order_leaves_it_to_the_rep(self):
        self.level.order_mode = "confirm"
        self._put(self.pump, 2)
        refuse = patch.object(type(self.env["sale.order"]), "_check_can_confirm", side_effect=SalesOrderError("Below the floor"))
        with refuse:
            order = self._place()
        self.assertEqual(order.state, "draft")
        self.assertIn("Below the floor", self._told(self.rep, order)[0].body)

    def test_bad_quantities_and_foreign_products_are_refused(self):
        for quantity in ("-1", "many", "nan", "1e12", ""):
            with self.subTest(quantity=quantity), self.assertRaises(DealerError):
                self._put(self.pump, quantity)
        self.valve.sale_ok = False
        with self.assertRaises(DealerError):
            self._put(self.valve, 1)
        self._put(self.pump, 1)
        self._put(self.pump, 0)
        self.assertFalse(self.env["crm.dealer.cart.line"]._get_cart(self.buyer))

    def test_a_level_narrows_the_catalogue_and_listing_widens_it(self):
        self.level.category_ids = self.env["product.category"].create({"name": "Only these"})
        self.dealer.dealer_product_ids = self.valve
        self.assertEqual(self.dealer._find_dealer_products(), self.valve)

    def test_stock_is_told_in_words(self):
        scarce = self._create_product("Scarce", 1.0)
        self._add_stock(scarce, 2)
        words = self.dealer._get_dealer_stock_words(self.pump | scarce | self.valve)
        self.assertEqual(words, {self.pump.id: "in_stock", scarce.id: "few", self.valve.id: "on_request"})

    def test_drafts_of_the_rep_are_no_business_of_the_dealer(self):
        orders = self.env["sale.order"]
        draft = orders.create({"partner_id": self.dealer.id})
        self._put(self.pump, 1)
        placed = self._place()
        found = orders.search(orders._get_dealer_order_domain(self.dealer))
        self.assertEqual(found, placed)
        self.assertFalse(draft in found)


class TestDealerReport(DealerCase):
    def _book(self, *rows, head=("Month", "Product code", "Name", "Sold", "Stock at month end")):
        book = openpyxl.Workbook()
        for row in (head, *rows):
            book.active.append(row)
        content = io.BytesIO()
        book.save(content)
        return content.getvalue()

    def _take(self, content):
        dealer = self.dealer.with_company(self.company)
        with self.env.cr.savepoint():
            return self.env["crm.dealer.report"]._take_file(dealer, "sales.xlsx", content)

    def _lines(self):
        lines = self.env["crm.dealer.report.line"].search([("dealer_id", "=", self.dealer.id)], order="month, product_id")
        return [(line.month, line.product_id, line.sold, line.stock) for line in lines]

    def test_a_file_is_taken_once(self):
        month = self.last_month.strftime("%Y-%m")
        book = self._book((month, "PU-1", "", 3, 5), (month, "va-1", "", "0", "12"), (month, "", "", None, None))
        self._take(book)
        expected = [(self.last_month, self.pump, 3, 5), (self.last_month, self.valve, 0, 12)]
        self.assertEqual(self._lines(), expected)
        report = self.env["crm.dealer.report"].search([("dealer_id", "=", self.dealer.id)])
        before = report.date_reported, report.line_ids.mapped("write_date")
        self._take(book)
        self._take(self._book((month, "PU-1", "", 3, 5)))  # another file with the same figure
        self.assertEqual((report.date_reported, report.line_ids.mapped("write_date")), before)
        self.assertEqual(self._lines(), expected)

    def test_what_is_wrong_names_row_and_field_and_nothing_is_stored(self):
        self._report(self.dealer, self.last_month, valve=(1, 1))
        month = self.last_month.strftime("%Y-%m")
        cases = {
            "Row 3, Product: there is no product “XX”": (month, "XX", "", 1, 1),
            "Row 3, Sold: “-2” is negative": (month, "PU-1", "", -2, 1),
            "Row 3, Stock: the number is missing": (month, "PU-1", "", 2, None),
            "Row 3, Sold: “two” is no number": (month, "PU-1", "", "two", 2),
            "Row 3, Month: “soon” is no month": ("soon", "PU-1", "", 2, 2),
            "Row 3, Month: 2099-01 has not begun yet": ("2099-01", "PU-1", "", 2, 2),
            "Row 3, Product: the product is there for this month already, in row 2": (month, "PU-1", "", 2, 2),
            "Row 3, Month: %s is reported already" % month: (month, "VA-1", "", 2, 2),
        }
        before = self._lines()
        for text, row in cases.items():
            with self.subTest(text=text):
                with self.assertRaisesRegex(DealerError, text):
                    self._take(self._book((month, "PU-1", "", 1, 1), row))
                self.assertEqual(self._lines(), before)

    def test_a_wrong_file_says_what_to_send(self):
        for content in (b"", b"%PDF-1.4", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", self._book(head=("A", "B"))):
            with self.subTest(content=content[:8]), self.assertRaises(DealerError):
                self._take(content)

    def test_the_template_filled_in_is_understood(self):
        self.dealer.dealer_product_ids = self.pump
        for lang in ("en_US", "zh_CN"):
            with self.subTest(lang=lang):
                reports = self.env["crm.dealer.report"].with_context(lang=lang)
                book = openpyxl.load_workbook(io.BytesIO(reports._get_template(self.dealer, self.last_month)))
                book.active["D2"], book.active["E2"] = 4, 6
                content = io.BytesIO()
                book.save(content)
                self._take(content.getvalue())
                self.assertEqual(self._lines(), [(self.last_month, self.pump, 4, 6)])

    def test_the_form_corrects_what_was_reported(self):
        self._report(self.dealer, self.last_month, pump=(1, 9))
        dealer = self.dealer.with_company(self.company)
        reports = self.env["crm.dealer.report"]
        form = {"sold_%d" % self.pump.id: "2", "stock_%d" % self.pump.id: "8"}
        reports._take_form(dealer, self.last_month, form)
        self.assertEqual(self._lines(), [(self.last_month, self.pump, 2, 8)])
        with self.assertRaisesRegex(DealerError, "Pump, Stock: the number is missing"):
            reports._take_form(dealer, self.last_month, dict(form, **{"stock_%d" % self.pump.id: ""}))
        with self.assertRaises(DealerError):
            reports._take_form(dealer, self.last_month, {})

    def test_one_report_a_month_and_nothing_negative_on_any_door(self):
        report = self._report(self.dealer, date(2026, 1, 17), pump=(1, 1))
        self.assertEqual(report.month, date(2026, 1, 1))
        with self.assertRaises(DealerError):
            self._report(self.dealer, date(2099, 1, 1))
        for change in (
            lambda: self._report(self.dealer, date(2026, 1, 3)),
            lambda: report.line_ids.write({"sold": -1}),
            lambda: report.write({"line_ids": [(0, 0, {"product_id": self.pump.id, "sold": 1, "stock": 1})]}),
        ):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
                change()
                report.flush()

    def test_many_rows_cost_few_queries(self):
        products = self.env["product.product"].create([{"name": "P%d" % n, "default_code": "P-%d" % n} for n in range(60)])
        month = self.last_month.strftime("%Y-%m")

        def cost(some):
            book = self._book(*((month, product.default_code, "", 1, 1) for product in some))
            self.env["base"].flush()
            before = self.env.cr.sql_log_count
            self._take(book)
            return self.env.cr.sql_log_count - before

        cost(products[:2])
        few, many = cost(products[2:5]), cost(products[5:])
        self.assertLessEqual(many - few, 55, "one INSERT a line, nothing more")


class TestDealerFlow(DealerCase):
    def _flow(self, *products):
        self.env["base"].flush()
        self.env.cr.precommit.run()  # as at the end of a transaction
        domain = [("dealer_id", "=", self.dealer.id), ("product_id", "in", [product.id for product in products])]
        return self.env["crm.dealer.flow"].search(domain, order="product_id, month")

    def test_deliveries_less_returns_are_sell_in(self):
        order = self.env["sale.order"].create({
            "partner_id": self.buyer.partner_id.id,
            "order_line": [(0, 0, {"product_id": self.pump.id, "product_uom_qty": 7})],
        })  # fmt: skip
        order.action_confirm()
        order.picking_ids.action_deliver_available()
        back = self.env["stock.return.picking"].with_context(active_id=order.picking_ids.id, active_model="stock.picking")
        wizard = back.create({"picking_id": order.picking_ids.id})
        wizard._onchange_picking_id()
        wizard.product_return_moves.quantity = 2
        returned = self.env["stock.picking"].browse(wizard.create_returns()["res_id"])
        returned.move_lines.quantity_done = 2
        returned._action_done()
        self._report(self.dealer, self.today, pump=(1, 4))
        flow = self._flow(self.pump)
        self.assertEqual((flow.sell_in, flow.sell_out, flow.stock_computed, flow.difference), (5, 1, 4, 0))
        figures = self.dealer._get_dealer_figures()
        self.assertEqual((figures["sell_in"], figures["sell_out"], figures["stock"]), (5, 1, 4))

    def test_the_view_says_the_same_as_the_engine(self):
        dice = random.Random(20)
        expected = {}
        for product in (self.pump, self.valve):
            months = [Month(0, dice.randint(0, 9), dice.choice((0, 5, 12))) for _number in range(9)]
            expected[product] = roll(months)
            for back, one in enumerate(months):
                month = date(2025, 1, 1) + relativedelta(months=back)
                report = self.env["crm.dealer.report"].search([("dealer_id", "=", self.dealer.id), ("month", "=", month)])
                report = report or self._report(self.dealer, month)
                report.line_ids = [(0, 0, {"product_id": product.id, "sold": one.sell_out, "stock": one.counted})]
        for product, standings in expected.items():
            rows = [(row.stock_computed, row.difference) for row in self._flow(product)]
            self.assertEqual(rows, [(one.computed, one.difference) for one in standings])
        total = self.env["crm.dealer.flow"].read_group([("dealer_id", "=", self.dealer.id)], ["sell_out", "difference"], ["dealer_id"])
        self.assertEqual(total[0]["difference"], sum(one.difference for standings in expected.values() for one in standings))


class TestDealerFlag(DealerCase):
    def _open(self):
        flags = self.env["crm.dealer.flag"].search([("dealer_id", "=", self.dealer.id), ("state", "=", "open")])
        return sorted((flag.kind, flag.product_id.name or "") for flag in flags)

    def _run(self):
        self.env["base"].flush()
        self.env.cr.precommit.run()  # as at the end of the transactions before
        self.env["crm.dealer.flag"]._flag(self.company)._tell_reps()
        return self._open()

    def test_without_an_order_for_long(self):
        self.level.slow_days = 10
        order = self.env["sale.order"].create({"partner_id": self.dealer.id, "order_line": [(0, 0, {"product_id": self.pump.id})]})
        order.action_confirm()
        self.assertEqual(self._run(), [])
        order.date_order = fields.Datetime.now() - relativedelta(days=11)
        self.assertEqual(self._run(), [("slow_order", "")])
        flag = self.env["crm.dealer.flag"].search([("dealer_id", "=", self.dealer.id)])
        self.assertEqual((flag.value, flag.limit, flag.user_id), (11, 10, self.rep))
        order.date_order = fields.Datetime.now()
        self.assertEqual(self._run(), [])
        self.assertEqual(flag.state, "closed")

    def test_sells_too_little(self):
        self.level.least_sell_out = 10
        self._report(self.dealer, self.last_month, pump=(4, 50), valve=(5, 50))
        self.assertEqual(self._run(), [("slow_sell_out", "")])

    def test_a_listed_product_runs_out(self):
        self.level.cover_days = 15
        self.dealer.dealer_product_ids = self.pump
        before = self.last_month - relativedelta(months=1)
        self._report(self.dealer, before, pump=(60, 100), valve=(60, 0))
        self._report(self.dealer, self.last_month, pump=(60, 0), valve=(60, 0))
        self.assertEqual(self._run(), [("empty", "Pump")], "the valve is not listed")

    def test_a_second_run_changes_nothing_and_tells_nobody(self):
        self.level.write({"slow_days": 0, "least_sell_out": 10})
        self._report(self.dealer, self.last_month, pump=(4, 50))
        self._run()
        flag = self.env["crm.dealer.flag"].search([("dealer_id", "=", self.dealer.id)])
        told = self._told(self.rep, self.dealer)
        self.assertEqual((len(flag), len(told.filtered(lambda one: one.kind == "inapp"))), (1, 1))
        self._run()
        self.assertEqual(self.env["crm.dealer.flag"].search([("dealer_id", "=", self.dealer.id)]), flag)
        self.assertEqual(self._told(self.rep, self.dealer), told)

    def test_the_rep_reads_it_on_the_workbench_and_as_advice(self):
        self.level.least_sell_out = 10
        self._report(self.dealer, self.last_month, pump=(4, 50))
        self._run()
        tile = self.env["crm.dealer.flag"].with_user(self.rep)._workbench_dealer_flags()
        self.assertEqual([row["title"] for row in tile["rows"]], ["South Trading"])
        self.assertFalse(self.env["crm.dealer.flag"].with_user(self.other_rep)._workbench_dealer_flags()["rows"])
        facts = self.dealer._get_customer_facts()[self.dealer.id]
        self.assertEqual((facts["dealer_slow"], facts["dealer_empty"]), (1, 0))


class TestDealerTask(DealerCase):
    def _issue(self, **vals):
        values = {"name": "Shop window", "date_due": self.today, "user_id": self.rep.id, **vals}
        task = self.env["crm.dealer.task"].with_user(self.rep).create(values)
        task.action_issue()
        return task

    def test_regions_levels_and_lists_choose_the_dealers(self):
        tasks = self.env["crm.dealer.task"]
        values = {"name": "Task", "date_due": self.today}
        third = self._create_dealer("Third", self.rep)
        self.assertEqual(tasks.create({**values, "region_ids": [(6, 0, self.south.ids)]})._find_dealers(), self.dealer)
        both = {**values, "region_ids": [(6, 0, self.south.ids)], "dealer_ids": [(6, 0, third.ids)]}
        self.assertEqual(tasks.create(both)._find_dealers(), self.dealer | third)
        mine = tasks.with_user(self.rep).create({**values, "level_ids": [(6, 0, self.level.ids)]})
        self.assertEqual(mine._find_dealers(), self.dealer | third, "never another rep's dealers")

    def test_issued_twice_a_dealer_has_it_once(self):
        task = self._issue()
        task.action_issue()
        self.assertEqual(task.line_ids.dealer_id, self.dealer)

    def test_handed_in_returned_and_accepted(self):
        line = self._issue().line_ids
        with self.assertRaises(DealerError):
            line.sudo()._hand_in(self.buyer, "done", [])
        line.sudo()._hand_in(self.buyer, "done", [("shop.jpg", PHOTO)])
        self.assertEqual((line.state, line.proof_ids.mimetype), ("submitted", "image/jpeg"))
        self.assertTrue(self._told(self.rep, line))
        with self.assertRaises(DealerError):
            line.sudo()._hand_in(self.buyer, "again", [("shop.jpg", PHOTO)])
        with self.assertRaises(DealerError), self.env.cr.savepoint():
            line.action_return()
        line.review_note = "Show the whole window"
        line.action_return()
        line.sudo()._hand_in(self.buyer, "now", [("report.pdf", b"%PDF-1.4 x")])
        line.action_accept()
        self.assertEqual((line.state, line.reviewer_id, len(line.proof_ids)), ("accepted", self.rep, 2))
        with self.assertRaises(DealerError):
            line.action_accept()

    def test_proof_is_a_photo_or_pdf_of_a_decent_size(self):
        line = self._issue().line_ids.sudo()
        for name, content in (("x.exe", b"MZ" * 50), ("x.svg", b"<svg/>"), ("big.jpg", PHOTO + b"\0" * (11 << 20))):
            with self.subTest(name=name), self.assertRaises(DealerError):
                line._hand_in(self.buyer, "", [(name, content)])
        self.assertEqual((line.state, len(line.proof_ids)), ("open", 0))

    def test_states_are_not_written_by_hand(self):
        line = self._issue().line_ids
        with self.assertRaises(AccessError):
            line.write({"state": "accepted"})
        with self.assertRaises(AccessError):
            self.env["crm.dealer.task.line"].with_user(self.rep).create({"task_id": line.task_id.id, "dealer_id": self.dealer.id})

    def test_reps_see_and_review_their_own_dealers_only(self):
        line = self._issue().line_ids
        line.sudo()._hand_in(self.buyer, "done", [("shop.jpg", PHOTO)])
        foreign = line.with_user(self.other_rep)
        self.assertFalse(foreign.search([("id", "=", line.id)]))
        with self.assertRaises(AccessError):
            foreign.action_accept()
        with self.assertRaises(AccessError):
            self.env["crm.dealer.report"].with_user(self.other_rep).create({"dealer_id": self.dealer.id, "month": self.last_month})
