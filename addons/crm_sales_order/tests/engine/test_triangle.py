# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The triangle under a state machine: whatever happens to an order, both identities hold and it ties to the ledger.

The machine keeps its own books (a ledger of items and matches, in the currency's minor units); after each step the engine
measures the order from what those books say, and the ledger's balance is compared with what the engine calls open.
"""

from decimal import Decimal

import pytest
from crm_sales_order_engine import triangle
from crm_sales_order_engine.instalments import Part, split
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule


class Invoice:
    """A posted invoice (sign 1) or credit note (-1) over some units of the line, or over an advance."""

    def __init__(self, sign, amount, units=0, void=False):
        self.sign, self.amount, self.units, self.void = sign, amount, units, void
        self.settled = {"collected": 0, "matched": 0, "written_off": 0}

    @property
    def open(self):
        return self.amount - sum(self.settled.values())


class TriangleMachine(RuleBasedStateMachine):
    """One order of one line; amounts in minor units, so that the currency does not matter (CNY, USD: 2 digits; JPY: 0)."""

    @initialize(quantity=st.integers(1, 40), price=st.integers(1, 99_999))
    def order(self, quantity, price):
        self.quantity, self.price = quantity, price
        self.delivered = 0
        self.cancelled = False
        self.invoices = []
        self.unallocated = []  # money not matched
        self.taken_off = 0

    # -- the books

    @property
    def billed_units(self):
        return sum(invoice.sign * invoice.units for invoice in self.invoices)

    @property
    def billed(self):
        return sum(invoice.sign * invoice.amount for invoice in self.invoices if invoice.units)

    @property
    def advances(self):
        return sum(invoice.sign * invoice.amount for invoice in self.invoices if not invoice.units)

    # -- what happens

    @precondition(lambda self: not self.cancelled)
    @rule(quantity=st.integers(1, 60))
    def amend_quantity(self, quantity):
        self.quantity = max(quantity, self.delivered, self.billed_units)

    @precondition(lambda self: not self.cancelled and not self.billed_units)
    @rule(price=st.integers(1, 99_999))
    def amend_price(self, price):
        self.price = price

    @precondition(lambda self: not self.cancelled)
    @rule(data=st.data())
    def deliver(self, data):
        self.delivered += data.draw(st.integers(0, self.quantity - self.delivered))

    @precondition(lambda self: not self.cancelled and not self.billed_units)
    @rule(amount=st.integers(1, 50_000))
    def down_payment(self, amount):
        if self.advances + amount <= self.quantity * self.price:
            self.invoices.append(Invoice(1, amount))

    @precondition(lambda self: not self.cancelled and self.delivered > self.billed_units)
    @rule()
    def invoice_delivered(self):
        """The goods; the advance is deducted as far as they are worth it."""
        units = self.delivered - self.billed_units
        goods = units * self.price
        deducted = min(self.advances, goods)
        self.invoices.append(Invoice(1, goods, units))
        if deducted:
            note = Invoice(-1, deducted)
            self.invoices.append(note)
            left = deducted
            for invoice in (self.invoices[-2], *self.invoices):
                if invoice.sign > 0 and invoice.open and left:
                    used = min(left, invoice.open)
                    invoice.settled["matched"] += used
                    note.settled["matched"] += used
                    left -= used

    @precondition(lambda self: not self.cancelled and self.delivered)
    @rule(data=st.data())
    def take_back(self, data):
        units = data.draw(st.integers(1, self.delivered))
        self.delivered -= units
        self.quantity -= units
        self.taken_off += units * self.price
        credited = min(units, max(self.billed_units - self.delivered, 0))
        if credited:
            self.invoices.append(Invoice(-1, credited * self.price, credited))

    @precondition(lambda self: not self.cancelled and self.billed_units and self.billed_units < self.quantity)
    @rule()
    def cancel_rest(self):
        rest = self.quantity - max(self.delivered, self.billed_units)
        self.quantity -= rest
        self.taken_off += rest * self.price

    @precondition(lambda self: not self.delivered)
    @rule()
    def cancel(self):
        self.cancelled = True

    @rule(data=st.data())
    def pay(self, data):
        open_ones = [invoice for invoice in self.invoices if invoice.open]
        if not open_ones:
            return
        invoice = data.draw(st.sampled_from(open_ones))
        amount = data.draw(st.integers(1, invoice.open))
        fee = data.draw(st.integers(0, min(amount, 50)))
        invoice.settled["collected"] += amount - fee
        invoice.settled["written_off"] += fee

    @rule(amount=st.integers(1, 10_000))
    def pay_unmatched(self, amount):
        self.unallocated.append(amount)

    @rule(data=st.data())
    def unmatch(self, data):
        matched = [invoice for invoice in self.invoices if invoice.settled["collected"]]
        if matched:
            invoice = data.draw(st.sampled_from(matched))
            self.unallocated.append(invoice.sign * (invoice.settled["collected"] + invoice.settled["written_off"]))
            invoice.settled["collected"] = invoice.settled["written_off"] = 0

    @precondition(lambda self: self.invoices)
    @rule(data=st.data())
    def reverse(self, data):
        """An invoice over goods is taken back as a whole: as if it had never been."""
        goods = [invoice for invoice in self.invoices if invoice.units and not invoice.void]
        whole = [invoice for invoice in goods if invoice.sign > 0 and invoice.open == invoice.amount]
        if whole and not any(invoice.sign < 0 for invoice in goods):
            invoice = data.draw(st.sampled_from(whole))
            note = Invoice(-1, invoice.amount, invoice.units, void=True)
            invoice.void = True
            invoice.settled["matched"] = note.settled["matched"] = invoice.amount
            self.invoices.append(note)

    @precondition(lambda self: self.advances > 0)
    @rule(data=st.data())
    def credit_advance(self, data):
        """Finance gives part of an advance back, also after the order was cancelled."""
        self.invoices.append(Invoice(-1, data.draw(st.integers(1, self.advances))))

    # -- what must hold

    def measure(self):
        line = triangle.Line(
            total=self.quantity * self.price,
            unit=float(self.price),
            quantity=self.quantity,
            delivered=self.delivered,
            quantity_invoiced=self.billed_units,
            quantity_to_invoice=max(self.delivered - self.billed_units, 0),
            invoiced=self.billed,
            slack=len(self.invoices),
        )
        bills = [triangle.Bill(bill.sign, bill.amount, open=bill.open, void=bill.void, **bill.settled) for bill in self.invoices]
        return triangle.measure(triangle.Order(line.total, self.taken_off, self.cancelled, [line], bills, advances=self.advances))

    @invariant()
    def identities_hold(self):
        result = self.measure()
        assert result.get_gaps() == (0, 0), result
        if not self.cancelled:
            assert result.ordered == self.quantity * self.price + self.taken_off
            assert result.to_invoice == self.quantity * self.price - self.billed - self.advances
        else:
            assert result.to_invoice <= 0
        assert result.cancelled >= 0
        assert result.credited >= 0

    @invariant()
    def ties_to_the_ledger(self):
        """Open less unallocated receipts is the balance: what was invoiced, less credit notes, money and write-offs."""
        items = sum(invoice.sign * invoice.amount for invoice in self.invoices)
        cleared = sum(invoice.sign * (invoice.settled["collected"] + invoice.settled["written_off"]) for invoice in self.invoices)
        balance = items - cleared - sum(self.unallocated)
        assert self.measure().open - sum(self.unallocated) == balance


TriangleMachine.TestCase.settings = settings(
    max_examples=150, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestTriangleMachine = TriangleMachine.TestCase


def test_advances_beyond_an_order_that_is_cancelled_are_to_be_credited():
    """Found by the machine: the price falls below what was billed in advance, then the order is cancelled."""
    machine = TriangleMachine()
    machine.order(quantity=1, price=2)
    for _number in range(2):
        machine.down_payment(1)
    machine.amend_price(1)
    machine.cancel()
    result = machine.measure()
    assert (result.ordered, result.invoiced, result.to_invoice, result.cancelled) == (1, 2, -1, 0)
    machine.invoices.append(Invoice(-1, 2))
    result = machine.measure()
    assert (result.invoiced, result.to_invoice, result.cancelled, result.credited) == (1, 0, 0, 1)
    machine.identities_hold()
    machine.ties_to_the_ledger()


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=8), st.data())
@settings(deadline=None)
def test_settlements_are_shared_out_to_the_cent(shares, data):
    """Rows sum to the orders' shares, columns to the kinds of settlement; what is 0 is 0 for all."""
    left, kinds = sum(shares), []
    for _kind in range(3):
        kinds.append(data.draw(st.integers(0, left)))
        left -= kinds[-1]
    kinds.append(left)
    rows = triangle.allocate(shares, kinds)
    assert [sum(row) for row in rows] == shares
    assert [sum(row[k] for row in rows) for k in range(4)] == kinds
    for share, row in zip(shares, rows):
        for kind, amount in zip(kinds, row):
            assert abs(amount - Decimal(share) * kind / sum(shares)) <= 2
            assert kind or not amount


def test_shares_that_are_not_the_invoice_are_refused():
    with pytest.raises(ValueError, match="shares sum to 3"):
        triangle.allocate([1, 2], [4])


@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(0, 100)), min_size=1, max_size=6),
    st.integers(0, 10**7),
    st.integers(0, 10**7),
    st.sampled_from([0.01, 1.0, 0.001]),
)
@settings(deadline=None)
def test_instalments_sum_to_the_order_whatever_it_becomes(weights, before, after, rounding):
    """Part of the plan is billed, then the total changes: the parts sum to the new total, and none is below nothing."""
    whole = sum(weight for weight, _billed in weights)
    percents = [round(100.0 * weight / whole, 4) for weight, _billed in weights]
    percents[-1] = round(100.0 - sum(percents[:-1]), 4)
    before, after = (Decimal(amount) * Decimal(str(rounding)) for amount in (before, after))
    amounts = split(float(before), [Part(percent) for percent in percents], rounding)
    assert sum(Decimal(str(amount)) for amount in amounts) == before
    parts = [
        Part(percent, amount if billed > 50 else None, amount if billed > 50 else 0.0)
        for percent, amount, (_weight, billed) in zip(percents, amounts, weights)
    ]
    planned = split(float(after), parts, rounding)
    assert sum(Decimal(str(amount)) for amount in planned) == after
    assert min(planned) >= 0 or min(amounts) < 0
