# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import doctest
from datetime import date, timedelta

from crm_sales_order_engine import rental
from hypothesis import given
from hypothesis import strategies as st

DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


def test_examples():
    assert doctest.testmod(rental).failed == 0


@given(DAYS, st.integers(0, 400), st.sampled_from([rental.DAY, rental.WEEK, rental.MONTH]))
def test_periods_cover_the_time_without_gap_or_overlap(start, length, unit):
    end = start + timedelta(days=length)
    periods = rental.get_periods(start, end, unit)
    days = [begin + timedelta(days=n) for begin, last in periods for n in range((last - begin).days + 1)]
    assert days == [start + timedelta(days=n) for n in range(length + 1)]


@given(st.lists(st.tuples(DAYS, st.integers(0, 30), st.integers(1, 5)), max_size=8), DAYS, st.integers(0, 60))
def test_peak_is_the_fullest_day(rows, start, length):
    bookings = [rental.Booking(day, day + timedelta(days=n), pieces) for day, n, pieces in rows]
    end = start + timedelta(days=length)
    by_day = [
        sum(booking.pieces for booking in bookings if booking.start <= day <= booking.end)
        for day in (start + timedelta(days=n) for n in range(length + 1))
    ]
    assert rental.get_peak(bookings, start, end) == max(by_day)


def test_what_is_handed_over_to_the_last_day_is_not_late():
    due = date(2026, 5, 10)
    moves = [rental.Movement(date(2026, 5, 1), 2), rental.Movement(due, -2)]
    assert rental.get_late_days(moves, due, date(2026, 6, 1)) == 0


@given(st.lists(st.tuples(DAYS, st.integers(0, 30), st.integers(1, 5)), max_size=8), DAYS, st.integers(0, 6))
def test_claims_leave_every_day_the_pieces_its_bookings_need_and_no_more(rows, today, in_hand):
    bookings = [rental.Booking(day, day + timedelta(days=n), pieces) for day, n, pieces in rows]
    claims = rental.get_claims(bookings, in_hand, today)
    assert all(day >= today and pieces > 0 for day, pieces in claims)
    needs = [0]
    for day in (today + timedelta(days=n) for n in range(762)):
        needs.append(sum(booking.pieces for booking in bookings if booking.start <= day <= booking.end))
        assert sum(pieces for since, pieces in claims if since <= day) == max(max(needs) - in_hand, 0)
