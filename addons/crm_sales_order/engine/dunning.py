# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which reminder an unpaid amount has come to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable


@dataclass(frozen=True)
class Level:
    """A step of reminding; ``days`` after the due date, below zero before it."""

    id: int
    days: int


def due_level(levels: Iterable[Level], days: int, done: Iterable[Level] = ()) -> Level | None:
    """The level that is to act for something ``days`` past its due date (below zero: still to come); None if none is.

    Only the highest level reached acts, so that who starts reminding late does not send three letters at once. Levels go
    up only: once one acted, the same and lower ones never do. What was to be said before the due date is not said after it.

    :param done: the levels that acted, with their days at that time

    >>> ask, warn, last = Level(1, -3), Level(2, 5), Level(3, 30)
    >>> due_level([ask, warn, last], -4), due_level([ask, warn, last], -3) == ask
    (None, True)
    >>> due_level([ask, warn, last], 2) is None, due_level([ask, warn, last], 40, [ask]) == last
    (True, True)
    >>> due_level([ask, warn, last], 12, [warn]), due_level([ask, warn, last], 40, [last])
    (None, None)
    """
    reached = [level for level in levels if level.days <= days and not level.days < 0 < days]
    if not reached:
        return None
    highest = max(reached, key=lambda level: (level.days, level.id))
    if any(past.id == highest.id or past.days >= highest.days for past in done):
        return None
    return highest
