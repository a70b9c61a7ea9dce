# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Price floors and concessions: which floor holds for a product, and how far a price lies below it.

Prices are net of tax, per unit, in one currency; shares are percentages.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Hashable, Iterable, Mapping, Optional, Sequence

#: Shares are told and compared with one digit: below half of it nothing was conceded
DIGITS = 1


@dataclass(frozen=True)
class Floor:
    """The least a product may be sold for: an amount of a currency, a margin, or both. ``role`` None: for everybody."""

    role: Optional[int] = None
    price: Optional[float] = None
    margin: Optional[float] = None
    currency: Optional[int] = None

    def least(self, cost: float, rate: float = 1.0) -> Optional[float]:
        """The least unit price; None when it cannot be known, because a margin is asked for and the cost is unknown (zero).

        :param cost: per unit
        :param rate: what one of ``price`` is in the currency and unit of ``cost``

        >>> Floor(price=860.0).least(0.0), Floor(margin=20.0).least(80.0), Floor(price=90.0, margin=20.0).least(80.0)
        (860.0, 100.0, 100.0)
        >>> Floor(margin=20.0).least(0.0) is None
        True
        """
        found = [] if self.price is None else [self.price * rate]
        if self.margin is not None:
            if cost <= 0:
                return None
            found.append(cost / (1 - self.margin / 100))
        return max(found, default=0.0)


def nearest(
    floors: Mapping[Hashable, Sequence[Floor]], places: Iterable[Hashable], roles: Iterable[int]
) -> Sequence[Floor]:
    """The floors that hold: those of the first place that has any for this seller; the roles' own go before everybody's.

    :param places: where a floor may be set for the product, the nearest first

    >>> floors = {"goods": [Floor(price=5.0)], "pump": [Floor(role=1, price=9.0), Floor(price=10.0), Floor(role=2, price=7.0)]}
    >>> [floor.price for floor in nearest(floors, ["pump", "goods"], {1})]
    [9.0]
    >>> [floor.price for floor in nearest(floors, ["pump", "goods"], {1, 2})]
    [9.0, 7.0]
    >>> [floor.price for floor in nearest(floors, ["pump", "goods"], set())], nearest(floors, ["valve"], {1})
    ([10.0], [])
    """
    held = set(roles)
    for place in places:
        here = floors.get(place, ())
        found = [floor for floor in here if floor.role in held] or [floor for floor in here if floor.role is None]
        if found:
            return found
    return []


def keep_share(amounts: Iterable[float]) -> float:
    """What is left of the prices of an order after its deductions (negative amounts), as a factor of 0 to 1.

    >>> keep_share([100.0, 300.0, -40.0]), keep_share([100.0]), keep_share([100.0, -500.0]), keep_share([])
    (0.9, 1.0, 0.0, 1.0)
    """
    listed = list(amounts)
    total = sum(amount for amount in listed if amount > 0)
    deducted = -sum(amount for amount in listed if amount < 0)
    return max(0.0, 1 - deducted / total) if total else 1.0


def shortfall(price: float, least: float) -> float:
    """How many percent ``price`` lies below ``least``, never negative.

    >>> shortfall(756.8, 860.0), shortfall(860.0, 860.0), shortfall(1.0, 0.0)
    (12.0, 0.0, 0.0)
    """
    if least <= 0 or price >= least:
        return 0.0
    return round((1 - price / least) * 100, 6)


def is_below(price: float, least: float, step: float) -> bool:
    """Whether ``price`` is below ``least`` by more than rounding.

    :param step: the smallest step of a unit price, such as 0.01

    >>> is_below(859.999, 860.0, 0.01), is_below(859.98, 860.0, 0.01), is_below(0.0, 0.0, 0.01)
    (False, True, False)
    """
    return price < least - step / 2 - 1e-9


def percent(share: float) -> str:
    """A share in words, without useless digits.

    >>> percent(12.0), percent(12.04), percent(12.5), percent(0.04)
    ('12 %', '12 %', '12.5 %', '0.1 %')
    """
    shown = max(round(share, DIGITS), 10**-DIGITS) if share > 0 else 0.0
    return f"{shown:g} %"
