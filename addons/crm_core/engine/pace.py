# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Whether a deal takes too long: in its stage, or on the whole.

The usual cycle of a deal is the median of won deals like it: of the same industry and product if there were enough of
them, else of the product, else of the industry, else of all; with too few of all there is none. ``models/crm_lead_pace.py``
says the same in SQL, for a run over all open deals; the tests hold one against the other.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping, NamedTuple, Optional

#: What is too long. A deal that is both is told by its stage: that is what its rep can change first.
STAGE, CYCLE = "stage", "cycle"


class Like(NamedTuple):
    """Which deals a median is of: ids of industry and product, None for any."""

    industry: Optional[int] = None
    product: Optional[int] = None


class Median(NamedTuple):
    """Days from begin to end, and of how many won deals."""

    days: float
    deals: int


def usual(medians: Mapping[Like, Median], industry: Optional[int], product: Optional[int], least: int) -> Optional[float]:
    """The usual cycle in days of a deal of this industry and product; None if there were too few.

    >>> medians = {Like(1, 2): Median(10, 3), Like(None, 2): Median(20, 8), Like(): Median(30, 40)}
    >>> usual(medians, 1, 2, least=3), usual(medians, 1, 2, least=5), usual(medians, 9, None, least=5)
    (10, 20, 30)
    >>> usual(medians, 1, 2, least=50) is None
    True
    """
    ways = [Like()]
    if industry:
        ways.insert(0, Like(industry=industry))
    if product:
        ways.insert(0, Like(product=product))
    if industry and product:
        ways.insert(0, Like(industry, product))
    enough = (medians[like] for like in ways if like in medians and medians[like].deals >= least)
    return next((median.days for median in enough), None)


@dataclass(frozen=True)
class Pace:
    """``state`` is what takes too long ("" for nothing), after how many days, where ``limit`` would have been right."""

    state: str = ""
    days: float = 0.0
    limit: float = 0.0


def judge(in_stage: float, allowed: Optional[float], age: float, cycle: Optional[float]) -> Pace:
    """The pace of an open deal, from days in its stage and days since it began.

    >>> judge(8, 7, 30, 60).state, judge(3, 7, 61, 60).state, judge(3, None, 10, None).state
    ('stage', 'cycle', '')
    """
    if allowed is not None and in_stage > allowed:
        return Pace(STAGE, in_stage, allowed)
    if cycle is not None and age > cycle:
        return Pace(CYCLE, age, cycle)
    return Pace()
