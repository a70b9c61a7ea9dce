# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Where a customer stands, told from facts alone.

Facts are a mapping from a name to a count (int), an amount of money (float, in one currency) or a day (``date`` or
None), as ``res.partner._get_customer_facts`` gives them. A name that is missing is 0 or None: an addon that is not
installed knows nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Optional

NURTURE, NEED, NEGOTIATION, WON, REPEAT, DORMANT, LOST = "nurture", "need", "negotiation", "won", "repeat", "dormant", "lost"
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Fact:
    """What is known of a customer under one name; ``unit`` is ``count``, ``money`` or ``date``."""

    label: str
    unit: str = "count"

    @property
    def nothing(self) -> Optional[float]:
        """The value of somebody about whom there is nothing to tell.

        >>> Fact("Orders").nothing, Fact("Revenue", "money").nothing, Fact("Last Order", "date").nothing
        (0, 0.0, None)
        """
        return {"count": 0, "money": 0.0}.get(self.unit)


@dataclass(frozen=True)
class Purchases:
    """What a customer bought: the day of the last time, how often, and for how much money."""

    last: Optional[date]
    count: int
    value: float


@dataclass(frozen=True)
class Patience:
    """Days without a purchase and without anything under way, after which a customer is ``dormant``, and ``lost``."""

    dormant: int = 180
    lost: int = 365


def purchases(facts: Facts) -> Purchases:
    """Orders where there are orders; else the deals that were won (no sales orders are kept, or they came later).

    >>> purchases({"won_count": 2, "won_value": 900.0, "last_won_date": date(2026, 5, 1)})
    Purchases(last=datetime.date(2026, 5, 1), count=2, value=900.0)
    >>> purchases({"won_count": 2, "won_value": 900.0, "orders": 1, "revenue": 500.0}).value
    500.0
    """
    if facts.get("orders"):
        return Purchases(facts.get("last_order_date"), facts["orders"], facts.get("revenue") or 0.0)
    return Purchases(facts.get("last_won_date"), facts.get("won_count") or 0, facts.get("won_value") or 0.0)


def lifecycle(facts: Facts, today: date, patience: Patience = Patience()) -> str:
    """The one stage a customer is in.

    Whoever never bought is in ``negotiation`` with an open opportunity or quotation, in ``need`` with an open lead,
    else in ``nurture``. Whoever bought once is ``won``, more often ``repeat`` – unless nothing is under way and the last
    purchase is too long ago.

    >>> day = date(2026, 7, 1)
    >>> lifecycle({}, day), lifecycle({"open_leads": 1}, day), lifecycle({"open_leads": 1, "quotes_open": 1}, day)
    ('nurture', 'need', 'negotiation')
    >>> old = {"orders": 3, "last_order_date": date(2026, 1, 2)}
    >>> lifecycle(old, day), lifecycle(old, date(2027, 7, 1)), lifecycle({**old, "open_leads": 1}, date(2027, 7, 1))
    ('dormant', 'lost', 'repeat')
    >>> lifecycle({"won_count": 1, "last_won_date": date(2026, 6, 1)}, day)
    'won'
    """
    bought = purchases(facts)
    offered = bool(facts.get("open_opportunities") or facts.get("quotes_open"))
    asked = bool(facts.get("open_leads"))
    if not bought.count:
        return NEGOTIATION if offered else NEED if asked else NURTURE
    idle = (today - bought.last).days if bought.last else 0
    if not (offered or asked):
        if idle >= patience.lost:
            return LOST
        if idle >= patience.dormant:
            return DORMANT
    return REPEAT if bought.count > 1 else WON


def began(stage: str, facts: Facts, patience: Patience = Patience()) -> Optional[date]:
    """The day a stage began, for a customer seen for the first time; None where the facts don't tell.

    >>> began("dormant", {"orders": 3, "last_order_date": date(2026, 1, 2)}, Patience(dormant=30))
    datetime.date(2026, 2, 1)
    >>> began("repeat", {"orders": 3, "last_order_date": date(2026, 1, 2)}) is None
    True
    """
    last = purchases(facts).last
    if stage == NURTURE:
        created: Optional[date] = facts.get("created")
        return created
    if last and stage in (WON, DORMANT, LOST):
        return last + timedelta(days={DORMANT: patience.dormant, LOST: patience.lost}.get(stage, 0))
    return None
