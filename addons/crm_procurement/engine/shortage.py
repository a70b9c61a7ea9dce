# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What must be bought: demand less what is there or on its way, rounded to what a vendor sells.

Plain Python: no database and no Odoo. Quantities are in the product's own unit unless said otherwise.
"""

import math
from dataclasses import dataclass
from typing import Dict, Hashable, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

#: Quantities closer together than this are the same: it absorbs binary rounding, not goods.
EPSILON = 1e-6


class Demand(NamedTuple):
    """One sale line that still has to be delivered.

    :ivar key: what the caller calls the line
    :ivar pool: where the goods come from, e.g. ``(product, warehouse)``
    :ivar quantity: still to deliver
    :ivar secured: the part already reserved or bought for this very line
    :ivar rank: who is served first (smallest first)
    """

    key: Hashable
    pool: Hashable
    quantity: float
    secured: float = 0.0
    rank: Tuple[float, ...] = ()


@dataclass(frozen=True)
class Offer:
    """A vendor's price for a product: from ``minimum`` purchase units on, each at ``price``."""

    key: Hashable
    vendor: Hashable
    minimum: float = 0.0
    price: float = 0.0


def net_shortages(demands: Iterable[Demand], supply: Mapping[Hashable, float]) -> Dict[Hashable, float]:
    """Return key → quantity that nothing covers; keys that are covered are left out.

    ``supply`` holds, per pool, the goods on hand and on their way, with the secured ones among them.
    What is secured for a line stays with it, the rest goes to the lines in order of rank. Linearithmic.

    >>> first = Demand("SO1", "pump", 5, rank=(1,))
    >>> second = Demand("SO2", "pump", 4, secured=1, rank=(2,))
    >>> net_shortages([second, first], {"pump": 7})
    {'SO2': 2.0}
    >>> net_shortages([second, first], {"pump": 1})
    {'SO1': 5.0, 'SO2': 3.0}
    >>> net_shortages([first], {})
    {'SO1': 5.0}
    >>> net_shortages([first], {"pump": 5})
    {}
    """
    ordered = sorted(demands, key=lambda demand: demand.rank)
    free: Dict[Hashable, float] = {}
    for demand in ordered:
        available = free.get(demand.pool, supply.get(demand.pool, 0.0))
        free[demand.pool] = available - min(demand.secured, demand.quantity)
    shortages: Dict[Hashable, float] = {}
    for demand in ordered:
        need = demand.quantity - min(demand.secured, demand.quantity)
        taken = min(need, max(free[demand.pool], 0.0))
        free[demand.pool] -= taken
        if need - taken > EPSILON:
            shortages[demand.key] = float(need - taken)
    return shortages


def choose_offer(offers: Sequence[Offer], quantity: float) -> Optional[Offer]:
    """Return the offer to buy ``quantity`` on, or None without offers.

    The vendor of the first offer is the preferred one. Of that vendor's prices the lowest one the quantity
    reaches counts; if it reaches none, the one with the smallest minimum.

    >>> dozen, gross = Offer(1, "Acme", 12, 5.0), Offer(2, "Acme", 144, 4.0)
    >>> other = Offer(3, "Cheap", 0, 1.0)
    >>> [choose_offer([dozen, gross, other], quantity).key for quantity in (1, 12, 200)]
    [1, 1, 2]
    >>> choose_offer([], 1) is None
    True
    """
    own = [offer for offer in offers if offer.vendor == offers[0].vendor]
    reached = [offer for offer in own if offer.minimum <= quantity + EPSILON]
    if reached:
        return min(reached, key=lambda offer: offer.price)
    return min(own, key=lambda offer: offer.minimum, default=None)


def lot_size(quantity: float, minimum: float, rounding: float) -> float:
    """Return the quantity to order: at least the minimum, and a whole number of ``rounding``.

    >>> lot_size(3, 10, 1), lot_size(10.2, 10, 1), lot_size(0.3, 0, 0.1)
    (10.0, 11.0, 0.3)
    """
    wanted = max(quantity, minimum)
    if rounding <= 0:
        return float(wanted)
    digits = max(0, -math.floor(math.log10(rounding))) + 2
    return float(round(math.ceil(wanted / rounding - EPSILON) * rounding, digits))


def spread(total: float, parts: Sequence[float]) -> List[float]:
    """Hand out ``total`` over ``parts`` from the first to the last, none getting more than it asked for.

    >>> spread(7, [5, 4, 1])
    [5, 2, 0]
    """
    shares = []
    for part in parts:
        share = max(min(part, total), 0)
        total -= share
        shares.append(share)
    return shares
