# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Vouchers (记账凭证) for another accounting program: numbered without gaps, balanced, and read back to the same totals.

Amounts are integers of minor units of the company's currency. A voucher is known by its period (``2026-03``) and number.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Optional

from .fapiao_answer import read_amount, read_date

Key = tuple[str, int]

#: Columns of which a file is read back; the period is that of the date, or of year and month
NUMBER, ACCOUNT, DEBIT, CREDIT = "number", "account_code", "debit", "credit"
DATE, YEAR, MONTH = "date", "year", "month"
NEEDED = (NUMBER, ACCOUNT, DEBIT, CREDIT)


@dataclass(frozen=True)
class Entry:
    """A line of a voucher; ``row`` is where it stands in a file, 0 in the books."""

    voucher: Key
    account: str
    debit: int
    credit: int
    row: int = 0


@dataclass(frozen=True)
class Problem:
    """What is wrong in a file. ``code``: ``number``, ``period``, ``amount``, ``account``, ``both`` (debit and credit in one
    row), ``unbalanced`` (``value`` is by how much), ``voucher`` and ``entry`` (not as in the books); ``row`` 0: no single row."""

    row: int
    code: str
    value: str = ""


@dataclass(frozen=True)
class Totals:
    vouchers: int
    entries: int
    debit: int
    credit: int


def period(day: date) -> str:
    """
    >>> period(date(2026, 3, 31))
    '2026-03'
    """
    return "%04d-%02d" % (day.year, day.month)


def number(moves: Iterable[tuple[int, date]], last: Mapping[str, int]) -> dict[int, Key]:
    """Voucher of each entry of the books: per period by date, then id, on from the last number.

    >>> number([(7, date(2026, 3, 5)), (3, date(2026, 3, 5)), (9, date(2026, 3, 1)), (4, date(2026, 4, 1))], {"2026-03": 10})
    {9: ('2026-03', 11), 3: ('2026-03', 12), 7: ('2026-03', 13), 4: ('2026-04', 1)}
    """
    used = dict(last)
    numbers = {}
    for move, day in sorted(moves, key=lambda one: (one[1], one[0])):
        month = period(day)
        used[month] = used.get(month, 0) + 1
        numbers[move] = (month, used[month])
    return numbers


def unbalanced(entries: Iterable[Entry]) -> dict[Key, int]:
    """Debit less credit of the vouchers where they differ.

    >>> unbalanced([Entry(("2026-03", 1), "1122", 113, 0), Entry(("2026-03", 1), "6001", 0, 100)])
    {('2026-03', 1): 13}
    """
    sums: dict[Key, int] = {}
    for entry in entries:
        sums[entry.voucher] = sums.get(entry.voucher, 0) + entry.debit - entry.credit
    return {voucher: amount for voucher, amount in sums.items() if amount}


def total(entries: Sequence[Entry]) -> Totals:
    """
    >>> total([Entry(("2026-03", 1), "1122", 113, 0), Entry(("2026-03", 1), "6001", 0, 113)])
    Totals(vouchers=1, entries=2, debit=113, credit=113)
    """
    return Totals(
        len({entry.voucher for entry in entries}),
        len(entries),
        sum(entry.debit for entry in entries),
        sum(entry.credit for entry in entries),
    )


def read_back(rows: Iterable[tuple[int, Mapping[str, str]]]) -> tuple[list[Entry], list[Problem]]:
    """The entries of a file, and what cannot be read of it or does not balance.

    :param rows: (row in the file, texts by source of the column)

    >>> rows = [(2, {"date": "2026-03-05", "number": "1", "account_code": "1122", "debit": "1.13", "credit": ""}),
    ...         (3, {"date": "2026-03-05", "number": "1", "account_code": "6001", "debit": "", "credit": "1.00"}),
    ...         (4, {"date": "5 March", "number": "one", "account_code": "", "debit": "x", "credit": ""})]
    >>> entries, problems = read_back(rows)
    >>> len(entries), [(problem.row, problem.code, problem.value) for problem in problems]
    ... # doctest: +NORMALIZE_WHITESPACE
    (2, [(4, 'period', '5 March'), (4, 'number', 'one'), (4, 'account', ''), (4, 'amount', 'x'), (0, 'unbalanced', '2026-03/1: 0.13')])
    """
    entries: list[Entry] = []
    problems: list[Problem] = []
    for row, values in rows:
        found = _read_row(row, values)
        if isinstance(found, Entry):
            entries.append(found)
        else:
            problems += found
    for (month, voucher), amount in unbalanced(entries).items():
        problems.append(Problem(0, "unbalanced", "%s/%d: %.2f" % (month, voucher, amount / 100)))
    return entries, problems


def _read_row(row: int, values: Mapping[str, str]) -> Entry | list[Problem]:
    problems = []
    month = _read_period(values)
    if month is None:
        problems.append(Problem(row, "period", values.get(DATE) or values.get(MONTH) or ""))
    text = (values.get(NUMBER) or "").strip()
    if not text.isdecimal():
        problems.append(Problem(row, "number", text))
    account = (values.get(ACCOUNT) or "").strip()
    if not account:
        problems.append(Problem(row, "account"))
    amounts = []
    for side in (DEBIT, CREDIT):
        amount = read_amount(values.get(side)) if values.get(side) else 0
        if amount is None:
            problems.append(Problem(row, "amount", values.get(side) or ""))
        else:
            amounts.append(amount)
    if len(amounts) == 2 and all(amounts):
        problems.append(Problem(row, "both"))
    if problems or month is None:
        return problems
    return Entry((month, int(text)), account, amounts[0], amounts[1], row)


def _read_period(values: Mapping[str, str]) -> Optional[str]:
    """The period of a row: of its date, or else of its year and month."""
    if values.get(DATE):
        day = read_date(values[DATE])
        return period(day) if day else None
    year, month = (values.get(YEAR) or "").strip(), (values.get(MONTH) or "").strip()
    if year.isdecimal() and month.isdecimal() and 1 <= int(month) <= 12:
        return "%04d-%02d" % (int(year), int(month))
    return None


def compare(books: Sequence[Entry], file: Sequence[Entry]) -> list[Problem]:
    """Where a file does not say what the books say: vouchers missing or too many, entries that differ.

    >>> books = [Entry(("2026-03", 1), "1122", 113, 0), Entry(("2026-03", 1), "6001", 0, 113)]
    >>> compare(books, books[::-1])
    []
    >>> compare(books, [Entry(("2026-03", 1), "1122", 113, 0, 2), Entry(("2026-03", 1), "6002", 0, 113, 3)])
    [Problem(row=3, code='entry', value='2026-03/1'), Problem(row=0, code='entry', value='2026-03/1')]
    >>> [(problem.code, problem.value) for problem in compare(books, [])]
    [('voucher', '2026-03/1')]
    """
    problems = []
    wanted, found = _by_voucher(books), _by_voucher(file)
    for voucher in sorted(wanted.keys() | found.keys()):
        name = "%s/%d" % voucher
        if voucher not in wanted or voucher not in found:
            problems.append(Problem(found[voucher][0].row if voucher in found else 0, "voucher", name))
            continue
        left = [_content(entry) for entry in wanted[voucher]]
        for entry in found[voucher]:
            if _content(entry) in left:
                left.remove(_content(entry))
            else:
                problems.append(Problem(entry.row, "entry", name))
        problems += [Problem(0, "entry", name) for _entry in left]
    return problems


def _content(entry: Entry) -> tuple[str, int, int]:
    return entry.account, entry.debit, entry.credit


def _by_voucher(entries: Iterable[Entry]) -> dict[Key, list[Entry]]:
    vouchers: dict[Key, list[Entry]] = {}
    for entry in entries:
        vouchers.setdefault(entry.voucher, []).append(entry)
    return vouchers
