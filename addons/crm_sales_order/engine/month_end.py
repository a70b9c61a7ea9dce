# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Open receivables folded for the month end: by age, by kind and by the week their money is expected.

Amounts are integers in minor units of the company's currency.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from .ageing import BUCKETS

#: Weeks shown one by one, from the week of the day itself; what comes later is one sum
WEEKS = 6


@dataclass(frozen=True)
class Sum:
    """``count`` items of one kind, age and week of expectation (its Monday)."""

    kind: str
    bucket: str
    week: date
    positive: bool
    count: int
    amount: int


@dataclass
class Figure:
    count: int = 0
    amount: int = 0

    def add(self, other: Sum) -> None:
        self.count += other.count
        self.amount += other.amount


@dataclass
class Ageing:
    """``ages``: what customers owe, by bucket. ``kinds``: what we owe them, by kind. ``claims``: due, not in the ledger.

    ``weeks``: expected money by Monday, claims included; ``missing`` was expected before the week of the day, ``later``
    comes after the last week shown.
    """

    ages: dict[str, Figure] = field(default_factory=lambda: {bucket: Figure() for bucket in BUCKETS})
    kinds: dict[str, Figure] = field(default_factory=dict)
    claims: Figure = field(default_factory=Figure)
    weeks: dict[date, Figure] = field(default_factory=dict)
    missing: Figure = field(default_factory=Figure)
    later: Figure = field(default_factory=Figure)

    @property
    def total(self) -> int:
        """Of the ledger: without claims."""
        return sum(figure.amount for figure in (*self.ages.values(), *self.kinds.values()))

    @property
    def late(self) -> int:
        return sum(figure.amount for bucket, figure in self.ages.items() if bucket != "not_due")


def fold(sums: Iterable[Sum], monday: date) -> Ageing:
    """:param monday: of the week in which the books are looked at

    >>> monday = date(2026, 3, 2)
    >>> owed = Sum("invoice", "d30", date(2026, 2, 23), True, 2, 50000)
    >>> soon = Sum("invoice", "not_due", date(2026, 3, 9), True, 1, 20000)
    >>> spare = Sum("receipt", "not_due", date(2026, 2, 2), False, 1, -3000)
    >>> claim = Sum("claim", "not_due", date(2027, 3, 1), True, 1, 900)
    >>> ageing = fold([owed, soon, spare, claim], monday)
    >>> ageing.total, ageing.late, ageing.claims.amount, ageing.kinds["receipt"].amount
    (67000, 50000, 900, -3000)
    >>> ageing.missing.amount, ageing.weeks[date(2026, 3, 9)].amount, ageing.later.amount
    (50000, 20000, 900)
    """
    ageing = Ageing(weeks={monday + timedelta(weeks=number): Figure() for number in range(WEEKS)})
    for part in sums:
        if part.kind == "claim":
            ageing.claims.add(part)
        elif part.positive:
            ageing.ages[part.bucket].add(part)
        else:
            ageing.kinds.setdefault(part.kind, Figure()).add(part)
        if part.positive:
            if part.week < monday:
                ageing.missing.add(part)
            else:
                ageing.weeks.get(part.week, ageing.later).add(part)
    return ageing
