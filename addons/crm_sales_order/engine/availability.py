# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Who gets what is in stock: first come, first served, in the order the demands are given."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

#: States of one demand, and of a whole order.
AVAILABLE = "available"
PARTIAL = "partial"
SHORT = "short"


@dataclass(frozen=True)
class Demand:
    """``quantity`` of ``product`` still wanted; ``secured`` of it is already delivered or reserved."""

    key: Hashable
    product: Hashable
    quantity: float
    secured: float = 0.0


@dataclass(frozen=True)
class Answer:
    """What a demand can count on: ``available`` (secured included) and what is ``short``."""

    available: float
    short: float

    @property
    def state(self) -> str:
        if self.short <= 0:
            return AVAILABLE
        return PARTIAL if self.available > 0 else SHORT


def allocate(demands: Iterable[Demand], free: Mapping[Hashable, float], digits: int = 6) -> dict[Hashable, Answer]:
    """Share the ``free`` quantity of each product between ``demands``, in their order.

    Quantities are in the product's unit; ``digits`` is the rounding that keeps float dust from
    making an order short. Cost: one pass.

    >>> answers = allocate(
    ...     [Demand("a", "pump", 3.0), Demand("b", "pump", 4.0), Demand("c", "valve", 1.0)], {"pump": 5.0}
    ... )
    >>> [(key, answers[key].available, answers[key].short, answers[key].state) for key in "abc"]
    [('a', 3.0, 0.0, 'available'), ('b', 2.0, 2.0, 'partial'), ('c', 0.0, 1.0, 'short')]

    What is secured does not draw on the free stock, and stock oversold elsewhere promises nothing:

    >>> allocate([Demand("a", "pump", 3.0, secured=2.0)], {"pump": -4.0})["a"]
    Answer(available=2.0, short=1.0)
    """
    left: dict[Hashable, float] = {}
    answers: dict[Hashable, Answer] = {}
    for demand in demands:
        secured = min(demand.secured, demand.quantity)
        stock = left.get(demand.product, max(free.get(demand.product, 0.0), 0.0))
        taken = min(max(demand.quantity - secured, 0.0), stock)
        left[demand.product] = round(stock - taken, digits)
        answers[demand.key] = Answer(
            available=round(secured + taken, digits),
            short=round(demand.quantity - secured - taken, digits),
        )
    return answers


def summarize(states: Iterable[str]) -> str:
    """State of an order from the states of its lines.

    >>> summarize(["available", "available"]), summarize(["available", "short"]), summarize(["short"])
    ('available', 'partial', 'short')
    >>> summarize([])
    'available'
    """
    seen = set(states)
    if seen <= {AVAILABLE}:
        return AVAILABLE
    return SHORT if seen == {SHORT} else PARTIAL
