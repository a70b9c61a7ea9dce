# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The report of everything an import refused, repaired or wants to be known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

REJECTED, REPAIRED, NOTE = "rejected", "repaired", "note"

#: code → severity. The words shown to people belong to the caller: it knows the reader's language.
SEVERITY: dict[str, str] = {
    # the file
    "file_unreadable": REJECTED,
    "file_empty": REJECTED,
    "file_unknown": NOTE,
    "file_too_big": REJECTED,
    "column_required": REJECTED,
    "rows_short": REPAIRED,
    "merged_cells": REPAIRED,
    "formula_without_value": REPAIRED,
    "encoding_lossy": REPAIRED,
    # the row
    "name_missing": REJECTED,
    "duplicate_same": REPAIRED,
    "duplicate_differs": REJECTED,
    "stage_missing": REJECTED,
    "stage_unknown": REJECTED,
    "bad_amount": REJECTED,
    "bad_number": REPAIRED,
    "bad_date": REPAIRED,
    "date_order_assumed": NOTE,
    "close_before_open": REPAIRED,
    "close_date_missing": REPAIRED,
    "name_matched": REPAIRED,
    "name_unknown": REPAIRED,
    "word_corrected": REPAIRED,
    "country_unknown": REPAIRED,
    "parent_unknown": REPAIRED,
    "parent_loop": REPAIRED,
    "value_from_price": REPAIRED,
    "no_account": NOTE,
    "no_open_date": NOTE,
    "ref_generated": NOTE,
    "user_kept": NOTE,
    "write_failed": REJECTED,
}


@dataclass
class Issue:
    """One thing to report: the same cause and value in one column of one file, with every line it was met on."""

    code: str
    file: str
    column: str = ""
    value: str = ""
    result: str = ""  # what was used instead, where something was
    kind: str = ""  # what the value should have been
    lines: list[int] = field(default_factory=list)

    @property
    def severity(self) -> str:
        return SEVERITY[self.code]

    @property
    def count(self) -> int:
        return len(self.lines) or 1


class IssueLog:
    """Collects issues, one per distinct cause and value.

    >>> log = IssueLog()
    >>> for line in (2, 5):
    ...     log.add("name_matched", "deals.csv", line, "product", "GTXPro", "GTX Pro", "product")
    >>> [(issue.code, issue.value, issue.result, issue.lines) for issue in log]
    [('name_matched', 'GTXPro', 'GTX Pro', [2, 5])]
    >>> log.count("repaired")
    2
    """

    def __init__(self) -> None:
        self._issues: dict[tuple[str, str, str, str, str, str], Issue] = {}

    def add(
        self, code: str, file: str, line: int = 0, column: str = "", value: str = "", result: str = "", kind: str = ""
    ) -> None:
        """Report ``value`` of ``column`` on ``line`` (1 = first line of the file, 0 = the file as a whole)."""
        key = (code, file, column, value, result, kind)
        issue = self._issues.get(key)
        if issue is None:
            issue = self._issues[key] = Issue(code, file, column, value, result, kind)
        if line:
            issue.lines.append(line)

    def __iter__(self) -> Iterator[Issue]:
        order = (REJECTED, REPAIRED, NOTE)
        return iter(sorted(self._issues.values(), key=lambda issue: order.index(issue.severity)))

    def count(self, severity: str) -> int:
        """Number of rows (or files) with this severity."""
        return sum(issue.count for issue in self._issues.values() if issue.severity == severity)
