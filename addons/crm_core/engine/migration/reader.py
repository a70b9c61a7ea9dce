# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Files as other CRMs export them (CSV in any usual encoding, XLSX, zips of those), read as tables of text."""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from .issues import IssueLog

MAX_BYTES = 200 * 1024 * 1024  # unpacked, per file
MAX_MEMBERS = 200
PIECE = 1 << 16
SAMPLE = 2000  # bytes or characters looked at to tell text from anything else
HEADER_SEARCH = 15  # title lines above the header looked past
Line = tuple[int, list[str]]


@dataclass
class Table:
    """One sheet of one file. ``rows`` holds (line number in the file, cells as text, as many as the header has)."""

    name: str
    header: list[str]
    rows: list[Line]
    kind: str = ""
    columns: dict[str, int] = field(default_factory=dict)  # field code → column

    def cells(self, column: int) -> Iterator[str]:
        return (cells[column] for _line, cells in self.rows)


def read_files(files: Iterable[tuple[str, bytes]], log: IssueLog) -> list[Table]:
    """All tables in ``files``; what cannot be read is reported in ``log``, never raised.

    >>> log = IssueLog()
    >>> [(t.name, t.header, t.rows) for t in read_files([("p.csv", "产品;单价\\n泵;5\\n".encode("gb18030"))], log)]
    [('p.csv', ['产品', '单价'], [(2, ['泵', '5'])])]
    """
    tables: list[Table] = []
    for name, content in _unpack(files, log):
        try:
            sheets = list(_sheets(name, content, log))
        except Unreadable:
            log.add("file_unreadable", name)
            continue
        except TooBig:
            log.add("file_too_big", name)
            continue
        found = [table for table in (_table(label, lines, log) for label, lines in sheets) if table]
        if not found:
            log.add("file_empty", name)
        tables.extend(found)
    return tables


class Unreadable(Exception):
    """The bytes are not what the name says."""


class TooBig(Exception):
    """Unpacked, the file would fill the memory."""


def _unpack(files: Iterable[tuple[str, bytes]], log: IssueLog) -> Iterator[tuple[str, bytes]]:
    for name, content in files:
        if len(content) > MAX_BYTES:
            log.add("file_too_big", name)
        elif name.lower().endswith(".zip"):
            yield from _unzip(name, content, log)
        else:
            yield name, content


def _unzip(name: str, content: bytes, log: IssueLog) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
            if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_BYTES:
                log.add("file_too_big", name)
                return
            for member in members:
                if member.filename.lower().endswith((".csv", ".tsv", ".txt", ".xlsx", ".xlsm")):
                    yield "%s/%s" % (name, member.filename.rsplit("/", 1)[-1]), archive.read(member)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError):
        log.add("file_unreadable", name)


def _sheets(name: str, content: bytes, log: IssueLog) -> Iterator[tuple[str, list[Line]]]:
    if content[:4] == b"PK\x03\x04":
        if unpacked_size(content) > MAX_BYTES:
            raise TooBig
        yield from _xlsx_sheets(name, content, log)
    elif content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" or content[:5] == b"%PDF-":
        raise Unreadable  # the old .xls, or a PDF
    elif content.strip():
        yield name, _csv_lines(name, content, log)


def unpacked_size(content: bytes) -> int:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError):
        raise Unreadable from None


def decode(content: bytes) -> tuple[str, bool]:
    """Text of a file in UTF-8, UTF-16 or GB18030, and whether that went without loss.

    >>> decode("客户".encode("utf-16")), decode("客户".encode("gb18030")), decode("客户".encode("utf-8-sig"))
    (('客户', True), ('客户', True), ('客户', True))
    """
    encoding, clean = find_encoding(content)
    return content.decode(encoding, "replace"), clean


def find_encoding(content: bytes) -> tuple[str, bool]:
    """The encoding of a text, and whether all of it is in that. Reads it by pieces, so that it costs little memory.

    :raises Unreadable: if it is no text
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", True
    if content[:SAMPLE].count(0) > len(content[:SAMPLE]) // 4:  # UTF-16 that lost its mark
        little = content[:SAMPLE:2].count(0) < content[1:SAMPLE:2].count(0)
        return ("utf-16-le" if little else "utf-16-be"), True
    if b"\0" in content[:SAMPLE]:
        raise Unreadable
    for encoding in ("utf-8-sig", "gb18030", "cp1252"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for start in range(0, len(content), PIECE):
                decoder.decode(content[start : start + PIECE])
            decoder.decode(b"", True)
        except UnicodeDecodeError:
            continue
        return encoding, True
    return "gb18030", False


def _csv_lines(name: str, content: bytes, log: IssueLog) -> list[Line]:
    text, clean = decode(content)
    sample = text[:SAMPLE]
    if sum(char < " " and char not in "\t\r\n" for char in sample) > len(sample) * 0.02:
        raise Unreadable  # a picture or a program, by any name
    if not clean:
        log.add("encoding_lossy", name)
    text = text.replace("\0", "")  # no database takes it
    csv.field_size_limit(MAX_BYTES)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=find_delimiter(text), skipinitialspace=True)
    lines: list[Line] = []
    start = 1
    try:
        for cells in reader:
            lines.append((start, [cell.strip() for cell in cells]))
            start = reader.line_num + 1
    except csv.Error:
        raise Unreadable from None
    return lines


def find_delimiter(text: str) -> str:
    """The separator that cuts the first lines into the most, and equally many, cells."""
    sample = [line for line in text.splitlines()[:50] if line.strip()]
    best, best_score = ",", 0.0
    for candidate in ",;\t|":
        widths = [len(cells) for cells in csv.reader(sample, delimiter=candidate)]
        common = max(sorted(set(widths)), key=widths.count) if widths else 1
        score = (common - 1) * widths.count(common) / len(widths) if widths else 0.0
        if score > best_score:
            best, best_score = candidate, score
    return best


def _xlsx_sheets(name: str, content: bytes, log: IssueLog) -> Iterator[tuple[str, list[Line]]]:
    import openpyxl  # type: ignore[import-untyped]  # here, so that CSV needs nothing but Python

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
        formulas = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    except Exception:  # openpyxl raises whatever the broken part of the archive makes it raise
        raise Unreadable from None
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    for sheet in sheets:
        label = name if len(sheets) == 1 else "%s [%s]" % (name, sheet.title)
        merged = _merged_values(sheet.merged_cells.ranges, sheet, label, log)
        lines: list[Line] = []
        for line, row in enumerate(sheet.iter_rows(values_only=True), 1):
            cells = [cell_text(merged.get((line, column), value)) for column, value in enumerate(row, 1)]
            lines.append((line, cells))
        _report_formulas(formulas[sheet.title], lines, label, log)
        yield label, lines


def _merged_values(ranges: Iterable[object], sheet: object, label: str, log: IssueLog) -> dict[tuple[int, int], object]:
    """Cells under a merged area, with the area's value: a merged "East" means East on each of its lines."""
    values: dict[tuple[int, int], object] = {}
    for area in ranges:
        first_row, last_row = area.min_row, area.max_row  # type: ignore[attr-defined]
        first_col, last_col = area.min_col, area.max_col  # type: ignore[attr-defined]
        if first_row == last_row:
            continue  # a title across the sheet
        value = sheet.cell(first_row, first_col).value  # type: ignore[attr-defined]
        for line in range(first_row, last_row + 1):
            for column in range(first_col, last_col + 1):
                values[line, column] = value
            log.add("merged_cells", label, line, result=cell_text(value))
    return values


def _report_formulas(sheet: object, lines: Sequence[Line], label: str, log: IssueLog) -> None:
    for line, row in enumerate(sheet.iter_rows(values_only=True), 1):  # type: ignore[attr-defined]
        for column, value in enumerate(row):
            if isinstance(value, str) and value.startswith("=") and line <= len(lines):
                cells = lines[line - 1][1]
                if column < len(cells) and not cells[column]:
                    log.add("formula_without_value", label, line, value=value)


def cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    isoformat = getattr(value, "isoformat", None)
    if isoformat is not None:
        return str(isoformat()).replace("T00:00:00", "")
    return str(value).strip()


def _table(label: str, lines: list[Line], log: IssueLog) -> Table | None:
    """Header and rows of a sheet: the header is its first line, or the first with two cells below title lines."""
    filled = [(line, cells) for line, cells in lines if any(cells)]
    start = 0
    while start < min(len(filled), HEADER_SEARCH) and sum(map(bool, filled[start][1])) < 2:
        start += 1
    if start and (start >= min(len(filled), HEADER_SEARCH)):
        start = 0  # a table of one column
    if len(filled) <= start:
        return None
    header = [re.sub(r"\s+", " ", cell) for cell in filled[start][1]]
    while header and not header[-1]:
        header.pop()
    rows: list[Line] = []
    for line, cells in filled[start + 1 :]:
        if len(cells) < len(header):
            log.add("rows_short", label, line)
        if any(cells[: len(header)]):
            rows.append((line, (cells + [""] * len(header))[: len(header)]))
    return Table(label, header, rows)
