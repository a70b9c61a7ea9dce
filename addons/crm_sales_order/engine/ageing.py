# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How old open receivables are. Dates are calendar days, ages whole days."""

from datetime import date, timedelta

#: Bucket → the last day late that still belongs to it; what is later is in :data:`OLDEST`
LAST_DAYS = {"not_due": 0, "d30": 30, "d60": 60, "d90": 90}
OLDEST = "older"
BUCKETS = (*LAST_DAYS, OLDEST)


def get_bucket(days_late: int) -> str:
    """The bucket of something ``days_late`` days past its due date; zero and below is not due.

    >>> [get_bucket(days) for days in (-5, 0, 1, 30, 31, 60, 61, 90, 91)]
    ['not_due', 'not_due', 'd30', 'd30', 'd60', 'd60', 'd90', 'd90', 'older']
    """
    return next((bucket for bucket, last in LAST_DAYS.items() if days_late <= last), OLDEST)


def get_week(day: date) -> date:
    """The Monday of the week of ``day``.

    >>> get_week(date(2026, 3, 1)), get_week(date(2026, 3, 2))
    (datetime.date(2026, 2, 23), datetime.date(2026, 3, 2))
    """
    return day - timedelta(days=day.weekday())
