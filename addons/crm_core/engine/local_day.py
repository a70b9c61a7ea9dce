# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Days as people live them, against moments as databases store them (naive UTC)."""

from datetime import date, datetime, time, timedelta, timezone, tzinfo


def day_start(day: date, zone: tzinfo) -> datetime:
    """The moment a local day begins, in UTC. Any kind of ``zone`` will do: zoneinfo's, pytz's or a fixed offset.

    >>> day_start(date(2026, 3, 1), timezone(timedelta(hours=8)))
    datetime.datetime(2026, 2, 28, 16, 0)
    """
    midnight = moment = datetime.combine(day, time.min)
    for _attempt in range(2):  # the offset at midnight UTC may not be the one at local midnight: ask again there
        moment = midnight - _offset(moment, zone)
    return moment


def local_day(moment: datetime, zone: tzinfo) -> date:
    """The local day a moment in UTC belongs to.

    >>> local_day(datetime(2026, 2, 28, 16, 0), timezone(timedelta(hours=8)))
    datetime.date(2026, 3, 1)
    """
    return (moment + _offset(moment, zone)).date()


def _offset(moment: datetime, zone: tzinfo) -> timedelta:
    return moment.replace(tzinfo=timezone.utc).astimezone(zone).utcoffset() or timedelta()
