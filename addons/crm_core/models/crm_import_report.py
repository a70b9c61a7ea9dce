# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import io

import xlsxwriter
from odoo import _, models

COLORS = {"rejected": "#F8D7DA", "repaired": "#FFF3CD", "note": "#FFFFFF"}


class CrmImportRun(models.Model):
    """The report of an import as a spreadsheet: one line per row of the files."""

    _inherit = "crm.import.run"

    def _make_report(self):
        """XLSX bytes: every rejected, repaired or noted row with file, line, column, value, reason and action."""
        self.ensure_one()
        stream = io.BytesIO()
        # constant_memory keeps 100,000 lines cheap; strings_to_*: a cell of the file must never become a formula
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(stream, options) as book:
            sheet = book.add_worksheet(_("Report"))
            bold = book.add_format({"bold": True, "bottom": 1})
            formats = {key: book.add_format({"bg_color": color}) for key, color in COLORS.items()}
            for column, (title, width) in enumerate(self._get_report_columns()):
                sheet.set_column(column, column, width)
                sheet.write_string(0, column, title, bold)
            sheet.freeze_panes(1, 0)
            row = 0
            for row, (severity, cells) in enumerate(self._get_report_rows(), 1):
                for column, cell in enumerate(cells):
                    write = sheet.write_number if isinstance(cell, int) else sheet.write_string
                    write(row, column, cell, formats[severity])
            sheet.autofilter(0, 0, row, len(self._get_report_columns()) - 1)
        return stream.getvalue()

    def _get_report_columns(self):
        return [
            (_("Result"), 12), (_("File"), 28), (_("Line"), 8), (_("Column"), 20), (_("Value"), 28),
            (_("Reason"), 60), (_("What Was Done"), 60),
        ]  # fmt: skip

    def _get_report_rows(self):
        names = dict(self.env["crm.import.issue"]._fields["severity"]._description_selection(self.env))
        for issue in self.issue_ids:
            head = [names[issue.severity], issue.file_name or ""]
            tail = [issue.column_name or "", issue.value or "", issue.reason or "", issue.action or ""]
            for line in (issue.lines or "").split(","):
                yield issue.severity, [*head, int(line) if line else "", *tail]
