# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What dealers should have in stock, and what of a report is taken."""

from datetime import date

from crm_sales_order_engine.dealer_file import FIELDS, find_columns, judge
from crm_sales_order_engine.dealer_stock import Month, cover, roll
from hypothesis import given, settings
from hypothesis import strategies as some

TODAY = date(2026, 11, 22)
WHOLE = some.integers(0, 50)
MONTHS = some.lists(some.builds(Month, WHOLE, WHOLE, some.none() | WHOLE), max_size=24)


@settings(deadline=None)
@given(MONTHS)
def test_a_count_forgives_what_was_before(months):
    """However the past went: after a count, stock follows from that count alone."""
    for place, month in enumerate(months):
        if month.counted is not None:
            alone = roll([Month(0, 0, month.counted), *months[place + 1 :]])[1:]
            assert roll(months)[place + 1 :] == alone


@settings(deadline=None)
@given(MONTHS)
def test_differences_are_all_that_is_not_explained(months):
    """Opening 0 + everything received − everything sold + all differences is the stock at the end."""
    standings = roll(months)
    end = (months[-1].counted if months[-1].counted is not None else standings[-1].computed) if months else 0
    explained = sum(month.sell_in - month.sell_out for month in months)
    assert end == explained + sum(standing.difference or 0 for standing in standings)


@settings(deadline=None)
@given(some.floats(0, 1e6), some.floats(0, 1e6), some.integers(-5, 400), some.integers(0, 400))
def test_cover_is_never_negative(stock, sold, days, since):
    left = cover(stock, sold, days, since)
    assert left is None or left >= 0


VALUES = some.none() | some.text(max_size=8) | some.integers() | some.floats() | some.booleans()
TYPED = some.dictionaries(some.sampled_from(FIELDS), VALUES)


@settings(deadline=None)
@given(some.lists(TYPED, max_size=12))
def test_whatever_is_sent_a_row_is_taken_or_named(rows):
    good, problems = judge(enumerate(rows), {"ht-1": 1, "1": 2}, TODAY, {}, skip_blank=False)
    assert {row.number for row in good} | {problem.number for problem in problems} == set(range(len(rows)))
    assert not {row.number for row in good} & {problem.number for problem in problems}
    assert all(row.sold >= 0 and row.stock >= 0 and row.month <= TODAY for row in good)


def test_the_same_month_is_taken_once():
    row = {"month": "2026-10", "product": "HT-1", "sold": "1", "stock": "2"}
    good, problems = judge([(2, row), (3, row)], {"ht-1": 1}, TODAY, {})
    assert ([one.number for one in good], [(one.number, one.code, one.value) for one in problems]) == ([2], [(3, "twice", "2")])


def test_what_was_reported_may_come_again_but_not_differ():
    row = {"month": "2026-10", "product": "HT-1", "sold": "1", "stock": "2"}
    for figures, codes in (((1.0, 2.0), []), ((1.0, 3.0), ["reported"])):
        _good, problems = judge([(2, row)], {"ht-1": 1}, TODAY, {(1, date(2026, 10, 1)): figures})
        assert [one.code for one in problems] == codes


def test_columns_are_found_by_their_names_in_any_order():
    assert find_columns(["Stock", "SOLD *", "Product  code", "x", "Month"]) == {"stock": 0, "sold": 1, "product": 2, "month": 4}
