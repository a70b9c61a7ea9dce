# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Available to promise, checked against an oracle that tries every day."""

import doctest

from crm_sales_order_engine import promise as engine
from crm_sales_order_engine.promise import Demand, Timeline, cut_parts, promise, reduce_parts, summarize
from hypothesis import given, settings
from hypothesis import strategies as st

DAYS = 12
quantities = st.integers(min_value=1, max_value=9)
days = st.integers(min_value=-2, max_value=DAYS)
demand_tuples = st.tuples(quantities, days, st.booleans())
pools = st.fixed_dictionaries(
    {
        "on_hand": st.integers(min_value=-6, max_value=25),
        "changes": st.lists(st.tuples(days, st.integers(min_value=-5, max_value=12)), max_size=6),
        "demands": st.lists(demand_tuples, min_size=1, max_size=8),
    }
)


class Oracle:
    """Simulates the warehouse day by day; knows nothing of balances that are kept or lowest values."""

    def __init__(self, on_hand, changes):
        self.on_hand = on_hand
        self.moves = [(max(day, 0), quantity) for day, quantity in changes]

    def stock(self, day):
        return self.on_hand + sum(quantity for moved, quantity in self.moves if moved <= day)

    def can_take(self, quantity, day):
        """Whether the goods are there, and all later days are still kept."""
        return all(self.stock(later) >= quantity for later in range(day, DAYS + 1))

    def most(self, quantity, day):
        return max(part for part in range(quantity + 1) if part == 0 or self.can_take(part, day))

    def serve(self, quantity, wanted, whole):
        """[(day, part)] by trying every day for every quantity."""
        wanted, parts = max(wanted, 0), []
        for day in range(wanted, DAYS + 1):
            if whole:
                if self.can_take(quantity, day):
                    parts.append((day, quantity))
                    self.moves.append((day, -quantity))
                    break
                continue
            part = self.most(quantity - sum(part for _day, part in parts), day)
            if part:
                parts.append((day, part))
                self.moves.append((day, -part))
        return parts


def serve(pool):
    demands = [Demand(number, "pool", *demand[:2], whole=demand[2]) for number, demand in enumerate(pool["demands"])]
    return demands, promise(demands, {"pool": Timeline(0, pool["on_hand"], pool["changes"])})


@settings(max_examples=400, deadline=None)
@given(pools)
def test_every_promise_is_the_one_found_by_trying_every_day(pool):
    oracle = Oracle(pool["on_hand"], pool["changes"])
    demands, answers = serve(pool)
    for demand in demands:
        expected = oracle.serve(demand.quantity, demand.date, demand.whole)
        answer = answers[demand.key]
        assert [tuple(part) for part in answer.parts] == expected
        promised = sum(part for _day, part in expected)
        assert answer.uncovered == demand.quantity - promised
        assert answer.date == (expected[-1][0] if promised == demand.quantity else None)


@settings(max_examples=200, deadline=None)
@given(pools)
def test_nobody_is_promised_what_is_not_there(pool):
    """From the day of the first promise on, the balance is never lower than it was, or than nothing."""
    before = Oracle(pool["on_hand"], pool["changes"])
    after = Oracle(pool["on_hand"], pool["changes"])
    _demands, answers = serve(pool)
    parts = [part for answer in answers.values() for part in answer.parts]
    after.moves += [(day, -quantity) for day, quantity in parts]
    for day in range(DAYS + 1):
        assert after.stock(day) >= min(before.stock(day), 0)
        assert not any(part.date <= day for part in parts) or after.stock(day) >= 0


@settings(max_examples=200, deadline=None)
@given(pools, demand_tuples)
def test_a_later_demand_changes_no_earlier_promise(pool, extra):
    _demands, answers = serve(pool)
    _more, with_extra = serve({**pool, "demands": [*pool["demands"], extra]})
    assert all(with_extra[key] == answer for key, answer in answers.items())


@settings(max_examples=200, deadline=None)
@given(pools)
def test_dates_in_another_order_are_the_same_pool(pool):
    _demands, answers = serve(pool)
    _again, turned = serve({**pool, "changes": pool["changes"][::-1]})
    assert answers == turned


@given(st.lists(st.tuples(days, quantities), max_size=5), st.integers(min_value=0, max_value=60))
def test_reduced_and_cut_parts_make_up_the_whole(parts, quantity):
    total = sum(part for _day, part in parts)
    assert sum(part.quantity for part in cut_parts(parts, quantity)) == min(quantity, total)
    assert sum(part.quantity for part in reduce_parts(parts, quantity)) == max(total - quantity, 0)


def test_the_last_piece_is_promised_once():
    answers = promise([Demand("first", "pump", 1.0, 0), Demand("second", "pump", 1.0, 0)], {"pump": Timeline(0, 1.0)})
    assert (answers["first"].missing, answers["second"].missing) == (0.0, 1.0)


def test_what_is_secured_draws_on_nothing():
    answers = promise([Demand("a", "pump", 3.0, 0, secured=2.0), Demand("b", "pump", 1.0, 0)], {"pump": Timeline(0, -4.0)})
    assert (answers["a"].available, answers["a"].missing, answers["b"].state) == (2.0, 1.0, "short")


def test_what_comes_in_for_a_demand_is_not_given_to_an_earlier_one():
    pool = Timeline(0, 0.0, [(5, 4.0)])
    answers = promise([Demand("first", "pump", 3.0, 0), Demand("own", "pump", 4.0, 0, dedicated=((5, 4.0),))], {"pump": pool})
    assert (answers["first"].date, answers["own"].date) == (None, 5)


def test_a_pool_nobody_knows_is_empty():
    assert promise([Demand("a", "pump", 1.0, 0)], {})["a"].state == "short"


def test_float_dust_makes_nothing_short():
    answers = promise([Demand(number, "oil", 0.1, 0) for number in range(10)], {"oil": Timeline(0, 1.0)})
    assert summarize(answer.state for answer in answers.values()) == "all"


def test_examples_in_the_documentation_hold():
    assert doctest.testmod(engine).failed == 0
