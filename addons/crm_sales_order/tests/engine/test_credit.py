# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Credit: whatever happened, what is at stake is what customers have, will have or were billed, less what they paid."""

import doctest
from collections import Counter
from datetime import date

from crm_sales_order_engine import credit as engine
from crm_sales_order_engine.credit import Exposure, Item, Line, Order, Terms, get_exposure, get_late, judge
from hypothesis import given, settings
from hypothesis import strategies as st

TODAY = date(2026, 4, 1)
STEPS = ("deliver", "cancel", "bill", "post", "return", "credit", "advance", "pay", "allocate")
histories = st.lists(
    st.tuples(st.sampled_from(STEPS), st.integers(0, 2), st.integers(0, 1), st.integers(1, 900)), min_size=1, max_size=60
)
orders = st.lists(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 400)), min_size=2, max_size=2), min_size=3, max_size=3)


class Books:
    """Three orders of two lines, traced piece by piece; each piece is an object, each invoice an entry."""

    def __init__(self, plan):
        self.lines = [[(price, [Counter(pending=1) for _piece in range(count)]) for count, price in lines] for lines in plan]
        self.advances = [0] * len(plan)
        self.drafts, self.items, self.paid = [], [], 0

    def count(self, pieces, state):
        return sum(piece[state] for piece in pieces)

    def find(self, pieces, *states, without=()):
        fits = (p for p in pieces if all(p[s] for s in states) and not any(p[s] for s in without))
        return next(fits, None)

    def step(self, name, order, line, amount):
        price, pieces = self.lines[order][line]
        getattr(self, "do_" + name)(order, price, pieces, amount)

    def do_deliver(self, order, price, pieces, amount):
        piece = self.find(pieces, "pending")
        if piece:
            piece["pending"], piece["there"] = 0, 1

    def do_cancel(self, order, price, pieces, amount):
        piece = self.find(pieces, "pending", without=("billed",))
        if piece and self.get_uninvoiced(order) - price >= self.advances[order]:
            piece["pending"] = 0

    def do_bill(self, order, price, pieces, amount):
        if self.count(pieces, "pending") + self.count(pieces, "there") <= self.count(pieces, "billed"):
            return
        piece = self.find(pieces, "there", without=("billed",)) or self.find(pieces, "pending", without=("billed",))
        if piece:
            deducted = min(self.advances[order], price)
            self.advances[order] -= deducted
            piece["billed"] = 1
            self.drafts.append(price - deducted)

    def do_post(self, order, price, pieces, amount):
        self.items += self.drafts
        self.drafts = []

    def do_return(self, order, price, pieces, amount):
        piece = self.find(pieces, "there", without=("billed",)) or self.find(pieces, "there")
        if piece and (piece["billed"] or self.get_uninvoiced(order) - price >= self.advances[order]):
            piece["there"] = 0

    def do_credit(self, order, price, pieces, amount):
        piece = self.find(pieces, "billed", without=("there", "pending"))
        if piece:
            piece["billed"] = 0
            self.items.append(-price)

    def do_advance(self, order, price, pieces, amount):
        if self.advances[order] + amount <= self.get_uninvoiced(order):
            self.advances[order] += amount
            self.drafts.append(amount)

    def do_pay(self, order, price, pieces, amount):
        self.items.append(-amount)
        self.paid += amount

    def do_allocate(self, order, price, pieces, amount):
        debit = next((index for index, item in enumerate(self.items) if item > 0), None)
        credit = next((index for index, item in enumerate(self.items) if item < 0), None)
        if debit is not None and credit is not None:
            part = min(self.items[debit], -self.items[credit], amount)
            self.items[debit] -= part
            self.items[credit] += part

    def get_uninvoiced(self, order):
        return sum(
            price * max(self.count(pieces, "pending") + self.count(pieces, "there") - self.count(pieces, "billed"), 0)
            for price, pieces in self.lines[order]
        )

    def get_at_stake(self):
        """The oracle: what customers have, will get or were billed, less what they paid."""
        return (
            sum(
                price * max(self.count(pieces, "pending") + self.count(pieces, "there"), self.count(pieces, "billed"))
                for lines in self.lines
                for price, pieces in lines
            )
            - self.paid
        )

    def get_facts(self):
        return (
            [
                Order(
                    [
                        Line(
                            price * len(pieces),
                            len(pieces),
                            len(pieces),
                            self.count(pieces, "there"),
                            self.count(pieces, "billed"),
                            self.count(pieces, "pending"),
                        )
                        for price, pieces in lines
                    ],
                    advances,
                )
                for lines, advances in zip(self.lines, self.advances)
            ],
            self.drafts,
            [Item(amount) for amount in self.items],
        )


@given(orders, histories)
@settings(max_examples=400, deadline=None)
def test_nothing_is_counted_twice_or_forgotten(plan, history):
    books = Books(plan)
    for step in history:
        books.step(*step)
        assert get_exposure(*books.get_facts()).total == books.get_at_stake()


@given(st.lists(st.tuples(st.integers(-500, 500), st.integers(1, 60)), max_size=8), st.integers(0, 30))
def test_unallocated_money_pays_the_oldest_first(rows, days):
    items = [Item(amount, date.fromordinal(TODAY.toordinal() - age)) for amount, age in rows]
    credit = -sum(amount for amount, _age in rows if amount < 0)
    coins = [age for amount, age in sorted(rows, key=lambda row: -row[1]) for _coin in range(max(amount, 0))][credit:]
    late = [age for age in coins if age > days]
    assert get_late(items, TODAY, days) == (len(late), max(late, default=0))


def test_the_limit_itself_may_be_used_and_not_a_cent_more():
    states = [judge(Exposure(open=amount), [], Terms(limit=1000), TODAY).state for amount in (799, 800, 1000, 1001)]
    assert states == ["free", "near", "near", "blocked"]


def test_a_limit_of_nothing_lets_paid_orders_go():
    states = [judge(Exposure(open=amount, credits=100), [], Terms(limit=0), TODAY).state for amount in (50, 100, 101)]
    assert states == ["free", "free", "blocked"]


def test_doctests():
    assert doctest.testmod(engine).failed == 0
