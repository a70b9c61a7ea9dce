# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""When a lead or customer goes back to the public pool, and when its owner is warned before.

The rules twice: :func:`decide` says what becomes of one record, to be read and tested; :func:`warn_condition` and
:func:`recycle_condition` say the same as SQL, for a run over millions. The tests hold one against the other.

A record's clock starts when it was last followed up, came to its owner, or was made, whichever was latest; with
trigger ``no_order``, with the last order instead of the follow-up. A warning counts if it was given after the
clock started. Nothing is taken without one, unless the rule gives no warning or the owner is gone.
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Iterable, Optional

NO_FOLLOW_UP, NO_ORDER, OWNER_GONE = "no_follow_up", "no_order", "owner_gone"
KEEP, WARN, RECYCLE = "keep", "warn", "recycle"


@dataclass(frozen=True)
class Rule:
    """``days`` without what the trigger names, and how many days before the owner hears of it (0: never)."""

    trigger: str
    days: int = 0
    warn_days: int = 0

    @property
    def warns(self) -> bool:
        return self.warn_days > 0 and self.trigger != OWNER_GONE


@dataclass(frozen=True)
class Record:
    """What a rule looks at; moments in UTC."""

    created: datetime
    owner_active: bool = True
    owned_since: Optional[datetime] = None
    followed_up: Optional[datetime] = None
    ordered: Optional[datetime] = None
    warned: Optional[datetime] = None
    excluded: bool = False

    def clock(self, trigger: str) -> datetime:
        """The moment from which a rule counts."""
        fact = self.ordered if trigger == NO_ORDER else self.followed_up
        return max(moment for moment in (fact, self.owned_since, self.created) if moment is not None)


def decide(record: Record, rules: Iterable[Rule], now: datetime) -> str:
    """What becomes of the record: ``recycle`` if one rule says so, else ``warn`` if one says so, else ``keep``.

    >>> from datetime import datetime, timedelta
    >>> now = datetime(2026, 3, 10)
    >>> week = Rule(NO_FOLLOW_UP, days=7, warn_days=2)
    >>> old = Record(created=now - timedelta(days=30), followed_up=now - timedelta(days=6))
    >>> decide(old, [week], now)
    'warn'
    >>> decide(Record(created=old.created, warned=now - timedelta(days=2)), [week], now)
    'recycle'
    """
    if record.excluded:
        return KEEP
    verdicts = {_decide_by(record, rule, now) for rule in rules}
    return RECYCLE if RECYCLE in verdicts else WARN if WARN in verdicts else KEEP


def _decide_by(record: Record, rule: Rule, now: datetime) -> str:
    if rule.trigger == OWNER_GONE:
        return KEEP if record.owner_active else RECYCLE
    clock = record.clock(rule.trigger)
    warned = record.warned if record.warned is not None and record.warned > clock else None
    if clock <= now - timedelta(days=rule.days) and (
        not rule.warns or (warned is not None and warned <= now - timedelta(days=rule.warn_days))
    ):
        return RECYCLE
    if rule.warns and warned is None and clock <= now - timedelta(days=rule.days - rule.warn_days):
        return WARN
    return KEEP


@dataclass(frozen=True)
class Columns:
    """SQL expressions of what a rule looks at."""

    created: str
    owner_active: str
    owned_since: str
    followed_up: str
    ordered: str
    warned: str

    def clock(self, trigger: str) -> str:
        fact = self.ordered if trigger == NO_ORDER else self.followed_up
        return f"GREATEST({fact}, {self.owned_since}, {self.created})"


Condition = tuple[str, list[Any]]


def recycle_condition(rule: Rule, columns: Columns, now: datetime) -> Condition:
    """SQL (with its parameters) that is true where :func:`decide` by this rule says ``recycle``."""
    if rule.trigger == OWNER_GONE:
        return f"NOT {columns.owner_active}", []
    clock = columns.clock(rule.trigger)
    condition, params = f"{clock} <= %s", [now - timedelta(days=rule.days)]
    if rule.warns:
        condition += f" AND {columns.warned} > {clock} AND {columns.warned} <= %s"
        params.append(now - timedelta(days=rule.warn_days))
    return condition, params


def warn_condition(rule: Rule, columns: Columns, now: datetime) -> Condition:
    """SQL (with its parameters) that is true where :func:`decide` by this rule says ``warn``."""
    if not rule.warns:
        return "FALSE", []
    clock = columns.clock(rule.trigger)
    condition = f"{clock} <= %s AND ({columns.warned} IS NULL OR {columns.warned} <= {clock})"
    return condition, [now - timedelta(days=rule.days - rule.warn_days)]
