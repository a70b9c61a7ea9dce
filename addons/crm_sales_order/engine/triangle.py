# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Ordered, delivered, invoiced, collected: the receivable triangle of one order, to the cent.

All amounts are integers in minor units of the order's currency. Two identities hold for every :class:`Triangle`::

    ordered  = invoiced + to_invoice + cancelled
    invoiced = collected + open + credited + written_off

The terms come from different books, so that they can be proved: what was ordered and taken off from the order, what is
still to invoice from its lines or instalments, what was invoiced from the invoices, how it was settled from the matches
in the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Sequence


@dataclass(frozen=True)
class Line:
    """An order line that is no advance.

    ``total`` is its value, ``unit`` that of one unit (may have a fraction), ``invoiced`` what posted invoices less credit
    notes bill of it, ``quantity_invoiced`` how much; ``quantity_to_invoice`` can be invoiced now or is on drafts, below zero
    when it is to be credited. Quantities are in its own unit, negative on lines that take goods back.

    :param slack: what may be lost to rounding: one minor unit per invoice line
    """

    total: int
    unit: float
    quantity: float
    delivered: float
    quantity_invoiced: float
    quantity_to_invoice: float
    invoiced: int
    slack: int = 0


@dataclass(frozen=True)
class Bill:
    """An order's share of a posted invoice, or of a credit note (``sign`` -1); amounts are positive.

    :param void: a credit note that takes back an invoice as a whole, or that invoice: neither counts as billed
    """

    sign: int
    amount: int
    open: int = 0
    collected: int = 0
    matched: int = 0  # with a credit note, or for a credit note with an invoice
    written_off: int = 0
    void: bool = False


@dataclass(frozen=True)
class Order:
    """What the books say of one order.

    :param total: the order's total as it is now
    :param taken_off: value of what was cancelled or came back, and left the order
    :param cancelled: the whole order is cancelled
    :param advances: advances billed and not yet deducted; 0 with instalments
    :param planned: what its instalments sum to; None when it is not paid by instalments
    :param claims: of the instalments, what is due and not invoiced
    """

    total: int
    taken_off: int = 0
    cancelled: bool = False
    lines: Sequence[Line] = ()
    bills: Sequence[Bill] = ()
    advances: int = 0
    planned: int | None = None
    claims: int = 0


@dataclass(frozen=True)
class Triangle:
    """``credited`` counts credit notes for good; one whose amount is invoiced anew takes the first invoice's place."""

    ordered: int = 0
    delivered: int = 0
    invoiced: int = 0
    to_invoice: int = 0
    cancelled: int = 0
    collected: int = 0
    open: int = 0
    credited: int = 0
    written_off: int = 0
    claim: int = 0

    def get_gaps(self) -> tuple[int, int]:
        """What the two identities are off by; (0, 0) when they hold."""
        settled = self.collected + self.open + self.credited + self.written_off
        return self.ordered - self.invoiced - self.to_invoice - self.cancelled, self.invoiced - settled


def measure(order: Order) -> Triangle:
    """The triangle of ``order``.

    Goods delivered beyond the order count as ordered, too. Rounding between an order line and its invoices counts as
    cancelled: it will never be invoiced.

    >>> whole = Line(total=10000, unit=1000.0, quantity=10, delivered=6, quantity_invoiced=6, quantity_to_invoice=0, invoiced=6000)
    >>> paid = Bill(1, 6000, collected=5000, open=1000)
    >>> measure(Order(10000, lines=[whole], bills=[paid]))  # doctest: +NORMALIZE_WHITESPACE
    Triangle(ordered=10000, delivered=6000, invoiced=6000, to_invoice=4000, cancelled=0, collected=5000, open=1000,
             credited=0, written_off=0, claim=0)

    The rest is cancelled, it stays visible; then one comes back and is credited:

    >>> rest = Line(total=6000, unit=1000.0, quantity=6, delivered=6, quantity_invoiced=6, quantity_to_invoice=0, invoiced=6000)
    >>> triangle = measure(Order(6000, taken_off=4000, lines=[rest], bills=[paid]))
    >>> triangle.ordered, triangle.invoiced, triangle.to_invoice, triangle.cancelled
    (10000, 6000, 0, 4000)
    >>> back = Line(total=5000, unit=1000.0, quantity=5, delivered=5, quantity_invoiced=5, quantity_to_invoice=0, invoiced=5000)
    >>> bills = [Bill(1, 6000, collected=5000, matched=1000), Bill(-1, 1000, matched=1000)]
    >>> triangle = measure(Order(5000, taken_off=5000, lines=[back], bills=bills))
    >>> triangle.invoiced, triangle.cancelled, triangle.collected, triangle.credited
    (6000, 4000, 5000, 1000)

    What was billed beyond an order that is cancelled then is to be credited:

    >>> triangle = measure(Order(3000, cancelled=True, bills=[Bill(1, 5000, collected=5000)]))
    >>> triangle.ordered, triangle.invoiced, triangle.to_invoice, triangle.cancelled
    (3000, 5000, -2000, 0)
    """
    extra = sum(_get_extra(line) for line in order.lines)
    net = sum(bill.sign * bill.amount for bill in order.bills)
    ordered = order.total + order.taken_off + extra
    lost = order.taken_off
    if order.cancelled:
        to_invoice = min(order.total + extra - net, 0)
        lost = ordered - net - to_invoice
    elif order.planned is not None:
        to_invoice = order.planned + extra - net
    else:
        to_invoice = sum(_get_to_invoice(line) for line in order.lines) - order.advances
        lost += order.total - sum(line.total for line in order.lines)
        lost += sum(_get_rounding(line) for line in order.lines)
    credit_notes = sum(bill.amount for bill in order.bills if bill.sign < 0 and not bill.void)
    credited = max(0, min(lost, credit_notes))
    return Triangle(
        ordered=ordered,
        delivered=sum(_get_delivered(line) for line in order.lines),
        invoiced=net + credited,
        to_invoice=to_invoice,
        cancelled=lost - credited,
        collected=sum(bill.sign * bill.collected for bill in order.bills),
        open=sum(bill.sign * bill.open for bill in order.bills),
        credited=credited + sum(bill.sign * bill.matched for bill in order.bills),
        written_off=sum(bill.sign * bill.written_off for bill in order.bills),
        claim=0 if order.cancelled else order.claims,
    )


def _get_beyond(line: Line) -> bool:
    """More will be invoiced than the line says: delivered beyond the order, or period after period."""
    sign = -1 if line.quantity < 0 else 1
    return sign * (line.quantity_invoiced + line.quantity_to_invoice - line.quantity) > 1e-6


def _get_extra(line: Line) -> int:
    return line.invoiced + _get_to_invoice(line) - line.total if _get_beyond(line) else 0


def _get_to_invoice(line: Line) -> int:
    """A line whose quantity is invoiced has nothing left to invoice but a changed price."""
    if _get_beyond(line):
        return round(line.unit * line.quantity_to_invoice)
    left = line.total - line.invoiced
    return 0 if _get_rounding(line) else left


def _get_rounding(line: Line) -> int:
    if _get_beyond(line) or abs(line.quantity - line.quantity_invoiced) > 1e-6:
        return 0
    left = line.total - line.invoiced
    return left if abs(left) <= line.slack else 0


def _get_delivered(line: Line) -> int:
    if not line.quantity:
        return round(line.unit * line.delivered)
    return round(line.total * line.delivered / line.quantity)


def allocate(shares: Sequence[int], kinds: Sequence[int]) -> list[list[int]]:
    """How the ``kinds`` of settlement of an invoice fall on the ``shares`` of the orders it bills.

    Both sum to the invoice's total (0 or more). In proportion, and exact on both sides: each row sums to its share and each
    column to its kind; a kind of 0 is 0 for all. On an invoice over nothing the shares settle each other: the last kind.

    :returns: one list per share, with one amount per kind

    >>> allocate([3333, 6667], [5000, 5000])
    [[1667, 1666], [3333, 3334]]
    >>> allocate([100], [70, 0, 30])
    [[70, 0, 30]]
    >>> allocate([10, -10], [0, 0])
    [[0, 10], [0, -10]]
    """
    whole = sum(kinds)
    if sum(shares) != whole:
        raise ValueError("shares sum to %s, kinds to %s" % (sum(shares), whole))
    if not whole:
        return [[0] * (len(kinds) - 1) + [share] for share in shares]
    columns = list(accumulate(kinds))
    result, done = [], [0] * len(kinds)
    for row in accumulate(shares):
        reached = [(2 * row * column + whole) // (2 * whole) for column in columns]  # half up
        taken = [now - before for now, before in zip(reached, done)]
        result.append([amount - left for amount, left in zip(taken, [0, *taken])])
        done = reached
    return result


def rescale(amounts: Sequence[int], total: int) -> list[int]:
    """``amounts`` in proportion so that they sum to ``total``: amounts of one currency in another.

    >>> rescale([5000, 5000], 7201)
    [3601, 3600]
    >>> rescale([0, 0], 0)
    [0, 0]
    """
    whole = sum(amounts)
    if not whole:
        return [0] * (len(amounts) - 1) + [total]
    reached = [(2 * total * part + whole) // (2 * whole) for part in accumulate(amounts)]
    return [now - before for now, before in zip(reached, [0, *reached])]
