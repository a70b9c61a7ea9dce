# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Properties of recycling that hold for every record and every set of rules."""
from dataclasses import replace
from datetime import datetime, timedelta

from crm_core_engine.recycle import KEEP, NO_FOLLOW_UP, NO_ORDER, OWNER_GONE, RECYCLE, WARN, Record, Rule, decide
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 3, 10, 12)
moments = st.integers(0, 60 * 24).map(lambda hours: NOW - timedelta(hours=hours))
records = st.builds(
    Record,
    created=moments,
    owner_active=st.booleans(),
    owned_since=st.none() | moments,
    followed_up=st.none() | moments,
    ordered=st.none() | moments,
    warned=st.none() | moments,
    excluded=st.booleans(),
)


@st.composite
def rules(draw):
    days = draw(st.integers(0, 40))
    trigger = draw(st.sampled_from([NO_FOLLOW_UP, NO_ORDER, OWNER_GONE]))
    return Rule(trigger, days, draw(st.integers(0, days)))


@given(records, st.lists(rules(), max_size=4))
def test_excluded_records_stay(record, given_rules):
    assert decide(replace(record, excluded=True), given_rules, NOW) == KEEP


@given(records, st.lists(rules(), max_size=4))
def test_following_up_now_keeps_it_from_rules_of_follow_up(record, given_rules):
    busy = replace(record, followed_up=NOW, ordered=NOW, owner_active=True)
    assert decide(busy, [rule for rule in given_rules if rule.days > rule.warn_days], NOW) == KEEP


@given(records, rules(), st.integers(0, 1000))
def test_a_later_follow_up_never_hurts(record, rule, hours):
    order = [KEEP, WARN, RECYCLE]
    last = record.followed_up or record.created
    later = replace(record, followed_up=min(last + timedelta(hours=hours), NOW))
    if record.warned is None:
        assert order.index(decide(later, [rule], NOW)) <= order.index(decide(record, [rule], NOW))


@given(records, rules())
def test_nothing_is_taken_without_a_warning_in_time(record, rule):
    if rule.trigger != OWNER_GONE and rule.warn_days and decide(record, [rule], NOW) == RECYCLE:
        assert record.warned is not None
        assert record.clock(rule.trigger) < record.warned <= NOW - timedelta(days=rule.warn_days)


@given(records, rules())
def test_one_warning_is_enough(record, rule):
    if decide(record, [rule], NOW) == WARN and record.clock(rule.trigger) < NOW:
        assert decide(replace(record, warned=NOW), [rule], NOW) != WARN


@given(records, rules())
def test_who_was_warned_and_does_nothing_loses_it(record, rule):
    """Nothing waits for ever: warned now, it is taken once both times are over."""
    later = NOW + timedelta(days=rule.days + rule.warn_days + 1)
    if rule.trigger != OWNER_GONE and not record.excluded:
        warned = replace(record, warned=NOW + timedelta(seconds=1))
        assert decide(warned, [rule], later) == RECYCLE


@given(records)
def test_owner_gone_takes_only_from_those_who_left(record):
    wanted = RECYCLE if not record.owner_active and not record.excluded else KEEP
    assert decide(record, [Rule(OWNER_GONE)], NOW) == wanted


@given(records, st.lists(rules(), max_size=3), st.lists(rules(), max_size=3))
def test_more_rules_never_keep_more(record, some, more):
    order = [KEEP, WARN, RECYCLE]
    assert order.index(decide(record, some + more, NOW)) >= order.index(decide(record, some, NOW))
