# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Whatever the invoices: fapiao sum to them to the fen, none is over the limit, and red ones never take more than there is."""
import pytest
from crm_sales_order_engine.fapiao import Item, Line, net, reverse, split, spread, spread_tax, take
from hypothesis import given
from hypothesis import strategies as st

RATES = st.sampled_from([0.0, 1.0, 6.0, 9.0, 13.0])
FEN = st.integers(1, 10_000_000)


@st.composite
def items(draw, sign=1):
    lines = []
    for key in range(draw(st.integers(1, 8))):
        rate, untaxed = draw(RATES), draw(FEN)
        lines.append(Item(key, rate, sign * untaxed, sign * round(untaxed * rate / 100), draw(st.integers(1, 500))))
    return lines


def sums(lines):
    """{rate: (untaxed, tax)}"""
    found = {}
    for line in lines:
        untaxed, tax = found.get(line.rate, (0, 0))
        found[line.rate] = (untaxed + line.untaxed, tax + line.tax)
    return found


@given(st.integers(-(10**9), 10**9), st.dictionaries(st.integers(), st.integers(0, 10**6), min_size=1))
def test_spread_sums_to_the_fen(total, weights):
    shares = spread(total, weights)
    assert sum(shares.values()) == total
    assert shares.keys() == weights.keys()


@given(st.lists(st.integers(-(10**6), 10**6), min_size=1), RATES, st.integers(-20, 20))
def test_tax_of_lines_sums_to_that_of_the_invoice(untaxed, rate, rounding):
    total = round(sum(untaxed) * rate / 100) + rounding
    assert sum(spread_tax(untaxed, rate, total)) == total


@given(items(), items(sign=-1))
def test_net_sums_by_rate(goods, credits):
    wanted = sums(goods + credits)
    if any(untaxed < 0 or tax < 0 for untaxed, tax in wanted.values()):
        with pytest.raises(ValueError, match=r"^\d+\.\d+$"):
            net(goods + credits)
        return
    lines = net(goods + credits)
    assert all(line.untaxed > 0 and line.discount >= 0 for line in lines)
    left = {rate: amounts for rate, amounts in wanted.items() if amounts[0]}
    assert sums(lines) == left


@given(items(), st.integers(1, 20_000_000))
def test_split_sums_and_keeps_the_limit(goods, limit):
    lines = net(goods)
    if sum(line.untaxed for line in lines) > 300 * limit:
        limit *= 10_000_000  # so few fapiao that the test stays quick
    fapiao = split(lines, limit)
    pieces = [line for one in fapiao for line in one]
    assert sums(pieces) == sums(lines)
    assert all(0 < sum(line.untaxed for line in one) <= limit for one in fapiao)
    assert sum(line.quantity for line in pieces) == pytest.approx(sum(line.quantity for line in lines))


@given(items(), st.data())
def test_reversed_in_parts_until_nothing_is_left(goods, data):
    left = {line.key: line for line in net(goods)}
    while left:
        line = left[data.draw(st.sampled_from(sorted(left)))]
        part = data.draw(st.integers(1, line.untaxed))
        tax = take(line, part).tax if part < line.untaxed else line.tax
        rate = line.rate
        before = sums(left.values())[rate]
        found = reverse(list(left.values()), [Item(99, rate, part, tax)], {}, {})
        assert sums(found)[rate] == (part, tax)
        for red in found:
            old = left.pop(red.key)
            assert 0 < red.untaxed <= old.untaxed
            assert 0 <= red.tax <= old.tax
            if red.untaxed < old.untaxed:
                left[red.key] = Line(old.key, rate, old.untaxed - red.untaxed, old.tax - red.tax, old.quantity - red.quantity)
        after = sums(left.values()).get(rate, (0, 0))
        assert before[0] == after[0] + part
        lost = before[1] - after[1] - tax  # tax on nothing: only when there is nothing left to change a fen with
        assert lost == 0 or after[0] <= len(goods)
        if data.draw(st.booleans()):
            break
