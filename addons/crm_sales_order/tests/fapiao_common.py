# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import io
from base64 import b64decode, b64encode
from contextlib import contextmanager

import openpyxl

from ..tools.sheets import write_book
from .common import SalesOrderCase

#: Unified social credit codes with a right check digit
CODE, OTHER_CODE = "91110000600037341L", "913100001322213900"
TAX_CODE = "1090131010000000000"


class FapiaoCase(SalesOrderCase):
    """A customer with a title, goods with tax codes and a sales tax of 13 %, people of the roles."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax = cls.env["account.tax"].create({"name": "13 %", "amount": 13.0, "type_tax_use": "sale"})
        cls.low_tax = cls.env["account.tax"].create({"name": "6 %", "amount": 6.0, "type_tax_use": "sale"})
        cls.code = cls.env["crm.fapiao.tax.code"].create({"code": TAX_CODE, "short_name": "水泵"})
        cls.pump.product_tmpl_id.fapiao_tax_code_id = cls.code
        cls.valve.categ_id = cls.env["product.category"].create({"name": "Valves"})
        cls.customer.write({"vat": CODE, "fapiao_email": "bills@acme.example", "fapiao_phone": "010-60003734"})
        cls.rep = cls._create_user("fapiao_rep", "crm_core.group_sales_rep")
        cls.other_rep = cls._create_user("fapiao_other", "crm_core.group_sales_rep")
        cls.finance = cls._create_user("fapiao_finance", "crm_sales_order.group_finance")
        cls.warehouse_man = cls._create_user("fapiao_warehouse", "crm_sales_order.group_warehouse")

    @classmethod
    def _create_invoice(cls, *lines, kind="out_invoice", post=True, **values):
        """A posted invoice of (product, quantity, price, tax)."""
        invoice = cls.env["account.move"].create(
            {
                "move_type": kind,
                "partner_id": cls.customer.id,
                "invoice_user_id": cls.rep.id,
                "invoice_date": "2026-03-10",
                "date": "2026-03-10",
                "invoice_line_ids": [
                    (0, 0, {"product_id": product.id, "quantity": quantity, "price_unit": price, "tax_ids": [(6, 0, tax.ids)]})
                    for product, quantity, price, tax in lines
                ],
                **values,
            }
        )
        if post:
            invoice.action_post()
        return invoice

    def _request(self, invoices, user=None, **values):
        """The fapiao requested for these invoices, as the rep."""
        action = invoices.with_user(user or self.rep).action_request_fapiao()
        wizard = self.env["crm.fapiao.request"].with_user(user or self.rep).browse(action["res_id"])
        wizard.write(values)
        before = self.env["crm.fapiao"].search([])
        wizard.action_request()
        return self.env["crm.fapiao"].search([], order="id") - before

    def _import(self, rows, user=None, header=("发票流水号", "数电票号码", "开票日期", "价税合计")):
        """Read an answer of the tax platform in: rows of (reference, number, date, total)."""
        content = write_book([("Sheet1", list(header), [list(row) for row in rows])])
        wizard = self.env["crm.fapiao.import"].with_user(user or self.finance).create(
            {"file": b64encode(content), "file_name": "answer.xlsx"}
        )
        return wizard.action_import()

    def _issue(self, fapiao, number):
        """Number ``fapiao`` by a file: 26 and 18 digits."""
        self._import([(one.name, self._number(number + place), "2026-03-12", one.amount_total) for place, one in enumerate(fapiao)])

    @contextmanager
    def assertRefused(self, error, text):
        """Refused with ``text``, and nothing half done."""
        with self.assertRaises(error) as caught, self.env.cr.savepoint():
            yield
        self.assertRegex(str(caught.exception.args[0]), text)

    @staticmethod
    def _number(serial):
        return "26%018d" % serial

    @staticmethod
    def _read_sheets(content):
        """{sheet: [{header: cell}]} of a file in base64."""
        book = openpyxl.load_workbook(io.BytesIO(b64decode(content)))
        result = {}
        for sheet in book.worksheets:
            header, *rows = sheet.iter_rows(values_only=True)
            result[sheet.title] = [dict(zip(header, row)) for row in rows]
        return result
