# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Tables as a spreadsheet: numbers are numbers, days are days, and no text becomes a formula."""

import datetime
import io

import xlsxwriter

#: Colours of the paper (report/paper_pdf.py)
HEAD, FILL = "#1f6f8b", "#f3f6f8"


def make_book(sheets):
    """XLSX bytes.

    :param sheets: list of (name, parts); a part is (heading, columns, rows, number of total rows at the end), columns
        are (label, width); cells are str, float, int, date or None. Parts of a sheet stand below each other.
    """
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        writer = _Writer(book)
        for name, parts in sheets:
            writer.add_sheet(name, parts)
    return stream.getvalue()


class _Writer:
    def __init__(self, book):
        self.book = book
        self.names = set()
        self.heading = book.add_format({"bold": True, "font_size": 13, "font_color": HEAD})
        self.head = book.add_format({"bold": True, "bg_color": FILL, "bottom": 1})
        formats = {"day": "yyyy-mm-dd", "money": "#,##0.00", "text": "@", "count": "#,##0"}
        self.plain = {kind: book.add_format({"num_format": code}) for kind, code in formats.items()}
        self.total = {kind: book.add_format({"num_format": code, "bold": True, "top": 1}) for kind, code in formats.items()}

    def add_sheet(self, name, parts):
        sheet = self.book.add_worksheet(self._get_name(name))
        line = 0
        for heading, columns, rows, totals in parts:
            sheet.write_string(line, 0, heading, self.heading)
            for column, (label, _width) in enumerate(columns):
                sheet.write_string(line + 1, column, label, self.head)
            line += 2
            for number, row in enumerate(rows):
                formats = self.total if number >= len(rows) - totals else self.plain
                for column, cell in enumerate(row):
                    self._write(sheet, line, column, cell, formats)
                line += 1
            line += 1
        for column in range(max(len(columns) for _heading, columns, _rows, _totals in parts)):
            widths = [columns[column][1] for _heading, columns, _rows, _totals in parts if column < len(columns)]
            sheet.set_column(column, column, max(widths))

    def _get_name(self, name):
        """As Excel takes it: at most 31 characters, none of them special, each name once."""
        name = "".join(" " if character in r"[]:*?/\'" else character for character in name).strip()[:28] or "1"
        unique, number = name, 1
        while unique.lower() in self.names:
            number += 1
            unique = "%s %d" % (name, number)
        self.names.add(unique.lower())
        return unique

    def _write(self, sheet, line, column, cell, formats):
        if cell is None or cell is False:
            sheet.write_blank(line, column, None, formats["text"])
        elif isinstance(cell, datetime.date):
            sheet.write_datetime(line, column, datetime.datetime.combine(cell, datetime.time()), formats["day"])
        elif isinstance(cell, int):
            sheet.write_number(line, column, cell, formats["count"])
        elif isinstance(cell, float):
            sheet.write_number(line, column, cell, formats["money"])
        else:
            sheet.write_string(line, column, cell, formats["text"])
