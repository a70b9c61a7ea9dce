# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which rep gets which lead: one rule's leads shared out among its reps, within what each has room for.

Rules take their turns in order and share one :class:`Rooms`; a rep who is absent is simply not given. Same leads, same
reps, same state: same result. Cost: O(log reps) a lead, plus O(reps) for each rep that runs full.

>>> rooms = Rooms({1: None, 2: 2})
>>> share_out("round_robin", [Rep(1), Rep(2)], [Lead(id) for id in range(10, 16)], rooms)
{10: 1, 11: 2, 12: 1, 13: 2, 14: 1, 15: 1}
"""

from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Callable, Dict, FrozenSet, Iterable, List, Mapping, Optional, Sequence, Tuple, Union

#: Leads a rep's own record must outweigh before it counts more than the average of all.
PRIOR_STRENGTH = 10


@dataclass(frozen=True)
class Traits:
    """What a strategy may look at. Ids are numbers of the caller's, 0 and "" are unknown."""

    state: int = 0
    city: str = ""
    grade: str = ""
    industry: int = 0
    categories: Tuple[int, ...] = ()  # of the product: its own category and those above


@dataclass(frozen=True)
class Lead:
    """A lead to be given away; ``banned`` reps do not get it (they had it before, or may not see its company)."""

    id: int
    traits: Traits = Traits()
    banned: FrozenSet[int] = frozenset()


@dataclass
class Rep:
    """A rep's place in a rule.

    ``room``: how many more leads this rule may give (None: no limit of its own); ``lag``: leads the rep is behind (+) or
    ahead (−) of the share the weights promise, carried from run to run; ``taken``: leads had today.
    """

    user: int
    weight: int = 1
    room: Optional[int] = None
    lag: float = 0.0
    taken: int = 0
    states: FrozenSet[int] = frozenset()
    cities: FrozenSet[str] = frozenset()
    industries: FrozenSet[int] = frozenset()
    categories: FrozenSet[int] = frozenset()


@dataclass
class Rooms:
    """How many more leads every rep takes, whatever the rule (None: any number), and how many open ones each holds."""

    left: Dict[int, Optional[int]]
    held: Dict[int, int] = field(default_factory=dict)

    def has(self, rep: Rep) -> bool:
        """Whether the rep takes one more lead of this rule."""
        left = self.left.get(rep.user, 0)
        return (left is None or left > 0) and (rep.room is None or rep.room > 0)

    def take(self, rep: Rep) -> None:
        left = self.left[rep.user]
        if left is not None:
            self.left[rep.user] = left - 1
        if rep.room is not None:
            rep.room -= 1
        rep.taken += 1
        self.held[rep.user] = self.held.get(rep.user, 0) + 1


class Rotation:
    """Turns by weight: after every lead each rep's count is less than one lead off the share its weight promises.

    Each next lead of a rep has a slot from which it is due and one by which it is late; among the due ones the first to be
    late is served (earliest deadline first, which keeps every deadline when the shares add up to one). Equal weights
    make it a round robin in the given order. Lags are whole numbers, in units of 1 / total weight.
    """

    def __init__(self, reps: Sequence[Rep], rooms: Rooms) -> None:
        self._rooms = rooms
        self._order = {rep.user: place for place, rep in enumerate(reps)}
        reps = [rep for rep in reps if rooms.has(rep)]
        self._start(reps, [round(rep.lag * sum(other.weight for other in reps)) for rep in reps])

    def _start(self, reps: Sequence[Rep], lags: Sequence[int]) -> None:
        self._reps = list(reps)
        self._total = sum(rep.weight for rep in reps)
        self._slot = 0
        drift = sum(lags) // len(reps) if reps else 0  # who left took a lag along
        self._lags = {rep.user: lag - drift for rep, lag in zip(reps, lags)}
        self._served = dict.fromkeys(self._lags, 0)
        self._due: List[Tuple[int, int, Rep]] = []
        self._waiting: List[Tuple[int, int, Rep]] = []
        for rep in reps:
            self._enqueue(rep)

    def _enqueue(self, rep: Rep) -> None:
        owed = self._total * self._served[rep.user] - self._lags[rep.user]
        heappush(self._waiting, (owed // rep.weight, self._order[rep.user], rep))

    def _deadline(self, rep: Rep) -> int:
        owed = self._total * (self._served[rep.user] + 1) - self._lags[rep.user]
        return -(-owed // rep.weight)

    def pick(self, banned: FrozenSet[int], traits: Traits) -> Optional[Rep]:
        while self._waiting and self._waiting[0][0] <= self._slot:
            _release, place, rep = heappop(self._waiting)
            heappush(self._due, (self._deadline(rep), place, rep))
        found = _pop_allowed(self._due, banned) or _pop_allowed(self._waiting, banned)
        if found:
            self._slot += 1
            self._served[found.user] += 1
            self._rooms.take(found)
            if self._rooms.has(found):
                self._enqueue(found)
            else:
                self._leave(found)
        return found

    def _lag(self, rep: Rep) -> int:
        return self._lags[rep.user] + self._slot * rep.weight - self._total * self._served[rep.user]

    def _leave(self, full: Rep) -> None:
        full.lag = self._lag(full) / self._total
        rest = [rep for rep in self._reps if rep is not full]
        total = self._total - full.weight
        self._start(rest, [self._lag(rep) * total // self._total for rep in rest])

    def settle(self) -> None:
        """Leave every rep's lag where the next run continues."""
        for rep in self._reps:
            rep.lag = self._lag(rep) / self._total


def _pop_allowed(heap: List[Tuple[int, int, Rep]], banned: FrozenSet[int]) -> Optional[Rep]:
    """The first of a heap that is not banned; those passed over stay in it."""
    passed = []
    found = None
    while heap and not found:
        entry = heappop(heap)
        if entry[2].user in banned:
            passed.append(entry)
        else:
            found = entry[2]
    for entry in passed:
        heappush(heap, entry)
    return found


Tiers = Callable[[Traits], Iterable[Sequence[int]]]


class Ranking:
    """The best tier that has room; within a tier who has the least load.

    :param tiers: traits → places of the reps in tiers, the best first
    :param load: of a rep; it may only grow while leads are given away
    """

    def __init__(self, reps: Sequence[Rep], rooms: Rooms, tiers: Tiers, load: Callable[[Rep], float]) -> None:
        self._reps, self._rooms, self._tiers, self._load = reps, rooms, tiers, load
        self._tiers_of: Dict[Traits, List[List[Tuple[float, int]]]] = {}
        self._heaps: Dict[Tuple[int, ...], List[Tuple[float, int]]] = {}

    def pick(self, banned: FrozenSet[int], traits: Traits) -> Optional[Rep]:
        heaps = self._tiers_of.get(traits)
        if heaps is None:
            heaps = self._tiers_of[traits] = [self._get_heap(tuple(tier)) for tier in self._tiers(traits) if tier]
        for heap in heaps:
            rep = self._pick_from(heap, banned)
            if rep:
                return rep
        return None

    def _get_heap(self, places: Tuple[int, ...]) -> List[Tuple[float, int]]:
        """One heap for all traits with the same candidates."""
        if places not in self._heaps:
            self._heaps[places] = [(self._load(self._reps[place]), place) for place in places]
            heapify(self._heaps[places])
        return self._heaps[places]

    def _pick_from(self, heap: List[Tuple[float, int]], banned: FrozenSet[int]) -> Optional[Rep]:
        passed = []
        found = None
        while heap and not found:
            load, place = heappop(heap)
            rep = self._reps[place]
            if not self._rooms.has(rep):
                continue
            if self._load(rep) > load:  # served through another heap since
                heappush(heap, (self._load(rep), place))
            elif rep.user in banned:
                passed.append((load, place))
            else:
                found = rep
                self._rooms.take(rep)
                passed.append((self._load(rep), place))
        for entry in passed:
            heappush(heap, entry)
        return found

    def settle(self) -> None:
        """Nothing to carry on: loads are counted anew by the caller."""


# -- who is the better match -----------------------------------------------------------------------------------------


def territory_tiers(reps: Sequence[Rep], traits: Traits) -> List[List[int]]:
    """Reps of the city, then of the province, then those without a territory, who take the rest.

    >>> reps = [Rep(1), Rep(2, states=frozenset([44])), Rep(3, cities=frozenset(["深圳"]))]
    >>> territory_tiers(reps, Traits(state=44, city="深圳市"))
    [[2], [1], [0]]
    """
    city, tiers = fold_city(traits.city), [[], [], []]  # type: Tuple[str, List[List[int]]]
    for place, rep in enumerate(reps):
        if city and city in rep.cities:
            tiers[0].append(place)
        elif traits.state and traits.state in rep.states:
            tiers[1].append(place)
        elif not rep.states and not rep.cities:
            tiers[2].append(place)
    return tiers


def fold_city(name: str) -> str:
    """A city's name without what is left out as often as not.

    >>> [fold_city(name) for name in ("深圳市", " 深圳 ", "沙市市", "Paris")]
    ['深圳', '深圳', '沙市', 'paris']
    """
    name = name.strip().casefold()
    return name[:-1] if name.endswith("市") and len(name) > 2 else name


def expertise_tiers(reps: Sequence[Rep], traits: Traits) -> List[List[int]]:
    """Reps who know industry and product, then one of the two, then those without a speciality. A rep who knows
    something else only does not come into it.

    >>> reps = [Rep(1), Rep(2, industries=frozenset([7])), Rep(3, industries=frozenset([7]), categories=frozenset([3]))]
    >>> expertise_tiers(reps, Traits(industry=7, categories=(9, 3)))
    [[2], [1], [0]]
    """
    tiers: List[List[int]] = [[], [], []]
    for place, rep in enumerate(reps):
        knows = (traits.industry in rep.industries) + (not rep.categories.isdisjoint(traits.categories))
        if knows:
            tiers[2 - knows].append(place)
        elif not rep.industries and not rep.categories:
            tiers[2].append(place)
    return tiers


#: (rep, grade) → (won, decided)
Results = Mapping[Tuple[int, str], Tuple[int, int]]


def smoothed_rate(won: float, decided: float, average: float) -> float:
    """A conversion rate that few results move little from the average.

    >>> smoothed_rate(1, 1, 0.2), smoothed_rate(60, 100, 0.2)
    (0.2727272727272727, 0.5636363636363636)
    """
    return (won + PRIOR_STRENGTH * average) / (decided + PRIOR_STRENGTH)


def conversion_tiers(reps: Sequence[Rep], traits: Traits, results: Results) -> List[List[int]]:
    """The best converter of the lead's grade first; reps with the same rate share a tier.

    >>> results = {(1, "A"): (1, 10), (2, "A"): (5, 10)}
    >>> conversion_tiers([Rep(1), Rep(2), Rep(3)], Traits(grade="A"), results)
    [[1], [2], [0]]
    """
    own = [results.get((rep.user, traits.grade), (0, 0)) for rep in reps]
    decided = sum(count for _won, count in own)
    average = sum(won for won, _count in own) / decided if decided else 0.0
    tiers: Dict[float, List[int]] = {}
    for place, (won, count) in enumerate(own):
        tiers.setdefault(smoothed_rate(won, count, average), []).append(place)
    return [tiers[rate] for rate in sorted(tiers, reverse=True)]


Strategy = Union[Rotation, Ranking]

# -- a rule ------------------------------------------------------------------------------------------------------------


def make_strategy(name: str, reps: Sequence[Rep], rooms: Rooms, results: Optional[Results] = None) -> Strategy:
    """
    :param name: round_robin, weighted, least_loaded, conversion, territory or expertise
    :raise KeyError: for another name
    """

    def share(rep: Rep) -> float:
        return rep.taken / rep.weight

    everybody = [range(len(reps))]
    makers: Dict[str, Callable[[], Strategy]] = {
        "round_robin": lambda: Rotation(_unweighted(reps), rooms),
        "weighted": lambda: Rotation(reps, rooms),
        "least_loaded": lambda: Ranking(reps, rooms, lambda _traits: everybody, lambda rep: rooms.held.get(rep.user, 0)),
        "conversion": lambda: Ranking(reps, rooms, lambda traits: conversion_tiers(reps, traits, results or {}), share),
        "territory": lambda: Ranking(reps, rooms, lambda traits: territory_tiers(reps, traits), share),
        "expertise": lambda: Ranking(reps, rooms, lambda traits: expertise_tiers(reps, traits), share),
    }
    return makers[name]()


def _unweighted(reps: Sequence[Rep]) -> Sequence[Rep]:
    for rep in reps:
        rep.weight = 1
    return reps


def share_out(name: str, reps: Sequence[Rep], leads: Iterable[Lead], rooms: Rooms, results: Optional[Results] = None) -> Dict[int, int]:
    """Give the leads away in their order; rooms, and the reps' room, lag and taken, are brought up to date.

    :param reps: a rule's, in its order, each user once
    :returns: lead id → user; leads that nobody may or can take are not in it
    """
    strategy = make_strategy(name, reps, rooms, results)
    given = {}
    for lead in leads:
        rep = strategy.pick(lead.banned, lead.traits)
        if rep:
            given[lead.id] = rep.user
    strategy.settle()
    return given
