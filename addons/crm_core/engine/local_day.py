# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Days as people live them, against moments as databases store them (naive UTC)."""

from datetime import date, datetime, time

import pytz  # type: ignore[import-untyped]


def day_start(day: date, timezone: str) -> datetime:
    """The moment a local day begins, in UTC.

    >>> day_start(date(2026, 3, 1), "Asia/Shanghai")
    datetime.datetime(2026, 2, 28, 16, 0)
    """
    local: datetime = pytz.timezone(timezone).localize(datetime.combine(day, time.min))
    return local.astimezone(pytz.utc).replace(tzinfo=None)


def local_day(moment: datetime, timezone: str) -> date:
    """The local day a moment in UTC belongs to.

    >>> local_day(datetime(2026, 2, 28, 16, 0), "Asia/Shanghai")
    datetime.date(2026, 3, 1)
    """
    local: datetime = pytz.utc.localize(moment).astimezone(pytz.timezone(timezone))
    return local.date()
