# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import doctest

from crm_core_engine import gate, pace
from crm_core_engine.gate import Step, changed, is_filled, path, tell
from crm_core_engine.pace import Like, Median, judge, usual
from hypothesis import given
from hypothesis import strategies as st

STEPS = st.lists(st.builds(Step, st.integers(0, 5), st.integers(1, 30)), min_size=1, max_size=12, unique_by=lambda step: step.id)


def test_examples_in_the_docstrings():
    for module in (gate, pace):
        found = doctest.testmod(module)
        assert found.attempted
        assert not found.failed


@given(STEPS, st.data())
def test_a_jump_meets_what_its_single_steps_would_meet(steps, data):
    origin, target = data.draw(st.sampled_from(steps)), data.draw(st.sampled_from(steps))
    way = path(steps, origin, target)
    assert way == sorted(way)
    assert bool(way) == (origin < target)
    if way:
        assert way[-1] == target
        here, met = origin, []
        for step in way:
            met += path(steps, here, step)
            here = step
        assert met == way


@given(STEPS, st.data())
def test_back_and_forth_never_saves_a_gate(steps, data):
    """Whatever way a deal takes, it has met every gate between where it began and the furthest it got."""
    stops = data.draw(st.lists(st.sampled_from(steps), min_size=1, max_size=6))
    met = set(path(steps, None, stops[0]))
    for here, there in zip(stops, stops[1:]):
        met |= set(path(steps, here, there))
    assert met >= set(path(steps, None, max(stops)))


@given(st.recursive(st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(), st.lists))
def test_filled_is_what_is_neither_empty_nor_zero(value):
    assert is_filled(value) == bool(value.strip() if isinstance(value, str) else value)


FACTS = st.dictionaries(st.sampled_from("abc"), st.none() | st.integers() | st.floats(-1e9, 1e9), max_size=3)


@given(FACTS, FACTS)
def test_what_changed_is_the_same_both_ways(old, new):
    assert changed(old, old) == []
    assert changed(old, new) == changed(new, old)
    assert set(changed(old, new)) <= {*old, *new}


@given(st.lists(st.tuples(st.text("xyz", min_size=1), st.lists(st.text("xyz", min_size=1), min_size=1)), max_size=5))
def test_message_holds_every_deal_and_every_text(moves):
    message = tell("Title", moves)
    assert message.count("•") == sum(len(texts) for _name, texts in moves)
    assert all(name in message for name, _texts in moves)


MEDIANS = st.dictionaries(
    st.builds(Like, st.none() | st.integers(1, 3), st.none() | st.integers(1, 3)),
    st.builds(Median, st.floats(1, 500), st.integers(1, 40)),
)


@given(MEDIANS, st.none() | st.integers(1, 3), st.none() | st.integers(1, 3), st.integers(1, 40))
def test_usual_is_of_enough_deals_like_it(medians, industry, product, least):
    found = usual(medians, industry, product, least)
    fitting = [
        median
        for like, median in medians.items()
        if like.industry in (None, industry) and like.product in (None, product) and median.deals >= least
    ]
    assert (found is None) == (not fitting)
    assert found is None or found in [median.days for median in fitting]


@given(st.floats(0, 999), st.none() | st.floats(0, 999), st.floats(0, 999), st.none() | st.floats(0, 999))
def test_a_pace_is_told_only_beyond_its_limit(in_stage, allowed, age, cycle):
    pace_ = judge(in_stage, allowed, age, cycle)
    assert not pace_.state or pace_.days > pace_.limit
    assert pace_.state or not ((allowed is not None and in_stage > allowed) or (cycle is not None and age > cycle))
