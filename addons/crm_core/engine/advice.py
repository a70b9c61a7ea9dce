# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What to do next with a customer, told from facts by rules. Every suggestion names the facts it stands on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from .customer import Fact

AT_LEAST, AT_MOST = "at_least", "at_most"
DAYS_AGO, WITHIN_DAYS_AGO, DUE_WITHIN = "days_ago", "within_days_ago", "due_within"
KNOWN, UNKNOWN = "known", "unknown"
#: Which comparisons make sense for a unit
OPERATORS = {
    "count": (AT_LEAST, AT_MOST),
    "money": (AT_LEAST, AT_MOST),
    "date": (DAYS_AGO, WITHIN_DAYS_AGO, DUE_WITHIN, KNOWN, UNKNOWN),
}


@dataclass(frozen=True)
class Condition:
    """A fact compared with a number: a count, an amount of money, or days."""

    fact: str
    operator: str
    value: float = 0.0


@dataclass(frozen=True)
class Rule:
    """A suggestion that is made where all of its conditions hold."""

    key: int
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Suggestion:
    """The rule that speaks, and the facts it stands on, in the order of its conditions."""

    key: int
    facts: tuple[str, ...]


def holds(condition: Condition, facts: Mapping[str, Any], today: date) -> bool:
    """Whether the condition is met; a fact that nobody knows of meets none.

    >>> facts = {"overdue": 300.0, "last_contact": date(2026, 3, 1), "next_activity_date": None}
    >>> day = date(2026, 3, 31)
    >>> holds(Condition("overdue", AT_LEAST, 1), facts, day), holds(Condition("last_contact", DAYS_AGO, 31), facts, day)
    (True, False)
    >>> holds(Condition("next_activity_date", UNKNOWN), facts, day), holds(Condition("gone", UNKNOWN), facts, day)
    (True, False)
    """
    if condition.fact not in facts:
        return False
    value = facts[condition.fact]
    if condition.operator == UNKNOWN:
        return value is None
    if value is None:
        return False
    if condition.operator == KNOWN:
        return True
    if isinstance(value, date):
        return _day_holds(condition, value, today)
    return bool(value >= condition.value if condition.operator == AT_LEAST else value <= condition.value)


def _day_holds(condition: Condition, day: date, today: date) -> bool:
    """``days_ago`` is that long ago or longer, ``within_days_ago`` not longer, ``due_within`` so many days ahead or past.

    >>> day = date(2026, 3, 31)
    >>> [_day_holds(Condition("d", operator, 3), date(2026, 4, 2), day) for operator in (DAYS_AGO, WITHIN_DAYS_AGO, DUE_WITHIN)]
    [False, False, True]
    """
    days = timedelta(days=min(condition.value, 36500))
    if condition.operator == DAYS_AGO:
        return today - day >= days
    if condition.operator == WITHIN_DAYS_AGO:
        return timedelta() <= today - day <= days
    return day - today <= days


def advise(rules: Iterable[Rule], facts: Mapping[str, Any], today: date, limit: int = 3) -> list[Suggestion]:
    """The first ``limit`` suggestions, in the order of the rules. A rule without conditions never speaks.

    >>> rules = [Rule(1, (Condition("overdue", AT_LEAST, 1),)), Rule(2, (Condition("orders", AT_LEAST, 2),)), Rule(3, ())]
    >>> advise(rules, {"overdue": 0.0, "orders": 5}, date(2026, 3, 31))
    [Suggestion(key=2, facts=('orders',))]
    """
    found = (
        Suggestion(rule.key, tuple(dict.fromkeys(condition.fact for condition in rule.conditions)))
        for rule in rules
        if rule.conditions and all(holds(condition, facts, today) for condition in rule.conditions)
    )
    return [suggestion for suggestion, _number in zip(found, range(limit))]


def fits(fact: Fact, operator: str) -> bool:
    """Whether a fact of this unit can be compared like this.

    >>> fits(Fact("Overdue", "money"), AT_LEAST), fits(Fact("Last order", "date"), AT_LEAST)
    (True, False)
    """
    return operator in OPERATORS[fact.unit]
