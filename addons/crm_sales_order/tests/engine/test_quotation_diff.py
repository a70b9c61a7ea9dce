# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from dataclasses import replace

from crm_sales_order_engine.quotation_diff import ADDED, CHANGED, REMOVED, SAME, Line, compare
from hypothesis import given
from hypothesis import strategies as st

LINES = st.lists(
    st.builds(
        Line,
        key=st.integers(1, 6),
        product=st.integers(0, 3),
        name=st.sampled_from(["Pump", "Valve"]),
        quantity=st.sampled_from([1.0, 2.0]),
        unit=st.just("Units"),
        price=st.sampled_from([5.0, 80.0]),
        discount=st.just(0.0),
        subtotal=st.sampled_from([5.0, 160.0]),
    ),
    max_size=6,
    unique_by=lambda line: line.key,
)


@given(LINES, LINES)
def test_every_line_of_both_versions_is_told_once(old, new):
    changes = compare(old, new)
    assert sorted(change.old.key for change in changes if change.old) == sorted(line.key for line in old)
    assert [change.new for change in changes if change.new] == new
    assert all(change.kind == {(False, True): ADDED, (True, False): REMOVED}.get((bool(change.old), bool(change.new)), change.kind)
               for change in changes)  # fmt: skip


@given(LINES)
def test_a_version_does_not_differ_from_itself(lines):
    assert {change.kind for change in compare(lines, lines)} <= {SAME}


@given(LINES)
def test_a_new_price_is_a_change_and_nothing_else(lines):
    changes = compare(lines, [replace(line, price=line.price + 1) for line in lines])
    assert all((change.kind, change.names) == (CHANGED, ("price",)) for change in changes)
