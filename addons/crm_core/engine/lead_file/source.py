# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The rows of a CSV or XLSX file, one after the other: memory does not grow with the number of rows."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from itertools import islice

from ..migration.reader import MAX_BYTES, SAMPLE, Line, Unreadable, cell_text, find_delimiter, find_encoding
from .columns import looks_like_data, names_known

MAX_FILE_BYTES = 64 << 20
MAX_ROWS = 500_000
MAX_COLUMNS = 200
MAX_CELL = 20_000  # characters of a cell that are kept
MAX_STRINGS = 128 << 20  # of an XLSX: all its texts are in memory while it is read
HEADER_SEARCH = 15  # title lines above the header looked past
_PIECE = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


class BadFile(Exception):
    """The file cannot be imported. ``code`` says why, ``size`` by how much where that is the reason."""

    def __init__(self, code: str, size: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.size = size


class LeadFile:
    """An opened file: its header, about how many rows it has, and as often as wanted its rows.

    >>> file = LeadFile("客户名单\\n姓名;电话\\n王伟;13812345678\\n".encode("gb18030"))
    >>> file.header, file.header_line, list(file.rows())
    (['姓名', '电话'], 2, [(3, ['王伟', '13812345678'])])
    """

    def __init__(self, content: bytes) -> None:
        """:raises BadFile: ``empty``, ``too_big``, ``too_many_rows``, ``pdf``, ``old_excel``, ``password``, ``html``,
        ``unreadable`` or ``no_rows``"""
        self._content = content
        self._is_xlsx = _check_kind(content)
        self.row_estimate = _count_xlsx_rows(content) if self._is_xlsx else _count_lines(content)
        if self.row_estimate > MAX_ROWS + HEADER_SEARCH:
            raise BadFile("too_many_rows", self.row_estimate)
        if not self._is_xlsx:
            self._find_format()
        first = list(islice(self._filled(), HEADER_SEARCH + 1))
        if not first:
            raise BadFile("empty")
        self.header_line, self.header = _find_header(first)
        if not self.header_line and len(first[0][1]) == 1 and not looks_like_data(first[0][1]):
            raise BadFile("no_rows")
        if not next(self.rows(), None):
            raise BadFile("no_rows")

    def rows(self) -> Iterator[Line]:
        """(line in the file, cells) of the rows below the header that are not empty. A row may be shorter or, if
        something is wrong with it, longer than the header.

        :raises BadFile: ``broken``, where the file cannot be read any further
        """
        for line, cells in self._filled():
            if line > self.header_line:
                yield line, cells

    def _filled(self) -> Iterator[Line]:
        for line, cells in self._xlsx_lines() if self._is_xlsx else self._csv_lines():
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                yield line, cells[: MAX_COLUMNS + 1]

    # -- CSV ---------------------------------------------------------------------------------------------------------

    def _find_format(self) -> None:
        try:
            self._encoding, _clean = find_encoding(self._content)
        except Unreadable:
            raise BadFile("unreadable") from None
        sample = self._content[: SAMPLE * 8].decode(self._encoding, "ignore")
        if sum(char < " " and char not in "\t\r\n" for char in sample) > len(sample) * 0.02:
            raise BadFile("unreadable")
        self._delimiter = _find_delimiter(sample)

    def _csv_lines(self) -> Iterator[Line]:
        csv.field_size_limit(MAX_BYTES)
        text = io.TextIOWrapper(io.BytesIO(self._content), self._encoding, "replace", newline="")
        reader = csv.reader((line.replace("\0", "") for line in text), delimiter=self._delimiter, skipinitialspace=True)
        start = 1
        try:
            for cells in reader:
                yield start, [cell.strip().strip("\ufeff")[:MAX_CELL] for cell in cells]
                start = reader.line_num + 1
        except csv.Error:
            raise BadFile("broken") from None

    # -- XLSX --------------------------------------------------------------------------------------------------------

    def _xlsx_lines(self) -> Iterator[Line]:
        """Of the first visible sheet with anything in it."""
        import openpyxl  # type: ignore[import-untyped]  # here, so that CSV needs nothing but Python

        try:
            book = openpyxl.load_workbook(io.BytesIO(self._content), read_only=True, data_only=True, keep_links=False)
        except Exception:  # openpyxl raises whatever the broken part of the archive makes it raise
            raise BadFile("unreadable") from None
        try:
            for sheet in book.worksheets:
                if getattr(sheet, "sheet_state", "visible") != "visible":
                    continue
                sheet.reset_dimensions()  # other programs' files often say too little
                found = False
                for line, row in enumerate(sheet.iter_rows(values_only=True), 1):
                    cells = [cell_text(value)[:MAX_CELL] for value in row[: MAX_COLUMNS + 1]]
                    found = found or any(cells)
                    yield line, cells
                if found:
                    return
        except BadFile:
            raise
        except Exception:
            raise BadFile("broken") from None
        finally:
            book.close()


def _check_kind(content: bytes) -> bool:
    """Whether the content is an XLSX (else a text); BadFile if it is neither."""
    if not content.strip():
        raise BadFile("empty")
    if len(content) > MAX_FILE_BYTES:
        raise BadFile("too_big", len(content))
    if content.startswith(b"%PDF-"):
        raise BadFile("pdf")
    if content.startswith(_OLE):
        raise BadFile("password" if _ENCRYPTED in content else "old_excel")
    if content[:2000].lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith((b"<html", b"<!doctype", b"<?xml", b"<table")):
        raise BadFile("html")
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sizes = {member.filename: member.file_size for member in archive.infolist()}
            encrypted = any(member.flag_bits & 1 for member in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError):
        raise BadFile("unreadable") from None
    if encrypted:
        raise BadFile("password")
    if "xl/workbook.xml" not in sizes:
        raise BadFile("unreadable")
    strings = sizes.get("xl/sharedStrings.xml", 0)
    if strings > MAX_STRINGS or sum(sizes.values()) > 5 * MAX_BYTES:
        raise BadFile("too_big", sum(sizes.values()))
    return True


def _count_lines(content: bytes) -> int:
    ended = content.rstrip(b"\0").endswith(b"\n")
    return content.count(b"\n") + (not ended)


def _count_xlsx_rows(content: bytes) -> int:
    """Rows of the largest sheet, counted in its unpacked text."""
    most = 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                if not member.filename.startswith("xl/worksheets/sheet"):
                    continue
                rows, tail = 0, b""
                with archive.open(member) as sheet:
                    while piece := sheet.read(_PIECE):
                        text = tail + piece
                        rows += text.count(b"<row ") + text.count(b"<row>")
                        tail = text[-4:]  # shorter than the mark: never counted twice
                most = max(most, rows)
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError):
        raise BadFile("unreadable") from None
    return most


def _find_delimiter(sample: str) -> str:
    """The separator that shows the most columns of known names in one line; without any, the one that makes the best table.

    >>> _find_delimiter("姓名,手机,备注\\n王伟,13812345678,泵;阀;管;油\\n李娜,13912345678,布;丝;胶;漆\\n")
    ','
    """
    lines = [line for line in sample.splitlines() if line.strip()][:HEADER_SEARCH]
    known = {one: max(map(names_known, csv.reader(lines, delimiter=one)), default=0) for one in ",;\t|"}
    best = max(known, key=lambda one: known[one])
    return best if known[best] > 1 else find_delimiter(sample)


def _find_header(first: list[Line]) -> tuple[int, list[str]]:
    """Line and names of the header: the line with most names that are known, else the first with two cells; (0, numbers)
    if the file begins with data at once."""
    best = max(first[:HEADER_SEARCH], key=lambda one: names_known(one[1]))
    if names_known(best[1]) < 2:
        best = next((one for one in first[:HEADER_SEARCH] if sum(map(bool, one[1])) > 1), first[0])
    line, cells = best
    if looks_like_data(cells):
        return 0, [str(number) for number in range(1, max(len(cells) for _line, cells in first) + 1)]
    return line, [" ".join(cell.split())[:255] for cell in cells]
