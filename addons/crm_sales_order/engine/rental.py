# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Goods given out for a time: periods to charge, days too late, and whether a fleet suffices."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Iterable, List, NamedTuple, Sequence, Tuple

#: Units rent is charged by
DAY, WEEK, MONTH = "day", "week", "month"
#: Days before (negative) and after the due date on which somebody is reminded; later every week
_REMINDER_DAYS = (-2, 0, 1)


class Movement(NamedTuple):
    """Pieces that went to the customer (positive) or left them again (negative) on a day."""

    day: date
    pieces: float


class Booking(NamedTuple):
    """Pieces needed from ``start`` to ``end``, both included."""

    start: date
    end: date
    pieces: float


def get_periods(start: date, end: date, unit: str) -> List[Tuple[date, date]]:
    """The periods from ``start`` to ``end``, both days included; one that is begun counts whole.

    Months run from day to day; the last one ends with the rental, not after it.

    >>> get_periods(date(2026, 1, 31), date(2026, 3, 30), MONTH)
    [(datetime.date(2026, 1, 31), datetime.date(2026, 2, 27)), (datetime.date(2026, 2, 28), datetime.date(2026, 3, 30))]
    >>> len(get_periods(date(2026, 3, 1), date(2026, 3, 3), DAY))
    3
    >>> get_periods(date(2026, 3, 2), date(2026, 3, 1), DAY)
    []
    """
    periods: List[Tuple[date, date]] = []
    begin = start
    while begin <= end:
        following = _shift(start, len(periods) + 1, unit)
        periods.append((begin, min(following - timedelta(days=1), end)))
        begin = following
    return periods


def _shift(start: date, count: int, unit: str) -> date:
    if unit == MONTH:
        year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
        return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
    return start + timedelta(days=count * (7 if unit == WEEK else 1))


def get_charged(periods: Iterable[Tuple[date, date]], movements: Sequence[Movement], today: date) -> float:
    """Pieces × periods to charge by ``today``: each period that has begun, for the pieces that were out in it.

    What comes back during a period is charged to its end, what goes out during one from its beginning.

    >>> months = get_periods(date(2026, 1, 1), date(2026, 3, 31), MONTH)
    >>> moves = [Movement(date(2026, 1, 1), 2), Movement(date(2026, 2, 10), -1)]
    >>> [get_charged(months, moves, day) for day in (date(2025, 12, 31), date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1))]
    [0.0, 2.0, 4.0, 5.0]
    """
    charged = 0.0
    for begin, end in periods:
        if begin <= today:
            went = sum(move.pieces for move in movements if move.pieces > 0 and move.day <= min(end, today))
            came = sum(move.pieces for move in movements if move.pieces < 0 and move.day < begin)
            charged += max(went + came, 0)
    return charged


def get_late_days(movements: Iterable[Movement], due: date, today: date) -> float:
    """Pieces × days past ``due``; pieces still out count up to ``today``.

    >>> moves = [Movement(date(2026, 1, 1), 3), Movement(date(2026, 1, 10), -1), Movement(date(2026, 1, 13), -1)]
    >>> get_late_days(moves, date(2026, 1, 10), date(2026, 1, 15))
    8.0
    """
    late = out = 0.0
    for move in movements:
        out += move.pieces
        if move.pieces < 0:
            late -= move.pieces * max((move.day - due).days, 0)
    return late + max(out, 0) * max((today - due).days, 0)


def get_peak(bookings: Sequence[Booking], start: date, end: date) -> float:
    """The most pieces needed on any one day from ``start`` to ``end``.

    >>> march = [Booking(date(2026, 3, 1), date(2026, 3, 5), 1), Booking(date(2026, 3, 5), date(2026, 3, 9), 2)]
    >>> get_peak(march, date(2026, 3, 1), date(2026, 3, 4)), get_peak(march, date(2026, 3, 1), date(2026, 3, 9))
    (1, 3)
    """
    days = {start, *(booking.start for booking in bookings if start <= booking.start <= end)}
    return max(sum(booking.pieces for booking in bookings if booking.start <= day <= booking.end) for day in days)


def get_claims(bookings: Sequence[Booking], in_hand: float, today: date) -> List[Tuple[date, float]]:
    """The pieces nobody else may have, from which day on: what the bookings need beyond the pieces ``in_hand`` for them.

    One piece serves booking after booking, so the busiest day counts. A claim stays: whoever buys a piece keeps it, and
    what is out may come back late.

    >>> march = [Booking(date(2026, 3, 1), date(2026, 3, 5), 1), Booking(date(2026, 3, 5), date(2026, 3, 9), 2)]
    >>> get_claims(march, 0, date(2026, 2, 1))
    [(datetime.date(2026, 3, 1), 1.0), (datetime.date(2026, 3, 5), 2.0)]
    >>> get_claims(march, 1, date(2026, 3, 2))
    [(datetime.date(2026, 3, 5), 2.0)]
    """
    claims: List[Tuple[date, float]] = []
    held = 0.0
    for day in sorted({max(booking.start, today) for booking in bookings}):
        missing = get_peak(bookings, day, day) - in_hand - held
        if missing > 0:
            claims.append((day, missing))
            held += missing
    return claims


def is_reminder_day(due: date, today: date) -> bool:
    """Whether somebody is reminded today of goods due back on ``due``.

    >>> [day for day in range(1, 31) if is_reminder_day(date(2026, 3, 10), date(2026, 3, day))]
    [8, 10, 11, 18, 25]
    """
    late = (today - due).days
    return late in _REMINDER_DAYS or (late > 1 and late % 7 == 1)
