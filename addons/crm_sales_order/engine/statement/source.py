# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The kind of a file, told by its content, and the tables in it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any, Optional
from xml.etree import ElementTree

from .model import Problem, StatementError
from .separated import cut_row, read_separated
from .text import decode

MAX_BYTES = 50 << 20
MAX_UNPACKED = 300 << 20
MAX_ROWS = 200_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SPREADSHEET = "{urn:schemas-microsoft-com:office:spreadsheet}"

Row = tuple[int, list[str]]


@dataclass(frozen=True)
class Table:
    """A sheet: (row in the file, cells) of the rows with anything in them.

    :ivar cut: number of the last row if the file ends in the middle of it, as far as its form tells, else 0
    """

    name: str
    rows: list[Row]
    cut: int = 0


@dataclass(frozen=True)
class Source:
    """What a file turned out to be: tables, an XML tree, or the text of an old OFX."""

    encoding: str
    tables: Sequence[Table] = ()
    tree: Optional[ElementTree.Element] = None
    sgml: str = ""


def open_source(content: bytes) -> Source:
    """Look at the content, whatever the file's name says.

    :raises StatementError: ``empty``, ``too_big``, ``pdf``, ``password``, ``damaged``, ``no_text``, ``encoding``, ``truncated`` …

    >>> open_source("日期,金额\\n2026-01-31,5\\n".encode()).tables[0].rows
    [(1, ['日期', '金额']), (2, ['2026-01-31', '5'])]
    """
    if not content.strip(b" \r\n\t\0\xef\xbb\xbf"):
        raise StatementError(Problem("empty"))
    if len(content) > MAX_BYTES:
        raise StatementError(Problem("too_big"))
    if content.startswith(b"%PDF-"):
        raise StatementError(Problem("pdf"))
    if content.startswith(_OLE):
        return Source("XLS", list(_filled(_read_xls(content))))
    if content.startswith(b"PK\x03\x04"):
        return Source("XLSX", list(_filled(_read_xlsx(content))))
    if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml"):
        return _open_xml(content)
    text, encoding = decode(content)
    head = text[:2000].lstrip().lower()
    if "<ofx>" in head or head.startswith("ofxheader"):
        return Source(encoding, sgml=text)
    if re.match(r"<(!doctype html|html|table|head|meta|style)\b", head):
        return Source(encoding, list(_filled([_read_html(text)])))
    if head.startswith("<"):
        return _open_xml(content)
    rows = read_separated(text)
    cut = cut_row(text, rows)
    return Source(encoding, [Table(table.name, table.rows, cut) for table in _filled([("", rows)])])


def _filled(sheets: Any) -> Iterator[Table]:
    """Sheets without empty rows and the empty cells at their rows' ends."""
    count = 0
    for name, rows in sheets:
        kept: list[Row] = []
        for number, cells in rows:
            while cells and not cells[-1].strip():
                cells.pop()
            if cells:
                kept.append((number, cells))
        count += len(kept)
        if count > MAX_ROWS:
            raise StatementError(Problem("too_big"))
        if kept:
            yield Table(name, kept)


# -- XML -----------------------------------------------------------------------------------------------------------------


def _open_xml(content: bytes) -> Source:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise StatementError(Problem("damaged"))  # no statement has any; what they are for is making trouble
    declared = re.match(rb"""[^>]{0,80}encoding=["']([\w.-]+)""", content)
    encoding = (declared[1].decode().upper() if declared else "UTF-8").replace("GB2312", "GB18030").replace("GBK", "GB18030")
    try:
        if encoding == "GB18030":  # expat does not know it
            content = re.sub(rb"<\?xml[^>]*\?>", b"", content, count=1).decode("gb18030").encode()
        tree = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        if b"<ofx>" in content[:4000].lower() and b"<?OFX" not in content[:4000]:
            return Source(encoding, sgml=decode(content)[0])
        row = error.position[0]
        cut = row >= content.rstrip().count(b"\n") + 1
        raise StatementError(Problem("truncated" if cut else "damaged", row)) from None
    except (UnicodeDecodeError, LookupError, ValueError):
        raise StatementError(Problem("encoding", 1, value=encoding)) from None
    if tree.tag == _SPREADSHEET + "Workbook":
        return Source(encoding, list(_filled(_read_spreadsheet_xml(tree))))
    if tree.tag.lower().endswith(("html", "table")):
        return Source(encoding, list(_filled([_read_html(content.decode("utf-8", "replace"))])))
    return Source(encoding, tree=tree)


def _read_spreadsheet_xml(tree: ElementTree.Element) -> Iterator[tuple[str, list[Row]]]:
    """Excel's XML of 2003, which some banks call .xls."""
    for sheet in tree.iter(_SPREADSHEET + "Worksheet"):
        rows: list[Row] = []
        number = 0
        for row in sheet.iter(_SPREADSHEET + "Row"):
            number = int(row.get(_SPREADSHEET + "Index") or number + 1)
            cells: list[str] = []
            for cell in row.iter(_SPREADSHEET + "Cell"):
                place = int(cell.get(_SPREADSHEET + "Index") or len(cells) + 1)
                cells += [""] * min(place - 1 - len(cells), 200)
                cells.append(" ".join("".join(data.itertext()) for data in cell.iter(_SPREADSHEET + "Data")))
            rows.append((number, cells))
        yield sheet.get(_SPREADSHEET + "Name") or "", rows


class _Cells(HTMLParser):
    """The rows of all tables of a page, one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.cell: Optional[list[str]] = None
        self.open_tables = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.open_tables += tag == "table"
        if tag == "tr":
            self._end_cell()
            self.rows.append([])
        elif tag in ("td", "th"):
            self._end_cell()
            if not self.rows:
                self.rows.append([])
            span = str(dict(attrs).get("colspan") or "1")
            self.rows[-1] += [""] * (min(int(span), 100) - 1 if span.isdigit() else 0)
            self.cell = []
        elif tag == "br" and self.cell is not None:
            self.cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self.open_tables -= tag == "table"
        if tag in ("td", "th", "tr", "table"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)

    def _end_cell(self) -> None:
        if self.cell is not None:
            self.rows[-1].append(" ".join("".join(self.cell).split()))
            self.cell = None


def _read_html(text: str) -> tuple[str, list[Row]]:
    """The tables of a web page, which some banks call .xls. A spanning cell stands in the last column it covers."""
    page = _Cells()
    page.feed(text)
    page.close()
    rows = list(enumerate(page.rows, 1))
    if page.open_tables > 0 and "</html>" not in text.lower():
        raise StatementError(Problem("truncated", len(rows)))
    return "", rows


# -- Excel ---------------------------------------------------------------------------------------------------------------


def cell_text(value: object) -> str:
    """A cell of Excel as text; numbers without the noise of floating point.

    >>> cell_text(28.16), cell_text(0.1 + 0.2), cell_text(10000.0), cell_text(None), cell_text(6222020200112233445)
    ('28.16', '0.3', '10000', '', '6222020200112233445')
    """
    if value is None:
        return ""
    if isinstance(value, float):
        return "%.15g" % value
    isoformat = getattr(value, "isoformat", None)
    return str(isoformat(" ") if hasattr(value, "hour") and hasattr(value, "year") else isoformat()) if isoformat else str(value)


def _read_xlsx(content: bytes) -> Iterator[tuple[str, list[Row]]]:
    import openpyxl  # type: ignore[import-untyped]  # here, so that text needs nothing but Python

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if any(member.flag_bits & 1 for member in members):
                raise StatementError(Problem("password"))
            if sum(member.file_size for member in members) > MAX_UNPACKED:
                raise StatementError(Problem("too_big"))
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            for sheet in book.worksheets:
                if sheet.sheet_state == "visible":
                    sheet.reset_dimensions()  # other programs' files often say too little
                    rows = enumerate(sheet.iter_rows(values_only=True), 1)
                    yield sheet.title, [(number, [cell_text(value) for value in row[:200]]) for number, row in rows]
        finally:
            book.close()
    except StatementError:
        raise
    except Exception:  # openpyxl raises whatever the broken part of the archive makes it raise
        raise StatementError(Problem("damaged")) from None


def _read_xls(content: bytes) -> Iterator[tuple[str, list[Row]]]:
    if _ENCRYPTED in content:
        raise StatementError(Problem("password"))
    import xlrd  # type: ignore[import-untyped]

    try:
        book = xlrd.open_workbook(file_contents=content, logfile=io.StringIO())
        for sheet in book.sheets():
            if not sheet.visibility:
                rows = ((number + 1, sheet.row(number)[:200]) for number in range(sheet.nrows))
                yield sheet.name, [(number, [_xls_text(cell, book) for cell in cells]) for number, cells in rows]
    except xlrd.XLRDError as error:
        raise StatementError(Problem("password" if "encrypt" in str(error).lower() else "damaged")) from None
    except Exception:  # nor does xlrd say in advance what a broken file makes it raise
        raise StatementError(Problem("damaged")) from None


def _xls_text(cell: Any, book: Any) -> str:
    import xlrd

    if cell.ctype == xlrd.XL_CELL_DATE:
        return cell_text(xlrd.xldate_as_datetime(cell.value, book.datemode))
    return "" if cell.ctype == xlrd.XL_CELL_ERROR else cell_text(cell.value)
