# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Points by rule, and what becomes of probability and points together."""

from dataclasses import dataclass
from typing import Optional, Sequence, Tuple

LOWEST, HIGHEST = 0.0, 100.0


@dataclass(frozen=True)
class Rule:
    """What a rule is worth.

    :param points: given once, or for each unit counted; negative ones are taken away
    :param half_life: days after which half of the points are left; None: they do not fade
    :param per_unit: whether ``points`` are per unit of what is counted (pages, mails)
    :param limit: most that can come of it, as a positive number; None: no limit
    """

    points: float
    half_life: Optional[float] = None
    per_unit: bool = False
    limit: Optional[float] = None


def points(rule: Rule, count: float = 1.0, age: float = 0.0) -> float:
    """What a rule gives a lead it hits.

    :param count: units counted, for rules per unit
    :param age: days since what the points are for happened; a moment in the future counts as now

    >>> points(Rule(20))
    20.0
    >>> points(Rule(20, half_life=7), age=14)
    5.0
    >>> points(Rule(2, per_unit=True, limit=15), count=30)
    15.0
    >>> points(Rule(-2, per_unit=True, limit=15), count=30)
    -15.0
    """
    given = rule.points * (count if rule.per_unit else 1.0)
    if rule.limit is not None:
        given = max(-rule.limit, min(rule.limit, given))
    if rule.half_life:
        given *= 0.5 ** (max(age, 0.0) / rule.half_life)
    return float(given)


def combine(probability: float, given: float) -> float:
    """The score: chance of winning in percent and points added up, from 0 to 100, with one decimal.

    >>> combine(0.42, 15), combine(0.9, 30), combine(0.1, -25)
    (57.0, 100.0, 0.0)
    """
    return round(max(LOWEST, min(HIGHEST, 100.0 * probability + given)), 1)


def grade(score: float, steps: Sequence[Tuple[str, float]]) -> str:
    """The grade of a score.

    :param steps: grades with the least score for each, best first; the last one takes what is left

    >>> grade(45.0, [("A", 70), ("B", 45), ("C", 20), ("D", 0)])
    'B'
    """
    for name, least in steps[:-1]:
        if score >= least:
            return name
    return steps[-1][0]
