# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import doctest
from datetime import date, timedelta

from crm_sales_order_engine import account_statement, ageing, month_end
from hypothesis import given
from hypothesis import strategies as st

DAY = date(2026, 3, 31)
AMOUNTS = st.integers(-(10**9), 10**9).filter(bool)
DAYS = st.integers(-200, 200).map(lambda number: DAY + timedelta(days=number))


def test_examples():
    for module in (ageing, account_statement, month_end):
        assert doctest.testmod(module).failed == 0


@given(st.integers(-(10**9), 10**9), st.lists(AMOUNTS, max_size=20))
def test_every_balance_is_the_one_before_and_its_movement(opening, amounts):
    entries = [account_statement.Entry(DAY, str(amount), "", "invoice", amount, 1) for amount in amounts]
    accounts = account_statement.build({1: opening}, entries, [], DAY)
    if not opening and not amounts:
        assert accounts == ()
        return
    [account] = accounts
    balances = (account.opening, *account.balances)
    assert [after - before for before, after in zip(balances, balances[1:])] == amounts
    assert balances[-1] == account.closing == opening + account.billed - account.settled


@given(st.lists(st.tuples(DAYS, AMOUNTS), max_size=20))
def test_the_buckets_hold_all_that_is_open(rows):
    items = [account_statement.OpenItem(due, due, "", amount, amount, 1) for due, amount in rows]
    for account in account_statement.build({}, [], items, DAY):
        assert sum(account.buckets.values()) == sum(amount for _due, amount in rows)
        assert account.overdue == sum(amount for due, amount in rows if amount > 0 and due < DAY)


@given(st.lists(st.tuples(st.sampled_from(["invoice", "manual", "receipt", "claim"]), st.sampled_from(ageing.BUCKETS), DAYS, AMOUNTS)))
def test_the_month_end_loses_nothing(rows):
    sums = [month_end.Sum(kind, bucket, ageing.get_week(day), amount > 0, 1, amount) for kind, bucket, day, amount in rows]
    folded = month_end.fold(sums, ageing.get_week(DAY))
    assert folded.total == sum(amount for kind, _bucket, _day, amount in rows if kind != "claim")
    assert folded.total + folded.claims.amount == sum(amount for _kind, _bucket, _day, amount in rows)
    expected = folded.missing.amount + folded.later.amount + sum(figure.amount for figure in folded.weeks.values())
    assert expected == sum(amount for _kind, _bucket, _day, amount in rows if amount > 0)
