# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Targets: how far one is, what each working day left has to bring, and how a year's goal is laid out."""

from calendar import monthrange
from datetime import date
from math import floor
from typing import Dict, Hashable, List, Mapping, NamedTuple, Optional, Sequence, Tuple, TypeVar

#: Months of a period
LENGTHS = {"month": 1, "quarter": 3, "year": 12}
#: Behind the plan by less than this share of what is expected by now is still no alarm
TOLERANCE = 0.2

Key = TypeVar("Key", bound=Hashable)


class Progress(NamedTuple):
    """``share`` and ``expected`` are fractions of the goal (1.0 is all of it); ``per_day`` is what each working day left has
    to bring, None when no day is left; ``status`` one of the four colours."""

    share: float
    expected: float
    days_left: int
    per_day: Optional[float]
    status: str


def period_start(period: str, day: date) -> date:
    """First day of the month, quarter or year a day lies in.

    >>> [period_start(period, date(2026, 5, 15)).isoformat() for period in ("month", "quarter", "year")]
    ['2026-05-01', '2026-04-01', '2026-01-01']
    """
    length = LENGTHS[period]
    return date(day.year, (day.month - 1) // length * length + 1, 1)


def period_end(period: str, start: date) -> date:
    """Last day of the period that begins with ``start``.

    >>> period_end("month", date(2024, 2, 1)), period_end("year", date(2026, 1, 1))
    (datetime.date(2024, 2, 29), datetime.date(2026, 12, 31))
    """
    month = start.month + LENGTHS[period] - 1
    return date(start.year, month, monthrange(start.year, month)[1])


def progress(goal: float, achieved: float, working: Sequence[date], start: date, end: date, today: date) -> Progress:
    """Where a target stands at the beginning of ``today``, which counts as a day left.

    :param working: working days in order; those outside of start … end are ignored

    Ten working days, half of them over, and 30 of 100 done: behind, and 14 a day to go.

    >>> days = [date(2026, 3, day) for day in (2, 3, 4, 5, 6, 9, 10, 11, 12, 13)]
    >>> progress(100, 30, days, days[0], days[-1], date(2026, 3, 9))
    Progress(share=0.3, expected=0.5, days_left=5, per_day=14.0, status='late')
    >>> progress(100, 42, days, days[0], days[-1], date(2026, 3, 9)).status
    'attention'
    >>> progress(100, 120, days, days[0], days[-1], date(2026, 3, 9))
    Progress(share=1.2, expected=0.5, days_left=5, per_day=0.0, status='done')
    >>> progress(100, 99, days, days[0], days[-1], date(2026, 4, 1))
    Progress(share=0.99, expected=1.0, days_left=0, per_day=None, status='late')
    """
    inside = [day for day in working if start <= day <= end]
    left = sum(day >= today for day in inside)
    expected = 1.0 if today > end else 0.0 if today <= start else 1 - left / len(inside) if inside else 1.0
    share = achieved / goal if goal else 1.0
    missing = max(goal - achieved, 0.0)
    per_day = 0.0 if not missing else missing / left if left else None
    if not missing:
        status = "done"
    elif share >= expected and left:
        status = "on_track"
    else:
        status = "attention" if left and share >= expected * (1 - TOLERANCE) else "late"
    return Progress(share, expected, left, per_day, status)


def spread(total: float, weights: Sequence[float], unit: float = 1.0) -> List[float]:
    """``total`` in shares proportional to ``weights``, each a multiple of ``unit``, together exactly ``total``.

    What rounding leaves over goes to the largest fractions. Equal shares where no weight says anything.

    >>> spread(100, [1, 1, 1])
    [34.0, 33.0, 33.0]
    >>> spread(10, [0, 0]), spread(1, [3, 1], 0.01)
    ([5.0, 5.0], [0.75, 0.25])
    """
    if not weights:
        return []
    positive = [max(weight, 0.0) for weight in weights]
    whole = sum(positive)
    shares = [weight / whole if whole else 1 / len(weights) for weight in positive]
    units = round(total / unit)
    exact = [units * share for share in shares]
    given = [floor(value + 1e-9) for value in exact]
    first = sorted(range(len(given)), key=lambda index: (given[index] - exact[index], index))
    for index in first[: units - sum(given)]:
        given[index] += 1
    return [round(number * unit, 6) for number in given]


def last_year_weights(
    people: Sequence[Key], months: int, actual: Mapping[Tuple[Key, int], float]
) -> Dict[Tuple[Key, int], float]:
    """Weight of each person and month (0 … months - 1): the person's share of last year times the month's.

    Somebody without figures counts as the average of the others; a person's odd month does not repeat itself, the season
    of the team does. Without any figure all weights are equal.

    >>> weights = last_year_weights(["ann", "bob", "new"], 2, {("ann", 0): 30.0, ("ann", 1): 30.0, ("bob", 1): 20.0})
    >>> [round(weights[who, month], 2) for who in ("ann", "bob", "new") for month in (0, 1)]
    [0.19, 0.31, 0.06, 0.1, 0.12, 0.21]
    """
    by_person = {who: sum(max(actual.get((who, month), 0.0), 0.0) for month in range(months)) for who in people}
    by_month = [sum(max(actual.get((who, month), 0.0), 0.0) for who in people) for month in range(months)]
    known = [total for total in by_person.values() if total]
    average = sum(known) / len(known) if known else 1.0
    sizes = {who: total or average for who, total in by_person.items()}
    season = by_month if any(by_month) else [1.0] * months
    scale = sum(sizes.values()) * sum(season)
    return {(who, month): sizes[who] * season[month] / scale for who in people for month in range(months)}

