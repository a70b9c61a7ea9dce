# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64
import io
from datetime import timedelta

import openpyxl
from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SalesOrderCase


@tagged("post_install", "-at_install")
class TestMonthEnd(SalesOrderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.finance = cls._create_user("month_finance", "crm_sales_order.group_finance")
        cls.then = cls.today - timedelta(days=20)
        cls.empty = {date: cls._get_page(cls, date) for date in (None, cls.then)}
        cls.late = cls._bill(1000.0, 40)
        cls.fresh = cls._bill(300.0, 0)
        cls.advance = cls._pay(70.0, 1)

    @classmethod
    def _bill(cls, amount, days_ago, **values):
        date = cls.today - timedelta(days=days_ago)
        line = {"name": "Pump", "quantity": 1, "price_unit": amount, "tax_ids": [(5,)]}
        values = {"invoice_date": date, "invoice_date_due": date, "invoice_line_ids": [(0, 0, line)], **values}
        move = cls.env["account.move"].create({"move_type": "out_invoice", "partner_id": cls.customer.id, **values})
        move.action_post()
        return move

    @classmethod
    def _pay(cls, amount, days_ago):
        values = {"payment_type": "inbound", "partner_type": "customer", "partner_id": cls.customer.id, "amount": amount}
        payment = cls.env["account.payment"].create({**values, "date": cls.today - timedelta(days=days_ago)})
        payment.action_post()
        return payment

    def _get_page(self, date=None, user=None):
        pages = self.env["crm.month.end"].with_user(user or self.finance)
        sections = pages.get_page(fields.Date.to_string(date) if date else None)["sections"]
        return {section["key"]: section for section in sections}

    def _get_amounts(self, key, date=None):
        """What this class has added to the figures of a section."""
        now, before = (
            {row["label"]: row["amount"] or 0.0 for row in [*page[key]["rows"], page[key]["total"]]}
            for page in (self._get_page(date), self.empty[date])
        )
        changes = {label: round(amount - before.get(label, 0.0), 2) for label, amount in now.items()}
        return {label: amount for label, amount in changes.items() if amount}

    def test_the_page_ties_to_the_ledger_and_each_figure_opens_its_list(self):
        amounts = {"Not Due": 300.0, "31–60 Days": 1000.0, "Payments not Matched": -70.0, "Open": 1230.0}
        self.assertEqual(self._get_amounts("ageing"), {**amounts, "Receivable accounts in the ledger": 1230.0})
        self.assertEqual(self._get_amounts("expected")["All Expected"], 1300.0)
        page = self._get_page()
        self.assertFalse(page["ageing"]["note"])
        for section in page.values():
            for row in (row for row in section["rows"] if row["action"] and row["count"] is not None):
                action = row["action"]
                records = self.env[action["res_model"]].with_user(self.finance).with_context(**action["context"])
                self.assertEqual(records.search_count(action["domain"]), row["count"], row["label"])

    def test_a_day_gone_by_is_shown_as_it_was(self):
        payment = self._pay(1000.0, 2)
        items = payment.line_ids | self.late.line_ids
        items.filtered(lambda item: item.account_internal_type == "receivable").reconcile()
        self.assertEqual(self._get_amounts("ageing")["Open"], 230.0)
        amounts = {"1–30 Days": 1000.0, "Open": 1000.0, "Receivable accounts in the ledger": 1000.0}
        self.assertEqual(self._get_amounts("ageing", self.then), amounts)

    def test_the_month_leads_from_one_balance_to_the_next(self):
        section = self._get_page()["movement"]
        self.assertAlmostEqual(sum(row["amount"] for row in section["rows"]), section["total"]["amount"], 2)

    def test_drafts_are_to_do(self):
        self._bill(50.0, 0).button_draft()
        counts = [{row["label"]: row["count"] for row in page["todo"]["rows"]} for page in (self.empty[None], self._get_page())]
        self.assertEqual(counts[1]["Draft invoices"] - counts[0]["Draft invoices"], 1)

    def test_on_paper_and_as_a_spreadsheet(self):
        page = self.env["crm.month.end"].with_user(self.finance).create({})
        report = self.env.ref("crm_sales_order.action_report_month_end").with_user(self.finance)
        self.assertTrue(report._render_qweb_pdf(page.ids)[0].startswith(b"%PDF"))
        book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(page.book)))
        rows = list(book["Ageing"].iter_rows(values_only=True))
        self.assertIn(("Acme Corporation", 230, None, 1000, None, None, 1230), rows)

    def test_nobody_but_finance_and_management_reads_it(self):
        for group in ("crm_core.group_sales_director", "crm_sales_order.group_warehouse"):
            with self.assertRaises(AccessError):
                self._get_page(user=self._create_user("month_%s" % group[-5:], group))
        self._get_page(user=self._create_user("month_boss", "crm_core.group_executive"))

    def test_the_figures_take_the_same_queries_however_much_is_open(self):
        self._get_page()
        before = self._count_queries()
        for amount in range(10, 15):
            self._bill(float(amount), amount * 7)
        self.assertLessEqual(self._count_queries(), before)

    def _count_queries(self):
        self.env["account.move"].flush()
        self.env.cache.invalidate()
        before = self.env.cr.sql_log_count
        self._get_page()
        return self.env.cr.sql_log_count - before
