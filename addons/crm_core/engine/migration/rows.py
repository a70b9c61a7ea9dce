# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Reading typed cells of a table's rows, reporting those that cannot be read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from .issues import IssueLog
from .reader import Table
from .schema import AMOUNT, DATE, KINDS
from .values import date_order, decimal_mark, is_empty, parse_amount, parse_date, parse_integer


class Rejected(Exception):
    """The row cannot be imported; the reason is in the log."""


class Row:
    """One line, read field by field."""

    def __init__(self, reader: RowReader, line: int, cells: list[str]) -> None:
        self._reader = reader
        self.line = line
        self._cells = cells

    def text(self, code: str) -> str:
        """The cell of ``code`` with blanks folded; "" for no column, no content or a word for "nothing"."""
        column = self._reader.columns.get(code)
        if column is None:
            return ""
        cell = " ".join(self._cells[column].split())
        return "" if is_empty(cell) else cell

    def report(self, issue: str, code: str = "", value: str = "", result: str = "", kind: str = "") -> None:
        reader = self._reader
        reader.log.add(issue, reader.file, self.line, reader.label(code), value, result, kind)

    def reject(self, issue: str, code: str = "", value: str = "", result: str = "") -> Rejected:
        """Report and return the exception to raise."""
        self.report(issue, code, value, result)
        return Rejected(issue)

    def date(self, code: str) -> dt.date | None:
        cell = self.text(code)
        try:
            return parse_date(cell, self._reader.order)
        except ValueError:
            self.report("bad_date", code, cell)
            return None

    def integer(self, code: str) -> int:
        cell = self.text(code)
        try:
            return parse_integer(cell) or 0
        except ValueError:
            self.report("bad_number", code, cell)
            return 0

    def amount(self, code: str) -> float | None:
        """The number, None if the cell is empty; raises Rejected for text: money is never guessed."""
        cell = self.text(code)
        try:
            return parse_amount(cell, self._reader.marks.get(code, "."))
        except ValueError:
            raise self.reject("bad_amount", code, cell) from None


class RowReader:
    """Rows of a mapped table; finds the column-wide habits (the file's date order, a column's decimal mark) once."""

    def __init__(self, table: Table, log: IssueLog) -> None:
        self.file = table.name
        self.log = log
        self.columns = table.columns
        self._table = table
        self.marks: dict[str, str] = {}
        dates: list[str] = []
        for item in KINDS[table.kind]:
            column = self.columns.get(item.code)
            if column is None:
                continue
            if item.type == DATE:
                dates.extend(table.cells(column))
            elif item.type == AMOUNT:
                self.marks[item.code] = decimal_mark(table.cells(column))
        self.order, sure = date_order(dates)
        if not sure:
            self.log.add("date_order_assumed", self.file, 0, "", self.order)

    def label(self, code: str) -> str:
        column = self.columns.get(code)
        return self._table.header[column] if column is not None else code

    def __iter__(self) -> Iterator[Row]:
        for line, cells in self._table.rows:
            yield Row(self, line, cells)
