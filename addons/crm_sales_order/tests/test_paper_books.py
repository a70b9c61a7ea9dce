# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import io
from dataclasses import replace

from odoo.tests import tagged
from PyPDF2 import PdfFileReader
from reportlab.lib.rl_accel import fp_str

from ..exceptions import SalesOrderError
from ..report.paper_pdf import FILL, draw
from .common import SalesOrderCase


@tagged("post_install", "-at_install")
class TestPaperBooks(SalesOrderCase):
    """Invoice, credit note, delivery note and receipt, through Odoo's own doors."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.write({"street": "Keyuan Road 15", "phone": "0755 8888 0001"})
        cls.order = cls._create_delivered_orders([1200.0])
        cls.invoice = cls.order.action_invoice_delivered()
        cls.statement = cls._create_statement([(cls.order.name, 1200.0, cls.customer)])
        cls.statement.action_match_invoices()

    def _paper(self, record, report, user=None):
        record = record.with_user(user) if user else record
        return record._get_paper(self.env.ref(report))

    def _pages(self, report, records):
        content, kind = self.env.ref(report)._render_qweb_pdf(records.ids)
        self.assertEqual(kind, "pdf")
        return PdfFileReader(io.BytesIO(content)).getNumPages()

    def test_the_invoice_says_what_is_paid_and_without_payments_it_does_not(self):
        paper = self._paper(self.invoice, "account.account_invoices")
        self.assertEqual((paper.title, paper.number, paper.stamp), ("Sales Invoice", self.invoice.name, ""))
        table = paper.body[0]
        self.assertEqual([row.cells[1] for row in table.rows], [self.invoice.invoice_line_ids.name])
        self.assertIn("1,200.00", dict(table.totals)["Total"])
        self.assertEqual(table.totals[-1][0], "Still to Pay")
        self.assertIn("0.00", table.totals[-1][1])
        plain = self._paper(self.invoice, "account.account_invoices_without_payment").body[0]
        self.assertEqual(plain.totals[-1][0], "Total")
        self.assertEqual(self._pages("account.account_invoices", self.invoice), 1)

    def test_the_chop_is_on_no_page_without_a_total(self):
        """However many lines: the page of the chop has the shaded box of the amount in words, too."""
        paper = self._paper(self.invoice, "account.account_invoices")
        table = paper.body[0]
        shade = ("%s %s %s rg" % tuple(fp_str(part) for part in FILL.rgb())).encode()
        pages = set()
        for number in range(4, 24):
            book = PdfFileReader(io.BytesIO(draw(replace(paper, body=(replace(table, rows=table.rows[:1] * number),)))))
            pages.add(book.getNumPages())
            self.assertIn(shade, book.getPage(book.getNumPages() - 1).getContents().getData(), number)
        self.assertEqual(pages, {1, 2})

    def test_a_credit_note_names_the_invoice_it_corrects(self):
        reversal = self.invoice._reverse_moves([{"ref": "Returned"}])
        self.assertEqual(self._paper(reversal, "account.account_invoices").stamp, "Draft")
        reversal.action_post()
        paper = self._paper(reversal, "account.account_invoices")
        self.assertEqual(paper.title, "Sales Credit Note")
        self.assertEqual(dict(paper.facts)["Corrects"], self.invoice.name)
        self.assertEqual(self._pages("account.account_invoices", reversal | self.invoice), 2)

    def test_an_entry_that_is_no_invoice_is_not_printed(self):
        with self.assertRaisesRegex(SalesOrderError, "no invoice"):
            self._paper(self.statement.line_ids.move_id, "account.account_invoices")

    def test_the_delivery_note_has_the_address_and_no_price(self):
        user = self._create_user("paper_warehouse", "crm_sales_order.group_warehouse")
        paper = self._paper(self.order.picking_ids, "stock.action_report_delivery", user)
        self.assertEqual((paper.title, dict(paper.facts)["Order"]), ("Delivery Note", self.order.name))
        self.assertIn("Keyuan Road 15", str(paper.parties))
        self.assertIn("0755 8888 0001", str(paper.parties))
        self.assertEqual([row.cells[-1] for row in paper.body[0].rows], ["1 Units"])
        self.assertNotIn("1,200", str(paper))
        self.assertEqual(self._pages("stock.action_report_delivery", self.order.picking_ids), 1)

    def test_the_back_order_is_announced(self):
        self._add_stock(self.valve, 2)
        order = self._create_opportunities([80.0], self.valve).action_create_quotations()
        order.order_line.product_uom_qty = 5
        order.action_confirm()
        order.picking_ids.action_deliver_available()
        done = order.picking_ids.filtered(lambda picking: picking.state == "done")
        shipped, rest = self._paper(done, "stock.action_report_delivery").body
        self.assertEqual((shipped.rows[0].cells[-1], rest.rows[0].cells[-1]), ("2 Units", "3 Units"))

    def test_the_receipt_says_what_the_money_paid(self):
        paper = self._paper(self.statement.line_ids, "crm_sales_order.action_report_bank_receipt")
        self.assertEqual(paper.title, "Receipt of Payment")
        self.assertEqual([row.cells[0] for row in paper.body[0].rows], [self.invoice.name])
        self.assertIn("1,200.00", paper.body[0].totals[0][1])
        self.assertEqual(self._pages("crm_sales_order.action_report_bank_receipt", self.statement.line_ids), 1)

    def test_an_advance_is_received_on_account(self):
        payment = self.env["account.payment"].create(
            {"payment_type": "inbound", "partner_type": "customer", "partner_id": self.customer.id, "amount": 70.0}
        )
        with self.assertRaisesRegex(SalesOrderError, "not posted"):
            self._paper(payment, "account.action_report_payment_receipt")
        payment.action_post()
        rows = self._paper(payment, "account.action_report_payment_receipt").body[0].rows
        self.assertEqual([row.cells[0] for row in rows], ["On account, not yet used"])
        self.assertEqual(self._pages("account.action_report_payment_receipt", payment), 1)
