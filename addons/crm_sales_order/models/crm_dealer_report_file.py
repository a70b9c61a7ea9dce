# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import hashlib
import io

import xlsxwriter
from odoo import _, api, fields, models
from odoo.addons.crm_core.engine.lead_file.source import BadFile, LeadFile

from ..engine.dealer_file import FIELDS, MONTH, PRODUCT, SOLD, STOCK, find_columns
from ..exceptions import DealerError

MAX_FILE_MB = 5
MAX_ROWS = 20_000


class CrmDealerReport(models.Model):
    """Reports from a form and from a file."""

    _inherit = "crm.dealer.report"

    @api.model
    def _take_form(self, dealer, month, form):
        """The form of a month: ``sold_<product id>`` and ``stock_<product id>``; what was reported before is corrected.

        :raise DealerError: naming product and field; nothing is stored then
        """
        products = dealer._get_dealer_report_products()
        reported = self.env["crm.dealer.report.line"].sudo().search([("dealer_id", "=", dealer.id), ("month", "=", month)])
        products |= reported.product_id
        company = dealer.env.company
        text = month.strftime("%Y-%m")
        rows = []
        for product_id in products.ids:
            typed = {SOLD: form.get("sold_%d" % product_id), STOCK: form.get("stock_%d" % product_id)}
            rows.append((product_id, {MONTH: text, PRODUCT: str(product_id), **typed}))
        rows, problems = self._judge(dealer, company, rows, {str(product.id): product.id for product in products}, correct=True)
        if problems:
            names = {product.id: product.display_name for product in products}
            self._refuse(self._get_problem_texts(problems, lambda problem: names[problem.number]))
        if not rows:
            raise DealerError(_("Write down at least one product: what was sold, and what is left."))
        return self._take(dealer, company, rows, "form")

    @api.model
    def _take_file(self, dealer, name, content):
        """An XLSX (or CSV) file; the same file again changes nothing.

        :return: what was done, in words
        :raise DealerError: naming row and field; nothing is stored then
        """
        if len(content) > MAX_FILE_MB << 20:
            raise DealerError(_("“%(file)s” is larger than %(limit)d MB. Use the template.", file=name, limit=MAX_FILE_MB))
        digest = hashlib.sha256(content).hexdigest()
        submission, new = self.env["crm.dealer.submission"]._claim(dealer, "file", digest)
        if not new:
            day = fields.Date.to_string(fields.Datetime.context_timestamp(self, submission.create_date))
            return _("This very file was taken on %s already. Nothing was changed.", day)
        company = dealer.env.company
        rows, problems = self._judge(dealer, company, self._read_file(name, content))
        if problems:
            self._refuse(self._get_problem_texts(problems, lambda problem: self._tell_row(problem.number)))
        if not rows:
            raise DealerError(_("“%s” has no row with sold or stock filled in. Fill in the template and send it again.", name))
        submission.number = self._take(dealer, company, rows, "file")
        return _("%(count)d figures read, %(changed)d of them new. Thank you.", count=len(rows), changed=submission.number)

    @api.model
    def _tell_row(self, number):
        return _("Row %d", number)

    @api.model
    def _read_file(self, name, content):
        """:return: [(line in the file, values by field)]"""
        try:
            file = LeadFile(content)
            columns = find_columns(file.header)
            missing = [field for field in FIELDS if field not in columns]
            if missing:
                heads = dict(zip(FIELDS, self._get_heads()))
                raise DealerError(
                    _("“%(file)s” has no column “%(column)s”. Use the template.", file=name, column=heads[missing[0]])
                )
            rows = []
            for line, cells in file.rows():
                if len(rows) >= MAX_ROWS:
                    raise DealerError(_("“%(file)s” has more than %(limit)d rows. Send it in parts.", file=name, limit=MAX_ROWS))
                rows.append((line, {field: cells[place] if place < len(cells) else "" for field, place in columns.items()}))
            return rows
        except BadFile as error:
            raise DealerError(self._get_bad_file_text(name, error.code)) from error

    @api.model
    def _get_bad_file_text(self, name, code):
        texts = {
            "empty": _("“%s” is empty. Fill in the template and send it again.", name),
            "no_rows": _("“%s” has no rows below its header. Fill in the template and send it again.", name),
            "password": _("“%s” is protected with a password. Take that off and send it again.", name),
            "old_excel": _("“%s” is an old Excel file. Save it as XLSX and send it again.", name),
        }
        return texts.get(code) or _("“%s” is no XLSX file that can be read. Use the template.", name)

    @api.model
    def _get_heads(self):
        """Headers of the template, in the order of the fields; :func:`engine.dealer_file.find_columns` knows them in every language."""
        if (self.env.lang or "").startswith("zh"):
            return ["月份", "产品编码", "销量", "月末库存"]
        return ["Month", "Product code", "Sold", "Stock at month end"]

    @api.model
    def _get_template(self, dealer, month):
        """An XLSX with a row for each product the dealer is asked about.

        :rtype: bytes
        """
        month_head, code_head, sold_head, stock_head = self._get_heads()
        content = io.BytesIO()
        book = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False})
        sheet = book.add_worksheet()
        bold, number = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "0.##"})
        sheet.write_row(0, 0, [month_head, code_head, _("Name"), sold_head, stock_head], bold)
        products = dealer._get_dealer_report_products()
        for line, product in enumerate(products, 1):
            code = product.default_code or product.barcode or product.name
            sheet.write_row(line, 0, [month.strftime("%Y-%m"), code, product.name])
        sheet.set_column(0, 0, 10)
        sheet.set_column(1, 1, 18)
        sheet.set_column(2, 2, 36)
        sheet.set_column(3, 4, 14, number)
        sheet.freeze_panes(1, 0)
        sheet.data_validation(1, 3, max(len(products), 1), 4, {"validate": "decimal", "criteria": ">=", "value": 0})
        book.close()
        return content.getvalue()
