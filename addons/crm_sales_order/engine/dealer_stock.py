# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a dealer should have in stock, and for how many days it lasts.

``models/crm_dealer_flow.py`` says :func:`roll` in SQL, for all dealers at once; the tests hold one against the other.
Quantities are in the product's own unit.
"""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Optional

#: Free pieces in the company's warehouses up to which a dealer reads "few"
FEW = 5
IN_STOCK, LOW, ON_REQUEST = "in_stock", "few", "on_request"


@dataclass(frozen=True)
class Month:
    """What a dealer got and sold of a product in a month, and counted at its end; ``None``: nothing was reported."""

    sell_in: float = 0.0
    sell_out: float = 0.0
    counted: Optional[float] = None


@dataclass(frozen=True)
class Standing:
    """Stock at the end of a month as it follows from the flows, and by how much the count is off; ``None``: no count."""

    computed: float
    difference: Optional[float]


def roll(months: Iterable[Month], digits: int = 6) -> list[Standing]:
    """Opening + sell-in − sell-out for consecutive months, oldest first; the opening is the last count before, else 0.

    >>> roll([Month(10, 4, 6), Month(5, 3, 7), Month(0, 2), Month(0, 2, 2)])
    ... # doctest: +NORMALIZE_WHITESPACE
    [Standing(computed=6, difference=0), Standing(computed=8, difference=-1), Standing(computed=5, difference=None),
     Standing(computed=3, difference=-1)]
    """
    stock: float = 0
    found = []
    for month in months:
        stock = round(stock + month.sell_in - month.sell_out, digits)
        if month.counted is None:
            found.append(Standing(stock, None))
        else:
            found.append(Standing(stock, round(month.counted - stock, digits)))
            stock = month.counted
    return found


def cover(stock: float, sold: float, days: int, since: int = 0) -> Optional[float]:
    """For how many more days ``stock`` lasts when ``sold`` went in ``days``; ``None`` when nothing sells.

    :param since: days that have passed since ``stock`` was counted, at the same pace
    :return: days, 0.0 when it is used up

    >>> cover(30, 90, 90), cover(30, 90, 90, since=10), cover(30, 90, 90, since=45), cover(3, 0, 90)
    (30.0, 20.0, 0.0, None)
    """
    if sold <= 0 or days <= 0:
        return None
    return max(0.0, stock * days / sold - since)


def stock_word(free: float, few: float = FEW) -> str:
    """What a dealer is told of the company's stock: a word, never the quantity.

    >>> stock_word(100), stock_word(5), stock_word(0), stock_word(-2)
    ('in_stock', 'few', 'on_request', 'on_request')
    """
    if free <= 0:
        return ON_REQUEST
    return LOW if free <= few else IN_STOCK
