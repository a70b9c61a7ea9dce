# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import datetime as dt
import doctest
import importlib

import pytest
from crm_core_engine.migration.values import date_order, decimal_mark, parse_amount, parse_date, parse_integer

MODULES = ("values", "issues", "matching", "reader", "mapping", "planner")


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_hold(name):
    module = importlib.import_module("crm_core_engine.migration.%s" % name)
    result = doctest.testmod(module)
    assert result.attempted
    assert not result.failed


@pytest.mark.parametrize(
    ("cell", "order", "day"),
    [
        ("10/25/2016", "mdy", dt.date(2016, 10, 25)),
        ("25/10/2016", "dmy", dt.date(2016, 10, 25)),
        ("3/1/2017", "mdy", dt.date(2017, 3, 1)),
        ("3/1/2017", "dmy", dt.date(2017, 1, 3)),
        ("2016-10-25", "dmy", dt.date(2016, 10, 25)),
        ("2016-10-25T08:30:00", "mdy", dt.date(2016, 10, 25)),
        ("2016/10/25 08:30", "mdy", dt.date(2016, 10, 25)),
        ("20161025", "mdy", dt.date(2016, 10, 25)),
        ("2016年3月1日", "mdy", dt.date(2016, 3, 1)),
        ("２０１６-３-１", "mdy", dt.date(2016, 3, 1)),
        ("25 Oct 2016", "mdy", dt.date(2016, 10, 25)),
        ("October 25, 2016", "mdy", dt.date(2016, 10, 25)),
        ("25.10.16", "dmy", dt.date(2016, 10, 25)),
        ("42668", "mdy", dt.date(2016, 10, 25)),
        ("", "mdy", None),
        ("n/a", "mdy", None),
    ],
)
def test_a_day_is_read_however_it_is_written(cell, order, day):
    assert parse_date(cell, order) == day


@pytest.mark.parametrize("cell", ["31/02/2017", "29/02/2017", "2017-13-01", "soon", "0/0/2017", "40/40/40", "Q1 2017"])
def test_what_is_no_day_is_refused_and_never_guessed(cell):
    with pytest.raises(ValueError, match="no such day"):
        parse_date(cell, "dmy")


def test_a_column_proves_its_own_date_order():
    assert date_order(["1/2/2017", "3/4/2017", "25/12/2017"]) == ("dmy", True)
    assert date_order(["1/2/2017", "3/4/2017", "12/25/2017"]) == ("mdy", True)


def test_a_column_of_ambiguous_days_is_not_proven():
    assert date_order(["1/2/2017", "3/4/2017"]) == ("mdy", False)


def test_days_equal_in_both_orders_prove_nothing_but_need_no_proof():
    assert date_order(["2/2/2017", "2017-01-05"]) == ("mdy", True)


@pytest.mark.parametrize(
    ("cell", "mark", "amount"),
    [
        ("1054", ".", 1054.0),
        ("1,234,567.89", ".", 1234567.89),
        ("1.234.567,89", ",", 1234567.89),
        ("1 234,50 €", ",", 1234.5),
        ("US$ 1,200", ".", 1200.0),
        ("¥12,000.00", ".", 12000.0),
        ("RMB 12000元", ".", 12000.0),
        ("3.5万", ".", 35000.0),
        ("2亿", ".", 2e8),
        ("15k", ".", 15000.0),
        ("(500.00)", ".", -500.0),
        ("-7", ".", -7.0),
        ("", ".", None),
        ("-", ".", None),
    ],
)
def test_money_is_read_with_its_sign_and_separators(cell, mark, amount):
    assert parse_amount(cell, mark) == amount


@pytest.mark.parametrize("cell", ["about 500", "12-15", "tbd", "1.2.3e4", "#REF!", "500 per month"])
def test_text_is_no_amount(cell):
    with pytest.raises(ValueError, match="not a number"):
        parse_amount(cell)


def test_the_decimal_mark_is_that_of_the_column():
    assert decimal_mark(["1.000", "2.500,75"]) == ","
    assert decimal_mark(["1,000", "2,500.75"]) == "."
    assert decimal_mark(["1,000"]) == "."


def test_a_fraction_is_no_whole_number():
    with pytest.raises(ValueError, match="whole"):
        parse_integer("12.5")
