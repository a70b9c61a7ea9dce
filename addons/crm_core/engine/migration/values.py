# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Cells as people and programs write them, read as dates and numbers."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable

MDY, DMY = "mdy", "dmy"
_PARTS = re.compile(r"^\s*(\d{1,4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,4})\s*日?(?:[T ,].*)?$")
_COMPACT = re.compile(r"^\s*((?:19|20)\d\d)(\d\d)(\d\d)\s*$")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ),
        1,
    )
    for name in names.split()
}
_WORDED = re.compile(
    r"^\s*(?:(\d{1,2})[\s.-]+([A-Za-z]{3,9})\.?|([A-Za-z]{3,9})\.?\s+(\d{1,2})),?[\s,-]+(\d{4}|\d\d)\b"
)
_SERIAL = re.compile(r"^\d{5}(?:\.\d+)?$")
_NUMBER = re.compile(r"^[+-]?\d+(?:\.\d+)?$")
_MONEY_WORDS = re.compile(r"(?i)\b(?:usd|cny|rmb|eur|gbp|hkd|jpy|us|cn)\b|[$€£¥￥元圆]|人民币|美元|港币")
EMPTY = frozenset(("", "-", "--", "/", "n/a", "na", "null", "none", "无", "暂无"))


def is_empty(text: str) -> bool:
    """Whether a cell says "nothing", in words or by being blank."""
    return text.strip().casefold() in EMPTY


def date_order(cells: Iterable[str]) -> tuple[str, bool]:
    """Whether a column writes month or day first, and if its own values prove it.

    >>> date_order(["1/2/2017", "10/25/2016"])
    ('mdy', True)
    >>> date_order(["1/2/2017", "25/10/2016"])
    ('dmy', True)
    >>> date_order(["1/2/2017"])
    ('mdy', False)
    """
    proof = {MDY: 0, DMY: 0}
    ambiguous = False
    for cell in cells:
        match = _PARTS.match(unicodedata.normalize("NFKC", cell))
        if not match or len(match[1]) == 4:
            continue
        first, second = int(match[1]), int(match[2])
        if first > 12 >= second:
            proof[DMY] += 1
        elif second > 12 >= first:
            proof[MDY] += 1
        else:
            ambiguous = ambiguous or first != second
    if proof[MDY] == proof[DMY]:
        return MDY, not ambiguous
    return (DMY if proof[DMY] > proof[MDY] else MDY), True


def parse_date(cell: str, order: str = MDY) -> dt.date | None:
    """The day a cell names, None if it is empty; ValueError if it is no day of any calendar.

    >>> parse_date("10/25/2016"), parse_date("25.10.2016", DMY)
    (datetime.date(2016, 10, 25), datetime.date(2016, 10, 25))
    >>> parse_date("2016年10月25日"), parse_date("25-Oct-2016"), parse_date("42668")
    (datetime.date(2016, 10, 25), datetime.date(2016, 10, 25), datetime.date(2016, 10, 25))
    >>> parse_date("31/02/2017", DMY)
    Traceback (most recent call last):
        ...
    ValueError: no such day: 31/02/2017
    """
    text = unicodedata.normalize("NFKC", cell).strip()
    if is_empty(text):
        return None
    try:
        year, month, day = _date_parts(text, order)
        return dt.date(year, month, day)
    except (KeyError, TypeError, ValueError):
        raise ValueError("no such day: %s" % cell) from None


def _date_parts(text: str, order: str) -> tuple[int, int, int]:
    match = _PARTS.match(text)
    if match:
        first, second, third = int(match[1]), int(match[2]), int(match[3])
        if len(match[1]) == 4:
            return first, second, third
        return (_century(third), first, second) if order == MDY else (_century(third), second, first)
    match = _COMPACT.match(text)
    if match:
        return int(match[1]), int(match[2]), int(match[3])
    match = _WORDED.match(text)
    if match:
        month = _MONTHS[(match[2] or match[3]).casefold()]
        return _century(int(match[5])), month, int(match[1] or match[4])
    if _SERIAL.match(text):  # days since Excel's day 0
        day = dt.date(1899, 12, 30) + dt.timedelta(days=int(float(text)))
        return day.year, day.month, day.day
    raise ValueError(text)


def _century(year: int) -> int:
    return year if year > 99 else 2000 + year if year < 70 else 1900 + year


def decimal_mark(cells: Iterable[str]) -> str:
    """The decimal mark of a column, told by the cells that leave no doubt; a point where none does.

    >>> decimal_mark(["1.234,50", "12"]), decimal_mark(["1,234", "7.5"]), decimal_mark(["3,5"])
    (',', '.', ',')
    """
    votes = {".": 0, ",": 0}
    for cell in cells:
        digits = re.sub(r"[^\d.,]", "", cell).strip(".,")
        comma, point = digits.rfind(","), digits.rfind(".")
        if comma >= 0 and point >= 0:
            votes["," if comma > point else "."] += 1
        elif comma >= 0 and digits.count(",") == 1 and len(digits) - comma != 4:
            votes[","] += 1
        elif point >= 0 and digits.count(".") == 1 and len(digits) - point != 4:
            votes["."] += 1
    return "," if votes[","] > votes["."] else "."


def parse_amount(cell: str, mark: str = ".") -> float | None:
    """The number in a cell, whatever money sign, separator or 万/亿 it carries; None if empty, ValueError for text.

    >>> parse_amount("$1,234.50"), parse_amount("1.234,50 €", ","), parse_amount("(500)"), parse_amount("￥1.5万")
    (1234.5, 1234.5, -500.0, 15000.0)
    >>> parse_amount("about 500")
    Traceback (most recent call last):
        ...
    ValueError: not a number: about 500
    """
    text = unicodedata.normalize("NFKC", cell).strip()
    if is_empty(text):
        return None
    text = re.sub(r"[\s'’_]", "", _MONEY_WORDS.sub("", text))
    negative = text.startswith("(") and text.endswith(")")
    text = text.strip("()")
    factor = 1.0
    if text and text[-1] in "万亿kKmM":
        factor = {"万": 1e4, "亿": 1e8, "k": 1e3, "m": 1e6}[text[-1].lower()]
        text = text[:-1]
    thousands = "," if mark == "." else "."
    text = text.replace(thousands, "").replace(mark, ".")
    if not _NUMBER.match(text):
        raise ValueError("not a number: %s" % cell)
    return (-1 if negative else 1) * float(text) * factor


def parse_integer(cell: str) -> int | None:
    """A whole number (a year, a head count); None if empty, ValueError otherwise.

    >>> parse_integer("2,822"), parse_integer("1996年"), parse_integer("")
    (2822, 1996, None)
    """
    amount = parse_amount(re.sub(r"[年人+]$", "", cell.strip()))
    if amount is None:
        return None
    if amount != int(amount):
        raise ValueError("not a whole number: %s" % cell)
    return int(amount)
