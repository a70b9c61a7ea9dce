# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Amounts in capital numerals: read back by a reader that knows nothing of how they were written."""

from decimal import Decimal

import pytest
from crm_sales_order_engine.paper.amount import in_words
from hypothesis import given
from hypothesis import strategies as st

VALUES = {digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}
UNITS = {"拾": 10, "佰": 100, "仟": 1000}
GROUPS = {"万": 10**4, "亿": 10**8, "兆": 10**12}


def read(words):
    """Cents of an amount in words."""
    words = words.removeprefix("人民币").removesuffix("整")
    whole, yuan, rest = words.partition("元")
    if not yuan:
        whole, rest = "", words
    total = group = digit = cents = 0
    for sign in whole:
        if sign in VALUES:
            digit = VALUES[sign]
        elif sign in UNITS:
            group, digit = group + digit * UNITS[sign], 0
        else:
            total, group, digit = total + (group + digit) * GROUPS[sign], 0, 0
    for sign in rest:
        if sign in VALUES:
            cents_digit = VALUES[sign]
        else:
            cents += cents_digit * (10 if sign == "角" else 1)
    return (total + group + digit) * 100 + cents


@given(st.integers(0, 10**18 - 1))
def test_what_is_written_reads_as_the_amount(cents):
    words = in_words(Decimal(cents) / 100)
    assert read(words) == cents
    assert "零零" not in words
    assert words.endswith("整") == (cents % 100 == 0)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0.01", "人民币壹分"),
        ("0.10", "人民币壹角"),
        ("1001.10", "人民币壹仟零壹元壹角"),
        ("10005.07", "人民币壹万零伍元零柒分"),
        ("123456789.00", "人民币壹亿贰仟叁佰肆拾伍万陆仟柒佰捌拾玖元整"),
        ("1000000000000", "人民币壹兆元整"),
        ("2.005", "人民币贰元零壹分"),
    ],
)
def test_known_amounts(amount, words):
    assert in_words(Decimal(amount)) == words


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1E16"])
def test_what_is_no_amount_is_refused(amount):
    with pytest.raises(ValueError, match="No amount"):
        in_words(Decimal(amount))
