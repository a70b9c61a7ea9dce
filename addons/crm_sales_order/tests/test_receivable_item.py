# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64
import io
from datetime import timedelta

import openpyxl
from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..exceptions import SalesOrderError, SalesOrderValidationError
from .common import SalesOrderCase


@tagged("post_install", "-at_install")
class TestReceivableItem(SalesOrderCase):
    """What is open, how old it is, who may see it; and the statement of account that is made of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.rep = cls._create_user("item_rep", "crm_core.group_sales_rep")
        cls.other = cls._create_user("item_other", "crm_core.group_sales_rep")
        cls.finance = cls._create_user("item_finance", "crm_sales_order.group_finance")
        cls.customer.write({"is_customer": True, "user_id": cls.rep.id})
        cls.usd = cls.env.ref("base.USD" if cls.company.currency_id.name != "USD" else "base.EUR")
        cls.usd.active = True
        cls.env["res.currency.rate"].search([("currency_id", "=", cls.usd.id)]).unlink()
        cls.env["res.currency.rate"].create({"currency_id": cls.usd.id, "name": "2020-01-01", "rate": 0.5, "company_id": cls.company.id})
        cls.late = cls._bill(1000.0, days_ago=45)
        cls.fresh = cls._bill(300.0, days_ago=10, days=30)
        cls.dollars = cls._bill(200.0, days_ago=5, currency_id=cls.usd.id)
        cls.credit = cls._bill(50.0, days_ago=3, move_type="out_refund")
        cls.payment = cls._pay(400.0, days_ago=20)
        (cls.late.line_ids | cls.payment.line_ids).filtered(lambda item: item.account_internal_type == "receivable").reconcile()
        cls.advance = cls._pay(70.0, days_ago=2)

    @classmethod
    def _bill(cls, amount, days_ago, days=0, **values):
        date = cls.today - timedelta(days=days_ago)
        values = {"move_type": "out_invoice", "partner_id": cls.customer.id, "invoice_user_id": cls.rep.id, **values}
        line = {"name": "Pump", "quantity": 1, "price_unit": amount, "tax_ids": [(5,)]}
        move = cls.env["account.move"].create(
            {**values, "invoice_date": date, "invoice_date_due": date + timedelta(days=days), "invoice_line_ids": [(0, 0, line)]}
        )
        move.action_post()
        return move

    @classmethod
    def _pay(cls, amount, days_ago):
        payment = cls.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": cls.customer.id,
                "amount": amount,
                "date": cls.today - timedelta(days=days_ago),
            }
        )
        payment.action_post()
        return payment

    def _items(self, user=None, **context):
        items = self.env["crm.receivable.item"].with_user(user or self.env.user).with_context(**context)
        return items.search([("partner_id", "=", self.customer.id)])

    def _statement(self, user=None, **values):
        values = {"partner_id": self.customer.id, "date_from": self.today - timedelta(days=60), **values}
        return self.env["crm.account.statement"].with_user(user or self.env.user).create(values)

    def test_each_open_document_is_one_row_of_its_kind(self):
        rows = {(item.kind, item.amount_open, item.days_late, item.bucket) for item in self._items()}
        self.assertEqual(
            rows,
            {
                ("invoice", 600.0, 45, "d60"),
                ("invoice", 300.0, 0, "not_due"),
                ("invoice", 400.0, 5, "d30"),
                ("credit", -50.0, 0, "not_due"),
                ("receipt", -70.0, 0, "not_due"),
            },
        )
        dollars = self._items().filtered(lambda item: item.invoice_id == self.dollars)
        self.assertEqual((dollars.amount_open_currency, dollars.foreign_currency_id), (200.0, self.usd))

    def test_all_but_claims_sum_to_the_ledger(self):
        items = self.env["crm.receivable.item"].search([("kind", "!=", "claim"), ("company_id", "=", self.company.id)])
        balance = self.env["account.move.line"].read_group(
            [
                ("account_id.internal_type", "=", "receivable"),
                ("parent_state", "=", "posted"),
                ("company_id", "=", self.company.id),
            ],
            ["balance"],
            [],
        )[0]["balance"]
        self.assertAlmostEqual(sum(items.mapped("amount_open")), balance or 0.0, 2)

    def test_a_day_gone_by_shows_what_was_open_then(self):
        then = self.today - timedelta(days=30)
        rows = {(item.kind, item.amount_open, item.days_late, item.bucket) for item in self._items(receivable_date=then)}
        self.assertEqual(rows, {("invoice", 1000.0, 15, "d30")})

    def test_an_instalment_that_is_due_is_a_claim_until_it_is_invoiced(self):
        order = self._create_opportunities([900.0], user_id=self.rep.id).action_create_quotations()
        order.user_id = self.rep
        order.instalment_ids = [
            (0, 0, {"name": "Deposit", "percent": 30, "trigger": "signing"}),
            (0, 0, {"name": "Rest", "percent": 70, "trigger": "shipping"}),
        ]
        order.action_confirm()
        claim = self._items(self.rep).filtered(lambda item: item.kind == "claim")
        self.assertEqual((claim.order_id, claim.amount_open, claim.instalment_id.name), (order, 270.0, "Deposit"))
        self.assertEqual(claim.action_open_document()["res_model"], "sale.order")
        deposit = order.instalment_ids[0]
        deposit.sudo().date_triggered = self.today - timedelta(days=10)
        deposit.action_invoice()
        self.assertFalse(self._items().filtered(lambda item: item.kind == "claim"))
        deposit.invoice_ids.action_post()
        for days, claimed in ((11, []), (10, [270.0]), (1, [270.0]), (0, [])):
            items = self._items(receivable_date=self.today - timedelta(days=days))
            self.assertEqual([item.amount_open for item in items if item.kind == "claim"], claimed, days)

    def test_money_is_expected_when_the_customer_usually_pays(self):
        behaviours = self.env["crm.payment.behaviour"]
        behaviours._refresh(self.customer)
        days = behaviours.search([("partner_id", "=", self.customer.id), ("company_id", "=", self.company.id)]).days_late
        self.assertEqual(days, 25.0)
        item = self._items().filtered(lambda item: item.invoice_id == self.fresh)
        self.assertEqual(item.date_expected, item.date_due + timedelta(days=25))

    def test_a_rep_sees_own_items_and_nobody_elses(self):
        self.assertEqual(len(self._items(self.rep)), 5)
        self.assertFalse(self._items(self.other))
        self.assertFalse(self._items(self.other, receivable_date=self.today - timedelta(days=30)))
        with self.assertRaises(AccessError):
            self._items().with_user(self.other).with_context(show_customer=True).name_get()
        with self.assertRaises(AccessError):
            self._items(self._create_user("item_warehouse", "crm_sales_order.group_warehouse"))

    def test_the_statement_ties_opening_movements_and_closing(self):
        since = self.today - timedelta(days=30)
        accounts = {account.currency: account for account in self._statement(date_from=since)._get_accounts()}
        own = accounts[self.company.currency_id.id]
        self.assertEqual((own.opening, own.billed, own.settled, own.closing), (100000, 30000, 52000, 78000))
        self.assertEqual(sum(item.open for item in own.open_items), own.closing)
        self.assertEqual(accounts[self.usd.id].closing, 20000)
        earlier = self._statement(date_to=since)._get_accounts()
        self.assertEqual([(account.closing, account.overdue) for account in earlier], [(100000, 100000)])

    def test_the_statement_on_paper_and_as_a_spreadsheet(self):
        statement = self._statement(self.rep)
        report = self.env.ref("crm_sales_order.action_report_account_statement").with_user(self.rep)
        self.assertTrue(report._render_qweb_pdf(statement.ids)[0].startswith(b"%PDF"))
        book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(statement.book)))
        self.assertEqual(set(book.sheetnames), {self.company.currency_id.name, self.usd.name})
        rows = list(book[self.company.currency_id.name].iter_rows(values_only=True))
        closing = next(row for row in rows if row[1] == "Closing Balance")
        self.assertEqual(closing[3:6], (1300.0, 520.0, 780.0))

    def test_the_statement_is_mailed_with_its_pdf(self):
        self.customer.email = "acme@example.com"
        context = self._statement(self.finance).action_send()["context"]
        composer = self.env["mail.compose.message"].with_user(self.finance).with_context(context).create({})
        values = composer.onchange_template_id(context["default_template_id"], "comment", "res.partner", self.customer.id)["value"]
        self.assertIn("statement of account", values["subject"])
        self.assertEqual(composer.attachment_ids.mapped("mimetype"), ["application/pdf"])

    def test_a_rep_gets_no_statement_with_colleagues_invoices(self):
        self._statement(self.rep)._get_accounts()
        with self.assertRaises(AccessError):
            self._statement(self.other)._get_accounts()
        self._bill(10.0, days_ago=1, invoice_user_id=self.other.id)
        with self.assertRaisesRegex(SalesOrderError, "ask finance"):
            self._statement(self.rep).action_print()
        self._statement(self.finance)._get_accounts()

    def test_a_period_that_ends_before_it_begins_is_refused(self):
        with self.assertRaises(SalesOrderValidationError):
            self._statement(date_to=self.today - timedelta(days=90))

    def test_the_order_shows_its_rep_who_paid_when(self):
        order = self._create_delivered_orders([1200.0], user_id=self.rep.id)
        order.user_id = self.rep
        invoice = order.action_invoice_delivered()
        statement = self._create_statement([(order.name, 1200.0, self.customer)])
        statement.line_ids.partner_name = "Mrs Acme"
        statement.action_match_invoices()
        paid = order.with_user(self.rep).payment_ids
        self.assertEqual([(row.amount, row.payer, row.invoice_id) for row in paid], [(1200.0, "Mrs Acme", invoice)])
        self.assertEqual(paid.memo, order.name)
