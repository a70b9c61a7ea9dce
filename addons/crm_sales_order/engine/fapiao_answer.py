# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The tax platform's answer: which number each requested fapiao got, row by row, or what is wrong with the row."""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Optional

from .fapiao import clean, is_number

REFERENCE, NUMBER, DATE, AMOUNT = "reference", "number", "date", "amount"
FIELDS = (REFERENCE, NUMBER, DATE, AMOUNT)


@dataclass(frozen=True)
class Request:
    """What is known of a fapiao that waits for its number; ``total`` with tax, negative for a red one."""

    id: int
    total: int
    number: str = ""
    is_open: bool = True


@dataclass(frozen=True)
class Answer:
    """A number that came back, for the request ``id``."""

    row: int
    id: int
    number: str
    date: Optional[date]


@dataclass(frozen=True)
class Problem:
    """Why a row is not taken. ``code``: ``missing``, ``form``, ``unknown``, ``closed`` (the request is cancelled),
    ``other`` (it has another number), ``twice`` (in the file; ``value`` is the other row), ``taken`` (by another
    request), ``differs`` (the amount), ``year`` (of the number and of the date)."""

    row: int
    field: str
    code: str
    value: str = ""


def find_columns(header: Sequence[str], names: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Place of each field whose column is in the header; names are compared without case, blanks and remarks.

    >>> find_columns(["发票流水号*", " 数电票号码 ", "价税合计（元）"], {"reference": ["发票流水号"], "amount": ["价税合计"]})
    {'reference': 0, 'amount': 2}
    """
    places: dict[str, int] = {}
    for place, head in enumerate(header):
        places.setdefault(_fold(head), place)
    found = {}
    for field, heads in names.items():
        known = [places[_fold(head)] for head in heads if _fold(head) in places]
        if known:
            found[field] = known[0]
    return found


def _fold(head: str) -> str:
    plain = unicodedata.normalize("NFKC", str(head)).casefold().split("(")[0]
    return re.sub(r"[\s*_:]", "", plain)


def read_amount(text: object) -> Optional[int]:
    """Minor units of an amount with two decimals at most; None if it is none.

    >>> read_amount("¥1,130.00"), read_amount("-56.5"), read_amount("56.505"), read_amount("about 3"), read_amount("")
    (113000, -5650, None, None, None)
    """
    plain = clean(str(text or "").replace("-", "−")).replace("−", "-").replace(",", "").lstrip("¥￥")
    try:
        amount = Decimal(plain) * 100
    except InvalidOperation:
        return None
    if not amount.is_finite() or amount != amount.to_integral_value() or abs(amount) > 10**15:
        return None
    return int(amount)


def read_date(text: object) -> Optional[date]:
    """The day in one of the usual ways of writing it.

    >>> read_date("2026-03-05 10:11:12"), read_date("2026年3月5日"), read_date("20260305"), read_date("2026-13-01")
    (datetime.date(2026, 3, 5), datetime.date(2026, 3, 5), datetime.date(2026, 3, 5), None)
    """
    match = re.match(r"\s*(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*[-/.月]?\s*(\d{1,2})(?!\d)", str(text or ""))
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def judge(
    rows: Iterable[tuple[int, Mapping[str, str]]], known: Mapping[str, Request], taken: Mapping[str, int]
) -> tuple[list[Answer], list[Problem]]:
    """The numbers to take and what is wrong with the other rows. A row that says what is known already is neither.

    :param rows: (number of the row, values by :data:`FIELDS`; ``date`` and ``amount`` may be absent, not empty)
    :param known: the requests by reference
    :param taken: id of the request by number, for the numbers in the file that are used already

    >>> known = {"FP1": Request(1, 11300), "FP2": Request(2, 500)}
    >>> answers, problems = judge([
    ...     (2, {"reference": "FP1", "number": "26312000000000000001", "amount": "113.00"}),
    ...     (3, {"reference": "FP2", "number": "26312000000000000001", "amount": "6"})], known, {})
    >>> [answer.number for answer in answers], [(problem.row, problem.field, problem.code) for problem in problems]
    (['26312000000000000001'], [(3, 'number', 'twice'), (3, 'amount', 'differs')])
    """
    answers: list[Answer] = []
    problems: list[Problem] = []
    seen: dict[tuple[str, str], int] = {}
    for row, values in rows:
        reference, number = str(values.get(REFERENCE) or "").strip(), clean(values.get(NUMBER))
        request = known.get(reference)
        found = _judge_reference(row, reference, request, number) + _judge_number(row, number, request, taken)
        for field, value in ((REFERENCE, reference), (NUMBER, number)):
            first = seen.setdefault((field, value), row)
            if value and first != row:
                found.append(Problem(row, field, "twice", str(first)))
        day, wrong = _judge_facts(row, values, request, number)
        found += wrong
        problems += found
        if request and not found and request.number != number:
            answers.append(Answer(row, request.id, number, day))
    return answers, problems


def _judge_reference(row: int, reference: str, request: Optional[Request], number: str) -> list[Problem]:
    if request is None:
        return [Problem(row, REFERENCE, "unknown" if reference else "missing", reference)]
    if request.number and request.number != number:
        return [Problem(row, REFERENCE, "other", request.number)]
    return [] if request.is_open or request.number else [Problem(row, REFERENCE, "closed", reference)]


def _judge_number(row: int, number: str, request: Optional[Request], taken: Mapping[str, int]) -> list[Problem]:
    if not is_number(number):
        return [Problem(row, NUMBER, "form" if number else "missing", number)]
    if number in taken and (request is None or taken[number] != request.id):
        return [Problem(row, NUMBER, "taken", number)]
    return []


def _judge_facts(
    row: int, values: Mapping[str, str], request: Optional[Request], number: str
) -> tuple[Optional[date], list[Problem]]:
    """The day of a row, and what is wrong with its day and amount."""
    found = []
    day = None
    if DATE in values:
        day = read_date(values[DATE])
        if day is None:
            found.append(Problem(row, DATE, "form" if values[DATE] else "missing", values[DATE]))
        elif is_number(number) and number[:2] != "%02d" % (day.year % 100):
            found.append(Problem(row, NUMBER, "year", number))
    if AMOUNT in values:
        amount = read_amount(values[AMOUNT])
        if amount is None:
            found.append(Problem(row, AMOUNT, "form" if values[AMOUNT] else "missing", values[AMOUNT]))
        elif request and amount != request.total:
            found.append(Problem(row, AMOUNT, "differs", values[AMOUNT]))
    return day, found
