# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Does what was read agree with what the file says: balances from row to row, totals, number of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from .model import Line, Problem, Totals


def in_order(lines: Sequence[Line]) -> list[Line]:
    """Oldest first, if the file runs by time in either direction; else as they stand.

    >>> from datetime import date
    >>> [line.row for line in in_order([Line(2, date(2026, 1, 2), 5), Line(3, date(2026, 1, 1), 5)])]
    [3, 2]
    """
    if len(lines) > 1 and _gaps(lines) > _gaps(lines[::-1]):
        return list(reversed(lines))
    moments = [(line.date, line.time) for line in lines]
    if len(set(moments)) > 1 and moments == sorted(moments, reverse=True) and _gaps(lines) >= _gaps(lines[::-1]):
        return list(reversed(lines))
    return list(lines)


def _gaps(lines: Sequence[Line]) -> int:
    return sum(_follows(one, two) is False for one, two in zip(lines, lines[1:]))


def _follows(one: Line, two: Line) -> Optional[bool]:
    """Whether the second balance is the first one and the second amount; None where the file does not say."""
    if one.balance is None or two.balance is None:
        return None
    return two.balance == one.balance + two.amount


def balances(lines: Sequence[Line]) -> tuple[Optional[int], Optional[int], list[Problem]]:
    """(opening, closing, warning at the first gap); opening and closing are None if there is a gap or no balance.

    :param lines: oldest first

    >>> from datetime import date
    >>> day = date(2026, 1, 1)
    >>> balances([Line(2, day, 500, balance=1500), Line(3, day, -200, balance=1300)])
    (1000, 1300, [])
    >>> balances([Line(2, day, 500, balance=1500), Line(4, day, -200, balance=1000)])
    (None, None, [Problem(code='balance_gap', row=4, column='', value='')])
    """
    if not lines or any(line.balance is None for line in lines):
        return None, None, []
    for one, two in zip(lines, lines[1:]):
        if not _follows(one, two):
            return None, None, [Problem("balance_gap", two.row)]
    first, last = lines[0].balance, lines[-1].balance
    return (first or 0) - lines[0].amount, last, []


def compare(totals: Totals, lines: Sequence[Line], row_count: int, digits: int) -> list[Problem]:
    """A warning for each total the rows do not come to. What the file counts neither as income nor expense does not count.

    :param row_count: rows of the table, those included that moved no money
    """
    counted = [line for line in lines if not line.neutral]
    income = [line.amount for line in counted if line.amount > 0]
    expense = [-line.amount for line in counted if line.amount < 0]
    found = [
        ("total_rows", totals.rows, row_count, 0),
        ("total_income", totals.income, sum(income), digits),
        ("total_expense", totals.expense, sum(expense), digits),
        ("total_income_rows", totals.income_rows, len(income), 0),
        ("total_expense_rows", totals.expense_rows, len(expense), 0),
    ]
    return [
        Problem(code, value="%s ≠ %s" % (_shown(said, places), _shown(read, places)))
        for code, said, read, places in found
        if said is not None and said != read
    ]


def _shown(number: int, digits: int) -> str:
    return "{:,.{digits}f}".format(number / 10**digits, digits=digits)
