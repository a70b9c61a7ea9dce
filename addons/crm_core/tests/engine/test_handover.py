# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Properties of sharing out that hold for every set of records and rules."""

from collections import Counter

from crm_core_engine.handover import Anchor, Share, compare, share_out
from hypothesis import given
from hypothesis import strategies as st

anchors = st.builds(Anchor, st.sampled_from(["crm.lead", "res.partner"]), st.integers(1, 50))
weights = st.dictionaries(anchors, st.integers(1, 20))
receivers = st.lists(st.integers(1, 9), min_size=1, max_size=4, unique=True)
shares = st.lists(st.builds(Share, receivers, st.none() | st.frozensets(anchors)), max_size=4)
plans = st.dictionaries(st.integers(1, 20), st.none() | st.integers(1, 4))


@given(weights, receivers)
def test_loads_differ_by_one_anchor_at_most(weights, receivers):
    given_out = share_out(weights, [Share(receivers)])
    assert given_out.keys() == weights.keys()
    loads = Counter(dict.fromkeys(receivers, 0))
    for anchor, receiver in given_out.items():
        loads[receiver] += weights[anchor]
    assert max(loads.values()) - min(loads.values()) <= max(weights.values(), default=0)


@given(weights, shares)
def test_the_first_rule_that_fits_decides(weights, shares):
    given_out = share_out(weights, shares)
    for anchor in weights:
        fitting = next((share for share in shares if share.matches is None or anchor in share.matches), None)
        if fitting is None:
            assert anchor not in given_out
        else:
            assert given_out[anchor] in fitting.receivers


@given(weights, shares)
def test_the_order_of_the_records_does_not_matter(weights, shares):
    assert share_out(weights, shares) == share_out(dict(reversed(weights.items())), shares)


@given(plans, plans)
def test_compare_finds_every_difference_once(before, after):
    difference = compare(before, after)
    assert bool(difference) == (before != after)
    changed = [*difference.new, *difference.gone, *difference.other]
    assert len(changed) == len(set(changed))
