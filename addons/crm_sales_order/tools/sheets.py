# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Files other programs read and write: XLSX out, XLSX or CSV in."""
import io
from datetime import datetime

import xlsxwriter
from odoo.addons.crm_core.engine.lead_file.source import BadFile, LeadFile

#: Of every file, so that the same rows make the same bytes
CREATED = datetime(2020, 1, 1)
HEADER_SEARCH = 30


def write_book(sheets):
    """An XLSX file; the same ``sheets`` give the same bytes.

    Text stays text, so that numbers of 20 digits and codes with zeros in front come back as they are.

    :param sheets: [(name, header, rows)], cells are str, int, float or None
    :rtype: bytes
    """
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": CREATED})
    bold = book.add_format({"bold": True, "bottom": 1})
    text, amount = book.add_format({"num_format": "@"}), book.add_format({"num_format": "0.00######"})
    for name, header, rows in sheets:
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, header, bold)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(len(header) - 1, 0), 16)
        for number, row in enumerate(rows, 1):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, place, cell, text)
                elif cell is not None:
                    sheet.write_number(number, place, cell, amount if isinstance(cell, float) else None)
    book.close()
    return content.getvalue()


def read_table(content, count_known):
    """The table of a file: the line that ``count_known`` knows most of is its header.

    :param count_known: function of a list of cells
    :return: (header, [(line in the file, cells)])
    :raise BadFile: for what cannot be read; ``no_rows`` where no line is a header
    """
    file = LeadFile(content)
    lines = [(file.header_line, file.header), *file.rows()]
    best = max(range(min(len(lines), HEADER_SEARCH)), key=lambda place: (count_known(lines[place][1]), -place))
    if not count_known(lines[best][1]):
        raise BadFile("no_rows")
    return lines[best][1], lines[best + 1 :]
