# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Available to promise: what can still be promised of a product, and from when on.

A pool is one product in one place. What is there, what comes in, and what is promised already make its
*balance* over time. A quantity is free on a day when taking it then leaves the balance at or above zero on that day
and on every later one: so a new promise never breaks an earlier one, whatever the order of their dates.

Plain Python: no database and no Odoo. Dates are anything that compares; quantities are in the product's own unit.
"""

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Optional

#: States of one demand, and of a whole order.
ALL = "all"
PARTIAL = "partial"
SHORT = "short"

#: Decimals that count: what binary rounding leaves behind makes nothing short.
DIGITS = 6
EPSILON = 10**-DIGITS / 2

#: A date of the caller's kind: ``datetime``, ``date`` or a number.
Date = Any


class Part(NamedTuple):
    """``quantity`` that is there from ``date`` on."""

    date: Date
    quantity: float


class Timeline:
    """The balance of one pool from now on.

    :param now: what lies before counts as now
    :param on_hand: free now; negative when more was taken than there was
    :param changes: (date, quantity) in any order, negative for goods that leave

    >>> pool = Timeline(0, on_hand=5, changes=[(3, 10), (6, -8)])
    >>> [pool.free_on(day) for day in (0, 3, 6, 99)]
    [5.0, 7.0, 7.0, 7.0]
    """

    def __init__(self, now: Date, on_hand: float = 0.0, changes: Iterable[tuple[Date, float]] = ()) -> None:
        totals: dict[Date, float] = {now: on_hand}
        for date, quantity in changes:
            day = max(date, now)
            totals[day] = totals.get(day, 0.0) + quantity
        self.now = now
        self._dates = sorted(totals)
        self._balances: list[float] = []
        balance = 0.0
        for day in self._dates:
            balance = round(balance + totals[day], DIGITS)
            self._balances.append(balance)
        self._update_free()

    def _update_free(self) -> None:
        """The lowest balance from each date on is what may be taken then."""
        self._free = self._balances[:]
        for index in range(len(self._free) - 2, -1, -1):
            self._free[index] = min(self._free[index], self._free[index + 1])

    def free_on(self, date: Date) -> float:
        """What may be taken on ``date`` without leaving anybody short, then or later."""
        index = max(bisect_right(self._dates, date) - 1, 0)
        return max(float(self._free[index]), 0.0)

    def plan(self, quantity: float, date: Date, whole: bool = False) -> tuple[Part, ...]:
        """The earliest parts, from ``date`` on, that make up ``quantity``, or as much of it as there will ever be.

        :param whole: all at once, or nothing

        >>> pool = Timeline(0, on_hand=5, changes=[(3, 10)])
        >>> pool.plan(12, 1)
        (Part(date=1, quantity=5.0), Part(date=3, quantity=7.0))
        >>> pool.plan(12, 1, whole=True), pool.plan(16, 1, whole=True)
        ((Part(date=3, quantity=12),), ())
        """
        start = max(date, self.now)
        parts: list[Part] = []
        given = 0.0
        for day in (start, *self._dates[bisect_right(self._dates, start) :]):
            free = self.free_on(day)
            if whole:
                if free - quantity > -EPSILON:
                    return (Part(day, quantity),)
                continue
            part = round(min(free, quantity) - given, DIGITS)
            if part > 0:
                parts.append(Part(day, part))
                given += part
            if quantity - given < EPSILON:
                break
        return tuple(parts)

    def copy(self) -> "Timeline":
        """The same balance, to try something on."""
        twin = Timeline(self.now)
        twin._dates, twin._balances, twin._free = self._dates[:], self._balances[:], self._free[:]
        return twin

    def take(self, parts: Iterable[tuple[Date, float]]) -> None:
        """Promise ``parts``. Cost: one pass over the dates for each."""
        for date, quantity in parts:
            day = max(date, self.now)
            index = bisect_right(self._dates, day) - 1
            if self._dates[index] != day:
                index += 1
                self._dates.insert(index, day)
                self._balances.insert(index, self._balances[index - 1])
            for later in range(index, len(self._balances)):
                self._balances[later] = round(self._balances[later] - quantity, DIGITS)
        self._update_free()


class Demand(NamedTuple):
    """``quantity`` wanted of ``pool`` by ``date``.

    :ivar key: what the caller calls it
    :ivar secured: the part that is delivered or reserved already and draws on nothing
    :ivar dedicated: what comes in for this very demand, as (date, quantity); it draws on the pool before all others
    :ivar whole: only all at once
    """

    key: Hashable
    pool: Hashable
    quantity: float
    date: Date
    secured: float = 0.0
    dedicated: tuple[tuple[Date, float], ...] = ()
    whole: bool = False


@dataclass(frozen=True)
class Answer:
    """What a demand can count on: ``available`` by its date (secured included), and the ``parts`` not secured."""

    quantity: float
    wanted: Date
    available: float
    parts: tuple[Part, ...] = ()
    secured: float = 0.0

    @property
    def all_parts(self) -> tuple[Part, ...]:
        """With what is secured, which is there on the wanted date."""
        return tuple(merge_parts([(self.wanted, self.secured), *self.parts], self.wanted))

    @property
    def missing(self) -> float:
        """Not there by the wanted date."""
        return round(max(self.quantity - self.available, 0.0), DIGITS)

    @property
    def uncovered(self) -> float:
        """Not there on any date known today."""
        return round(max(self.quantity - self.secured - sum(part.quantity for part in self.parts), 0.0), DIGITS)

    @property
    def date(self) -> Optional[Date]:
        """When the last part is there; None while nobody knows."""
        if self.uncovered:
            return None
        return max((part.date for part in self.all_parts), default=self.wanted)

    @property
    def state(self) -> str:
        if not self.missing:
            return ALL
        return PARTIAL if self.available > 0 else SHORT


def promise(demands: Iterable[Demand], timelines: Mapping[Hashable, Timeline]) -> dict[Hashable, Answer]:
    """Promise the demands in their order, each the earliest it can have without breaking an earlier promise.

    The timelines are used up. What is dedicated to a demand is set aside for it before the first is served; a pool
    without timeline is empty. Cost: a pass over the dates of its pool for each demand.

    >>> pool = Timeline(0, on_hand=5, changes=[(7, 4)])
    >>> answers = promise(
    ...     [Demand("a", "pump", 3, 0), Demand("b", "pump", 4, 0), Demand("c", "pump", 9, 0)], {"pump": pool}
    ... )
    >>> [(key, answers[key].state, answers[key].date, answers[key].missing, answers[key].uncovered) for key in "abc"]
    [('a', 'all', 0, 0.0, 0.0), ('b', 'partial', 7, 2.0, 0.0), ('c', 'short', None, 9.0, 7.0)]
    """
    waiting = list(demands)
    own = [_set_aside(demand, timelines.get(demand.pool)) for demand in waiting]
    answers: dict[Hashable, Answer] = {}
    for demand, dedicated in zip(waiting, own):
        secured = min(max(demand.secured, 0.0), demand.quantity)
        need = round(demand.quantity - secured - sum(part.quantity for part in dedicated), DIGITS)
        timeline = timelines.get(demand.pool)
        parts = timeline.plan(need, demand.date, demand.whole) if timeline and need > 0 else ()
        if timeline and parts:
            timeline.take(parts)
        parts = tuple(sorted((*dedicated, *parts)))
        wanted = max(demand.date, timeline.now) if timeline else demand.date
        on_time = sum(part.quantity for part in parts if part.date <= wanted)
        answers[demand.key] = Answer(demand.quantity, wanted, round(secured + on_time, DIGITS), parts, secured)
    return answers


def settle(demand: Demand, promised: Iterable[tuple[Date, float]]) -> Answer:
    """What a demand can count on that was ``promised`` these parts earlier; of them what is secured is there.

    >>> settle(Demand("a", "pump", 9, 3, secured=2), [(3, 5), (8, 1)])
    Answer(quantity=9, wanted=3, available=5.0, parts=(Part(date=3, quantity=3), Part(date=8, quantity=1)), secured=2)
    """
    secured = min(max(demand.secured, 0.0), demand.quantity)
    parts = tuple(reduce_parts(cut_parts(promised, demand.quantity), secured))
    on_time = sum(part.quantity for part in parts if part.date <= demand.date)
    return Answer(demand.quantity, demand.date, round(float(secured + on_time), DIGITS), parts, secured)


def _set_aside(demand: Demand, timeline: Optional[Timeline]) -> tuple[Part, ...]:
    """Take what is dedicated to ``demand``, as far as it needs it, and return it."""
    parts: list[Part] = []
    need = demand.quantity - demand.secured
    for date, quantity in sorted(demand.dedicated):
        part = round(min(quantity, need), DIGITS)
        if timeline and part > 0:
            parts.append(Part(max(date, timeline.now, demand.date), part))
            need -= part
    if timeline:
        timeline.take(parts)
    return tuple(parts)


def reduce_parts(parts: Iterable[tuple[Date, float]], quantity: float) -> list[Part]:
    """Take ``quantity`` off the earliest parts: it is there already.

    >>> reduce_parts([(7, 4.0), (0, 5.0)], 6)
    [Part(date=7, quantity=3.0)]
    """
    left: list[Part] = []
    for date, part in sorted(parts):
        used = min(part, max(quantity, 0.0))
        quantity -= used
        rest = round(part - used, DIGITS)
        if rest > 0:
            left.append(Part(date, rest))
    return left


def cut_parts(parts: Iterable[tuple[Date, float]], quantity: float) -> list[Part]:
    """Keep the earliest parts up to ``quantity``: the latest ones are given up first.

    >>> cut_parts([(7, 4.0), (0, 5.0)], 6)
    [Part(date=0, quantity=5.0), Part(date=7, quantity=1.0)]
    """
    kept: list[Part] = []
    for date, part in sorted(parts):
        used = round(min(part, max(quantity, 0.0)), DIGITS)
        quantity -= used
        if used > 0:
            kept.append(Part(date, used))
    return kept


def merge_parts(parts: Iterable[tuple[Date, float]], now: Date) -> list[Part]:
    """One part for each date; what was due before ``now`` is due now.

    >>> merge_parts([(7, 4.0), (0, 5.0), (2, 1.0)], 2)
    [Part(date=2, quantity=6.0), Part(date=7, quantity=4.0)]
    """
    totals: dict[Date, float] = {}
    for date, quantity in parts:
        day = max(date, now)
        totals[day] = round(totals.get(day, 0.0) + quantity, DIGITS)
    return [Part(day, totals[day]) for day in sorted(totals) if totals[day] > 0]


def summarize(states: Iterable[str]) -> str:
    """State of an order from the states of its lines.

    >>> summarize(["all", "all"]), summarize(["all", "short"]), summarize(["short"])
    ('all', 'partial', 'short')
    >>> summarize([])
    'all'
    """
    seen = set(states)
    if seen <= {ALL}:
        return ALL
    return SHORT if seen == {SHORT} else PARTIAL
