# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Reporting periods: always whole months at the start, up to today at the end, beside what they are compared with."""

from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple, Optional

#: Months a chart shows at least, so that a single month still has its history beside it.
CHART_MONTHS = 12

PERIODS = ("month", "quarter", "year", "last_year", "all")


class Period(NamedTuple):
    """Both days of a range are included; None is no limit."""

    date_from: Optional[date]
    date_to: Optional[date]
    previous_from: Optional[date]
    previous_to: Optional[date]
    chart_from: Optional[date]


def months_back(day: date, months: int) -> date:
    """The same day some months earlier, or the last day that month has.

    >>> months_back(date(2024, 3, 31), 1), months_back(date(2024, 2, 29), 12)
    (datetime.date(2024, 2, 29), datetime.date(2023, 2, 28))
    """
    index = day.year * 12 + day.month - 1 - months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def get_period(key: str, today: date) -> Period:
    """The period ``key`` stands for on the day ``today``.

    A running period is compared with as many days of the one before:

    >>> period = get_period("quarter", date(2026, 5, 15))
    >>> period.date_from.isoformat(), period.date_to.isoformat()
    ('2026-04-01', '2026-05-15')
    >>> period.previous_from.isoformat(), period.previous_to.isoformat()
    ('2026-01-01', '2026-02-15')
    >>> period.chart_from.isoformat()
    '2025-06-01'

    A finished one with the whole one before:

    >>> get_period("last_year", date(2026, 5, 15))[1:4]
    (datetime.date(2025, 12, 31), datetime.date(2024, 1, 1), datetime.date(2024, 12, 31))

    And all time with nothing:

    >>> get_period("all", date(2026, 5, 15)) == (None, None, None, None, None)
    True
    """
    if key == "all":
        return Period(None, None, None, None, None)
    if key == "last_year":
        today = date(today.year, 1, 1) - timedelta(days=1)
    length = {"month": 1, "quarter": 3, "year": 12, "last_year": 12}[key]
    start = today.replace(day=1, month=(today.month - 1) // length * length + 1)
    chart_from = min(start, months_back(today.replace(day=1), CHART_MONTHS - 1))
    return Period(start, today, months_back(start, length), months_back(today, length), chart_from)
