# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Who gets which lead: the promises of every strategy, for any reps, weights, rooms and states."""

import copy
import time
from collections import Counter

import pytest
from crm_core_engine.assign import Lead, Rep, Rooms, Traits, share_out
from hypothesis import given
from hypothesis import strategies as st

STRATEGIES = ("round_robin", "weighted", "least_loaded", "conversion", "territory", "expertise")
ALL = Traits()
GRADES = ("A", "B", "C", "D")

no_lags = st.just(0.0)
rooms_left = st.none() | st.integers(0, 12)
some_ids = st.frozensets(st.integers(1, 4), max_size=2)


@st.composite
def rules(draw, rooms=rooms_left, lags=no_lags):
    """Reps of a rule, and the rooms."""
    count = draw(st.integers(1, 7))
    reps = [
        Rep(
            user,
            weight=draw(st.integers(1, 9)),
            room=draw(rooms),
            lag=draw(lags),
            taken=draw(st.integers(0, 5)),
            states=draw(some_ids),
            industries=draw(some_ids),
            categories=draw(some_ids),
        )
        for user in range(1, count + 1)
    ]
    return reps, Rooms({rep.user: draw(rooms) for rep in reps}, {rep.user: draw(st.integers(0, 9)) for rep in reps})


traits = st.builds(
    Traits,
    state=st.integers(0, 4),
    grade=st.sampled_from(GRADES),
    industry=st.integers(0, 4),
    categories=st.lists(st.integers(1, 4), max_size=2).map(tuple),
)
leads = st.lists(st.tuples(traits, st.frozensets(st.integers(1, 7), max_size=3)), max_size=60).map(
    lambda rows: [Lead(number, *row) for number, row in enumerate(rows)]
)
endless = rules(rooms=st.none())


def counts(given, reps):
    by_user = Counter(given.values())
    return [by_user[rep.user] for rep in reps]


def plain_leads(number):
    return [Lead(lead_id) for lead_id in range(number)]


# -- every strategy ----------------------------------------------------------------------------------------------------


@given(rules(lags=st.floats(-1, 1)), leads, st.sampled_from(STRATEGIES))
def test_nobody_gets_more_than_there_is_room_for(rule, leads, name):
    reps, rooms = rule
    before = {rep.user: (rooms.left[rep.user], rep.room) for rep in reps}
    given = share_out(name, reps, leads, rooms)
    for user, count in Counter(given.values()).items():
        assert all(limit is None or count <= limit for limit in before[user])
        assert before[user] == tuple(
            None if limit is None else limit + count for limit in (rooms.left[user], next(rep.room for rep in reps if rep.user == user))
        )


@given(rules(lags=st.floats(-1, 1)), leads, st.sampled_from(STRATEGIES))
def test_nobody_gets_a_lead_that_is_banned(rule, leads, name):
    reps, rooms = rule
    given = share_out(name, reps, leads, rooms)
    banned = {lead.id: lead.banned for lead in leads}
    assert all(user not in banned[lead_id] for lead_id, user in given.items())


@given(rules(), leads, st.sampled_from(("round_robin", "weighted", "least_loaded", "conversion")))
def test_a_lead_stays_free_only_if_nobody_could_have_taken_it(rule, leads, name):
    reps, rooms = rule
    given = share_out(name, reps, leads, rooms)
    open_reps = {rep.user for rep in reps if rooms.has(rep)}
    assert all(open_reps <= lead.banned for lead in leads if lead.id not in given)


@given(rules(lags=st.floats(-1, 1)), leads, st.sampled_from(STRATEGIES))
def test_the_same_state_gives_the_same_result(rule, leads, name):
    again = copy.deepcopy(rule)
    assert share_out(name, rule[0], leads, rule[1]) == share_out(name, again[0], leads, again[1])
    assert rule == again


@given(rules(), leads, st.sampled_from(STRATEGIES))
def test_two_rules_share_the_room_of_a_rep(rule, leads, name):
    reps, rooms = rule
    before = dict(rooms.left)
    half = len(leads) // 2
    given = share_out(name, copy.deepcopy(reps), leads[:half], rooms)
    given.update(share_out("least_loaded", copy.deepcopy(reps), leads[half:], rooms))
    assert all(before[user] is None or count <= before[user] for user, count in Counter(given.values()).items())


# -- turns -------------------------------------------------------------------------------------------------------------


@given(rules(), st.integers(0, 80))
def test_round_robin_counts_of_reps_with_room_differ_by_one_at_most(rule, number):
    reps, rooms = rule
    given = share_out("round_robin", reps, plain_leads(number), rooms)
    open_counts = [count for rep, count in zip(reps, counts(given, reps)) if rooms.has(rep)]
    assert not open_counts or max(open_counts) - min(open_counts) <= 1
    # and who is full got at most one more than any of them
    assert not open_counts or max(counts(given, reps)) <= min(open_counts) + 1


@given(endless, st.integers(0, 200))
def test_weights_are_met_within_one_after_every_lead(rule, number):
    reps, rooms = rule
    total = sum(rep.weight for rep in reps)
    given = share_out("weighted", reps, plain_leads(number), rooms)
    for upto in range(number + 1):
        got = Counter(given[lead_id] for lead_id in range(upto))
        assert all(abs(got[rep.user] - upto * rep.weight / total) < 1 for rep in reps)


@given(endless, st.lists(st.integers(0, 9), max_size=12), st.sampled_from(("round_robin", "weighted")))
def test_many_small_runs_give_what_one_large_run_gives(rule, sizes, name):
    reps, rooms = rule
    together = share_out(name, copy.deepcopy(reps), plain_leads(sum(sizes)), copy.deepcopy(rooms))
    apart, start = {}, 0
    for size in sizes:
        apart.update(share_out(name, reps, plain_leads(sum(sizes))[start : start + size], rooms))
        start += size
    assert apart == together


def test_who_was_away_is_not_flooded_on_return():
    reps = [Rep(1), Rep(2), Rep(3)]
    rooms = Rooms({1: None, 2: None, 3: None})
    share_out("round_robin", reps[:2], plain_leads(100), rooms)
    assert counts(share_out("round_robin", reps, plain_leads(30), rooms), reps) == [10, 10, 10]


# -- least loaded ------------------------------------------------------------------------------------------------------


@given(endless, st.integers(0, 80))
def test_least_loaded_levels_what_reps_hold(rule, number):
    reps, rooms = rule
    before = dict(rooms.held)
    share_out("least_loaded", reps, plain_leads(number), rooms)
    got = [user for user in before if rooms.held[user] > before[user]]
    assert all(rooms.held[user] <= min(rooms.held.values()) + 1 for user in got)


# -- the best match ----------------------------------------------------------------------------------------------------


def test_best_converter_of_the_grade_until_full_then_the_next():
    results = {(1, "A"): (2, 40), (2, "A"): (20, 40), (3, "A"): (12, 40), (1, "B"): (30, 40), (2, "B"): (1, 40)}
    reps = [Rep(1), Rep(2), Rep(3)]
    rooms = Rooms({1: None, 2: 2, 3: 1})
    given = share_out("conversion", reps, [Lead(number, Traits(grade="A")) for number in range(5)], rooms, results)
    assert list(given.values()) == [2, 2, 3, 1, 1]
    given = share_out("conversion", reps, [Lead(9, Traits(grade="B"))], rooms, results)
    assert given == {9: 1}


def test_one_lucky_deal_does_not_beat_a_long_record():
    results = {(1, "A"): (1, 1), (2, "A"): (60, 100), (3, "A"): (0, 60)}
    rooms = Rooms({1: None, 2: None, 3: None})
    assert share_out("conversion", [Rep(1), Rep(2), Rep(3)], [Lead(1, Traits(grade="A"))], rooms, results) == {1: 2}


def test_territory_city_before_province_before_the_rest():
    reps = [
        Rep(1),
        Rep(2, states=frozenset([44])),
        Rep(3, states=frozenset([44])),
        Rep(4, cities=frozenset(["深圳"])),
        Rep(5, states=frozenset([31])),
    ]
    rooms = Rooms({1: None, 2: None, 3: None, 4: 1, 5: None})
    places = [Traits(44, "深圳市"), Traits(44, "深圳"), Traits(44, "广州"), Traits(31, "上海"), Traits(11, "北京"), Traits()]
    given = share_out("territory", reps, [Lead(number, place) for number, place in enumerate(places)], rooms)
    assert given == {0: 4, 1: 2, 2: 3, 3: 5, 4: 1, 5: 1}


def test_outside_every_territory_a_lead_stays_free():
    assert share_out("territory", [Rep(1, states=frozenset([44]))], [Lead(1, Traits(11))], Rooms({1: None})) == {}


def test_territory_shares_within_the_tier_by_weight():
    reps = [Rep(1, weight=3, states=frozenset([44])), Rep(2, states=frozenset([44]))]
    leads = [Lead(number, Traits(44)) for number in range(8)]
    assert counts(share_out("territory", reps, leads, Rooms({1: None, 2: None})), reps) == [6, 2]


def test_expertise_of_both_before_one_before_generalists_never_strangers():
    reps = [
        Rep(1),
        Rep(2, industries=frozenset([7])),
        Rep(3, industries=frozenset([7]), categories=frozenset([3])),
        Rep(4, categories=frozenset([5])),
    ]
    rooms = Rooms({1: 1, 2: 1, 3: 1, 4: 9})
    leads = [Lead(number, Traits(industry=7, categories=(9, 3))) for number in range(4)]
    assert share_out("expertise", reps, leads, rooms) == {0: 3, 1: 2, 2: 1}


def test_an_unknown_strategy_is_an_error():
    with pytest.raises(KeyError):
        share_out("lottery", [Rep(1)], [], Rooms({1: None}))


# -- speed -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_hundred_thousand_leads_take_seconds(name):
    reps = [Rep(user, weight=1 + user % 5, states=frozenset([user % 31 + 1])) for user in range(1, 201)]
    rooms = Rooms({rep.user: 300 + rep.user % 400 for rep in reps})
    leads = [Lead(n, Traits(state=n % 31 + 1, grade=GRADES[n % 4], industry=n % 9)) for n in range(100_000)]
    start = time.process_time()
    given = share_out(name, reps, leads, rooms)
    assert time.process_time() - start < 8
    assert len(given) == sum(300 + rep.user % 400 for rep in reps) or name == "territory"
