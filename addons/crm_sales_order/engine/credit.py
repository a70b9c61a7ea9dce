# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Credit: what a customer owes or will owe, whether that is too much, and how much a rule grants.

Plain Python: no database and no Odoo. Amounts are minor units of the company's currency (integers) unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from math import floor
from typing import NamedTuple

FREE = "free"
NEAR = "near"
BLOCKED = "blocked"
#: Why a customer is blocked
LIMIT = "limit"
OVERDUE = "overdue"
#: Payment grades, the best first
PAYMENT_GRADES = "abcde"
#: Quantities that differ by less are the same: what binary rounding leaves behind
EPSILON = 1e-6


class Line(NamedTuple):
    """A line of a confirmed order.

    :param value: minor units of the *order's* currency, tax included, of ``per`` pieces
    :param per: pieces, not 0
    :param pending: pieces on their way to the customer less those on their way back; None when no goods were ever moved
    :param bound: whether what was ordered will be invoiced; of others (framework, consignment) only what was delivered
    """

    value: int
    per: float
    ordered: float
    delivered: float
    invoiced: float
    pending: float | None = None
    bound: bool = True


class Order(NamedTuple):
    """A confirmed order: what is left to invoice of it is its lines less ``advances``.

    :param advances: minor units of the order's currency, billed in advance (drafts, too) and not deducted yet
    :param rate: minor units of the company's currency per minor unit of the order's
    """

    lines: Sequence[Line]
    advances: int = 0
    rate: float = 1.0


class Item(NamedTuple):
    """An open item of the customer in the ledger: what is owed, or (negative) a credit or payment not allocated yet."""

    amount: int
    due: date | None = None


class Exposure(NamedTuple):
    """What is at stake with a customer; each piece is in exactly one of the first three."""

    to_invoice: int = 0
    drafts: int = 0
    open: int = 0
    credits: int = 0

    @property
    def total(self) -> int:
        """May be negative: the customer has paid ahead."""
        return self.to_invoice + self.drafts + self.open - self.credits


class Terms(NamedTuple):
    """What a customer may. ``limit`` None: as much as they like; ``days`` None: as late as they like."""

    limit: int | None = None
    days: int | None = None
    near: float = 0.8


class Verdict(NamedTuple):
    """Where a customer stands; ``late`` is what is overdue beyond the days allowed, ``days_late`` of the oldest of it."""

    state: str
    exposure: Exposure
    terms: Terms
    reasons: tuple[str, ...] = ()
    late: int = 0
    days_late: int = 0

    @property
    def available(self) -> int | None:
        """What may still be ordered; negative when over the limit, None without one."""
        return None if self.terms.limit is None else self.terms.limit - self.exposure.total


def round_half_up(amount: float) -> int:
    """
    >>> [round_half_up(amount) for amount in (0.5, 1.5, 2.4999, -0.5)]
    [1, 2, 2, 0]
    """
    return floor(amount + 0.5 + EPSILON)


def get_uninvoiced_quantity(line: Line) -> float:
    """Pieces that will still be invoiced: what arrived or will arrive, less what is on invoices (drafts, too).

    Ordered 10, 4 delivered and invoiced, 6 to follow; then the rest is cancelled:

    >>> get_uninvoiced_quantity(Line(1000, 10, 10, delivered=4, invoiced=4, pending=6))
    6
    >>> get_uninvoiced_quantity(Line(1000, 10, 10, delivered=4, invoiced=4, pending=0))
    0
    """
    if not line.bound:
        expected = line.delivered
    elif line.pending is None:
        expected = max(line.ordered, line.delivered)
    else:
        expected = line.delivered + line.pending
    left = expected - line.invoiced
    return left if left > EPSILON else 0


def get_to_invoice(order: Order) -> int:
    """What the order will still add to the books, in the company's currency. Advances are in the books already.

    >>> get_to_invoice(Order([Line(1000, 10, 10, 0, 0)], advances=300))
    700
    >>> get_to_invoice(Order([Line(1000, 10, 10, 0, 0)], advances=300, rate=7.0))
    4900
    """
    goods = sum(round_half_up(line.value * get_uninvoiced_quantity(line) / line.per) for line in order.lines)
    return round_half_up(max(goods - order.advances, 0) * order.rate)


def get_exposure(orders: Iterable[Order], drafts: Iterable[int], items: Iterable[Item]) -> Exposure:
    """
    :param drafts: totals of draft invoices, those of draft credit notes negative

    >>> get_exposure([Order([Line(1000, 10, 10, 4, 4)])], [100], [Item(300), Item(-50)])
    Exposure(to_invoice=600, drafts=100, open=300, credits=50)
    """
    amounts = [item.amount for item in items]
    return Exposure(
        sum(get_to_invoice(order) for order in orders),
        sum(drafts),
        sum(amount for amount in amounts if amount > 0),
        -sum(amount for amount in amounts if amount < 0),
    )


def get_late(items: Iterable[Item], today: date, days: int) -> tuple[int, int]:
    """(amount, days of the oldest) overdue by more than ``days``. Money that was not allocated pays the oldest first.

    >>> items = [Item(100, date(2026, 1, 1)), Item(70, date(2026, 3, 1)), Item(-120)]
    >>> get_late(items, date(2026, 4, 1), 20), get_late(items, date(2026, 4, 1), 31)
    ((50, 31), (0, 0))
    """
    items = list(items)
    credit = -sum(item.amount for item in items if item.amount < 0)
    late = oldest = 0
    for item in sorted((item for item in items if item.amount > 0), key=lambda item: item.due or today):
        paid = min(credit, item.amount)
        credit -= paid
        if item.amount > paid and item.due and item.due + timedelta(days) < today:
            late += item.amount - paid
            oldest = max(oldest, (today - item.due).days)
    return late, oldest


def judge(exposure: Exposure, items: Iterable[Item], terms: Terms, today: date, more: int = 0) -> Verdict:
    """Whether goods may go to the customer.

    :param more: what is about to be ordered, not in ``exposure`` yet

    >>> judge(Exposure(open=900), [], Terms(limit=1000), date(2026, 4, 1)).state
    'near'
    >>> verdict = judge(Exposure(open=900), [], Terms(limit=1000), date(2026, 4, 1), more=101)
    >>> verdict.state, verdict.reasons, verdict.available
    ('blocked', ('limit',), -1)
    """
    exposure = exposure._replace(to_invoice=exposure.to_invoice + more)
    reasons = []
    late = days_late = 0
    if terms.limit is not None and exposure.total > max(terms.limit, 0):
        reasons.append(LIMIT)
    if terms.days is not None:
        late, days_late = get_late(items, today, terms.days)
        if late:
            reasons.append(OVERDUE)
    near = terms.limit is not None and exposure.total > 0 and exposure.total >= terms.limit * terms.near
    state = BLOCKED if reasons else NEAR if near else FREE
    return Verdict(state, exposure, terms, tuple(reasons), late, days_late)


class Facts(NamedTuple):
    """What rules look at: turnover of the last twelve months, months since the first order, grades."""

    turnover: int = 0
    months: int = 0
    payment_grade: str | None = None
    customer_grade: str | None = None


class Rule(NamedTuple):
    """Conditions (None or 0: any) and what they earn: ``base`` plus a share of the turnover, at most ``cap`` (0: no cap).

    :param payment_grade: the worst grade that will do
    :param step: the limit is a multiple of it
    """

    turnover: int = 0
    months: int = 0
    payment_grade: str | None = None
    customer_grade: str | None = None
    base: int = 0
    share: float = 0.0
    cap: int = 0
    step: int = 1

    def is_met(self, facts: Facts) -> bool:
        """
        >>> rule = Rule(payment_grade="b", months=12)
        >>> [rule.is_met(Facts(months=12, payment_grade=grade)) for grade in ("a", "b", "c", None)]
        [True, True, False, False]
        """
        if self.payment_grade and (not facts.payment_grade or facts.payment_grade > self.payment_grade):
            return False
        if self.customer_grade and facts.customer_grade != self.customer_grade:
            return False
        return facts.turnover >= self.turnover and facts.months >= self.months

    def get_limit(self, facts: Facts) -> int:
        """
        >>> Rule(base=1000, share=0.2, cap=5000, step=100).get_limit(Facts(turnover=12_345))
        3400
        """
        limit = self.base + round_half_up(max(facts.turnover, 0) * self.share)
        limit = min(limit, self.cap) if self.cap else limit
        return limit - limit % self.step


def find_rule(rules: Sequence[Rule], facts: Facts) -> int | None:
    """Index of the first rule that is met.

    >>> find_rule([Rule(months=24), Rule(months=6)], Facts(months=8))
    1
    """
    return next((index for index, rule in enumerate(rules) if rule.is_met(facts)), None)
