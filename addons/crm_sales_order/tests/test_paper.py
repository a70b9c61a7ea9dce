# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64
import io

from odoo.tests import tagged
from PIL import Image
from PyPDF2 import PdfFileReader

from ..engine.paper.document import Column, Letterhead, Paper, Row, Signature, Table, Text
from ..report.paper_pdf import _Drawing, _register_font
from .common import SalesOrderCase


def picture(color):
    stream = io.BytesIO()
    Image.new("RGBA", (60, 60), color).save(stream, "PNG")
    return base64.b64encode(stream.getvalue())


@tagged("post_install", "-at_install")
class TestPaper(SalesOrderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.report = cls.env.ref("sale.action_report_saleorder")
        cls.order = cls._quote()

    @classmethod
    def _quote(cls, lines=1):
        customer = cls.env["res.partner"].create({"name": "Shenzhen Bay Machinery", "mobile": "13900001111", "street": "Keyuan Road 15"})
        product = cls.env["product.product"].create({"name": "Pump", "type": "service", "list_price": 1001.1, "taxes_id": [(5,)]})
        values = {"product_id": product.id, "name": "Pump", "product_uom_qty": 1, "price_unit": 1001.1, "tax_id": [(5,)]}
        return cls.env["sale.order"].create({"partner_id": customer.id, "order_line": [(0, 0, values)] * lines})

    def _paper(self, order=None, lang="en_US", user=None):
        order = (order or self.order).with_context(lang=lang)
        return order.with_user(user or self.env.user)._get_paper(self.report)

    def _pdf(self, orders):
        content, kind = self.report._render_qweb_pdf(orders.ids)
        self.assertEqual(kind, "pdf")
        return PdfFileReader(io.BytesIO(content))

    def test_odoos_print_door_gives_the_drawn_document(self):
        document = self._pdf(self.order)
        self.assertEqual(document.getNumPages(), 1)
        self.assertIn(self.order.name, document.getDocumentInfo().title)

    def test_fonts_are_embedded(self):
        fonts = self._pdf(self.order).getPage(0)["/Resources"]["/Font"]
        for font in fonts.values():
            descriptor = font.getObject()["/FontDescriptor"].getObject()
            self.assertIn("/FontFile2", descriptor)

    def test_eighty_lines_break_over_pages_and_lose_none(self):
        order = self._quote(lines=80)
        self.assertEqual(len(self._paper(order).body[0].rows), 80)
        self.assertGreaterEqual(self._pdf(order).getNumPages(), 3)

    def test_nobody_signs_on_a_page_that_says_nothing(self):
        _register_font()

        def count(*body):
            """How much is kept together with space and signatures."""
            paper = Paper("T", "1", Letterhead("We"), body=body, signatures=(Signature("Seller"),))
            return len(_Drawing(paper)._get_story()[-1]._content) - 2

        columns, row = (Column("A"),), Row(("pump",))
        self.assertEqual(count(Table(columns, (row,) * 80, (("Total", "1"),), "One")), 3, "totals, words, space")
        self.assertEqual(count(Table(columns, (row,) * 3)), 2, "a short table as a whole")
        self.assertEqual(count(Table(columns, (row,) * 80)), 0, "a long one would leave an empty page before it")

    def test_amounts_include_the_taxes_that_prices_include(self):
        taxes = self.env["account.tax"].create(
            [{"name": "T%s" % included, "amount": 25, "price_include": included} for included in (False, True)]
        )
        for tax, amount in ((taxes[0], "1,001.10"), (taxes[1], "1,001.10"), (taxes, "800.88")):
            self.order.order_line.tax_id = tax
            table = self._paper().body[0]
            self.assertIn(amount, table.rows[0].cells[-1], tax.mapped("name"))
            self.assertEqual(table.columns[-1].label, "Amount with Tax" if tax == taxes[1] else "Amount")

    def test_a_description_longer_than_a_page_still_prints(self):
        self.order.order_line.name = "压缩机 " * 5000
        self.assertGreater(self._pdf(self.order).getNumPages(), 3)

    def test_several_orders_are_one_file(self):
        self.assertEqual(self._pdf(self.order + self._quote()).getNumPages(), 2)

    def test_amounts_in_words_of_the_customers_language(self):
        table = self._paper(lang="zh_CN").body[0]
        self.assertIn("壹仟零壹", table.words)
        self.assertTrue(table.words.endswith("元壹角"), table.words)
        self.assertIn("One Thousand", self._paper().body[0].words)

    def test_the_customers_language_decides(self):
        self.order.partner_id.lang = "zh_CN"
        self.assertEqual(self.order._get_paper_lang(), "zh_CN")

    def test_a_draft_has_no_chop_and_a_sent_quotation_has(self):
        self.env.company.paper_chop = picture("red")
        self.assertFalse(self._paper().signatures[0].image)
        self.order.action_quotation_sent()
        self.assertTrue(self._paper().signatures[0].image)
        self._pdf(self.order)

    def test_the_customers_signature_is_on_the_order(self):
        self.order.write({"signature": picture("blue"), "signed_by": "Wang Lei"})
        buyer = self._paper().signatures[1]
        self.assertTrue(buyer.image)
        self.assertIn("Wang Lei", buyer.lines)

    def test_sections_notes_options_and_terms_are_printed(self):
        option = {"name": "Filter", "product_id": self.valve.id, "uom_id": self.valve.uom_id.id, "price_unit": 5, "quantity": 2}
        self.order.write(
            {
                "note": "Delivery ex works.",
                "order_line": [(0, 0, {"display_type": "line_section", "name": "Spare parts"})],
                "sale_order_option_ids": [(0, 0, option)],
            }
        )
        lines, options, terms = self._paper().body
        self.assertEqual([row.kind for row in lines.rows], ["line", "section"])
        self.assertIsInstance(options, Table)
        self.assertEqual(options.rows[0].cells[0], "Filter")
        self.assertEqual(terms, Text("Terms and Conditions", "Delivery ex works."))

    def test_finance_prints_no_contact_details(self):
        finance = self._create_user("paper_finance", "crm_sales_order.group_finance")
        self.assertIn("13900001111", str(self._paper().parties))
        shown = str(self._paper(user=finance).parties)
        self.assertIn("Shenzhen Bay Machinery", shown)
        self.assertNotIn("13900001111", shown)
        self.assertNotIn("Keyuan", shown)

    def test_nobody_prints_an_order_they_may_not_read(self):
        rep = self._create_user("paper_rep", "crm_core.group_sales_rep")
        self.order.user_id = self.env.ref("base.user_admin")
        with self.assertRaises(Exception) as caught:
            self.report.with_user(rep)._render_qweb_pdf(self.order.ids)
        self.assertEqual(type(caught.exception).__name__, "AccessError")

    def test_a_rep_cannot_take_the_chop(self):
        rep = self._create_user("paper_rep", "crm_core.group_sales_rep")
        self.env.company.paper_chop = picture("red")
        with self.assertRaises(Exception) as caught:
            self.env.company.with_user(rep).read(["paper_chop"])
        self.assertEqual(type(caught.exception).__name__, "AccessError")
