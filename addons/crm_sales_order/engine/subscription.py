# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Periods of a subscription."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Period:
    """Days ``start`` to ``stop``, both included; ``share`` is 1 for a full period, less when the end cuts it short."""

    start: date
    stop: date
    share: float


def add_months(day: date, months: int) -> date:
    """The same day ``months`` later, or the last of its month.

    >>> add_months(date(2026, 1, 31), 1), add_months(date(2026, 1, 31), 2)
    (datetime.date(2026, 2, 28), datetime.date(2026, 3, 31))
    """
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def get_start(start: date, months: int, number: int) -> date:
    """First day of period ``number`` (from 0); counted from ``start``, so that the 31st does not drift to the 28th."""
    return add_months(start, months * number)


def get_number(start: date, months: int, day: date) -> int:
    """Number of the first period that starts on ``day`` or later.

    >>> get_number(date(2026, 1, 15), 1, date(2026, 1, 15)), get_number(date(2026, 1, 15), 1, date(2026, 3, 1))
    (0, 2)
    """
    number = 0
    while get_start(start, months, number) < day:
        number += 1
    return number


def get_due(start: date, months: int, since: date, today: date, end: date | None = None) -> list[Period]:
    """Periods that start from ``since`` to ``today``, both included; none starts after ``end``, and ``end`` cuts the last.

    >>> [period.start.day for period in get_due(date(2026, 1, 31), 1, date(2026, 1, 31), date(2026, 3, 31))]
    [31, 28, 31]
    >>> get_due(date(2026, 4, 1), 1, date(2026, 4, 1), date(2026, 5, 1), date(2026, 4, 15))
    [Period(start=datetime.date(2026, 4, 1), stop=datetime.date(2026, 4, 15), share=0.5)]
    """
    due: list[Period] = []
    number = get_number(start, months, since)
    while True:
        first = get_start(start, months, number)
        if first > today or (end and first > end):
            return due
        last = get_start(start, months, number + 1) - timedelta(days=1)
        stop = min(last, end) if end else last
        due.append(Period(first, stop, ((stop - first).days + 1) / ((last - first).days + 1)))
        number += 1
