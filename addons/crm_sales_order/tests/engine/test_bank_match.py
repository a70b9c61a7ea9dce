# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Bank matching: what is sure, what a person decides, and why. The large labelled set is in tests/bench."""

import importlib.util
import random
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from crm_sales_order_engine.bank_match import Customer, ExchangeMatcher, Matcher, OpenItem, Payment
from crm_sales_order_engine.bank_match.subsets import SubsetSums
from hypothesis import given
from hypothesis import strategies as st

CORE = Path(__file__).resolve().parents[3] / "crm_core" / "engine"


def crm_core(module):
    """A module of crm_core's engine, which the models hand to the matcher."""
    if "crm_core_engine" not in sys.modules:
        spec = importlib.util.spec_from_file_location("crm_core_engine", CORE / "__init__.py", submodule_search_locations=[str(CORE)])
        sys.modules["crm_core_engine"] = importlib.util.module_from_spec(spec)
    return importlib.import_module("crm_core_engine." + module)


parse = crm_core("company_name").parse_company

HUAQIANG = Customer(1, ("深圳市华强电子有限公司",), ("张伟",), ("4000 0212 0920 0123 456",))
LANTIAN = Customer(2, ("上海蓝天机械设备有限公司",))
LANTIAN_FOOD = Customer(3, ("上海蓝天食品有限公司",))
ACME = Customer(4, ("Acme Industrial Co., Ltd.",))
CUSTOMERS = [HUAQIANG, LANTIAN, LANTIAN_FOOD, ACME]
ITEMS = [
    OpenItem(11, 1, 1_234_567, ("INV/2026/11/0042", "S00042"), 1),
    OpenItem(12, 1, 900_000, ("INV/2026/11/0043", "S00043"), 2),
    OpenItem(13, 1, 345_600, ("INV/2026/11/0044", "S00044"), 3),
    OpenItem(21, 2, 500_000, ("INV/2026/11/0051", "S00051"), 1),
    OpenItem(22, 2, 500_000, ("INV/2026/11/0052", "S00052", "HT-2026-118"), 2),
    OpenItem(31, 3, 500_000, ("INV/2026/11/0061", "S00061"), 1),
    OpenItem(41, 4, 777_700, ("INV/2026/11/0071", "S00071"), 32, issued=2),
]


def propose(*payments, items=ITEMS):
    return {found.line: found for found in Matcher(items, CUSTOMERS, parse).propose(payments)}


def pay(amount, memo="", payer="", key=1, date=2, **values):
    return Payment(key, amount, memo, payer, date=date, **values)


def codes(proposal):
    return [reason.code for reason in proposal.reasons]


SURE = {
    "a number and the amount": (pay(1_234_567, "货款 S00042"), {11: 1_234_567}),
    "a number with spaces": (pay(1_234_567, "inv 2026 11 0042"), {11: 1_234_567}),
    "its front cut off": (pay(1_234_567, "付26110042款"), {11: 1_234_567}),
    "without zeros": (pay(1_234_567, "发票11/42", "深圳华强"), {11: 1_234_567}),
    "one digit wrong, from the customer": (pay(1_234_567, "S00024", "华强电子"), {11: 1_234_567}),
    "a contract": (pay(500_000, "合同HT2026118款"), {22: 500_000}),
    "somebody pays for the customer": (pay(1_234_567, "代付 S00042", "王小明"), {11: 1_234_567}),
    "the whole name": (pay(900_000, "货款", "深圳市华强电子有限公司"), {12: 900_000}),
    "the name without legal form": (pay(900_000, "", "华强电子"), {12: 900_000}),
    "the name in full width, with brackets": (pay(900_000, "", "华强电子（深圳）有限公司"), {12: 900_000}),
    "the name in pinyin": (pay(900_000, "payment", "SHENZHEN HUAQIANG DIANZI YOUXIAN GONGSI"), {12: 900_000}),
    "the name cut off": (pay(900_000, "", "深圳市华强电子有"), {12: 900_000}),
    "the account": (pay(900_000, "", "某某", account="4000021209200123456"), {12: 900_000}),
    "two numbers": (pay(2_134_567, "S00042 S00043", "x"), {11: 1_234_567, 12: 900_000}),
    "a range": (pay(2_480_167, "发票0042-0044", "华强电子"), {11: 1_234_567, 12: 900_000, 13: 345_600}),
    "a list": (pay(1_580_167, "INV/2026/11/0042、44"), {11: 1_234_567, 13: 345_600}),
    "one of two named": (pay(2_134_567, "S00042等", "华强电子"), {11: 1_234_567, 12: 900_000}),
    "none of two named": (pay(1_245_600, "货款", "深圳市华强电子有限公司"), {12: 900_000, 13: 345_600}),
    "all that is open": (pay(2_480_167, "货款结清", "深圳市华强电子有限公司"), {11: 1_234_567, 12: 900_000, 13: 345_600}),
    "a part of what is named": (pay(500_000, "S00042 首付", "华强电子"), {11: 500_000}),
    "a fee": (pay(775_200, "INV/2026/11/0071", "ACME INDUSTRIAL", fee_limit=5_000), {41: 777_700}),
}


@pytest.mark.parametrize(("payment", "parts"), SURE.values(), ids=SURE)
def test_sure(payment, parts):
    found = propose(payment)[1]
    assert dict(found.parts) == parts, found
    assert found.confidence >= payment.sure_from, found
    assert sum(parts.values()) == payment.amount + found.fee


UNSURE = {
    "the amount alone": pay(1_234_567, "谢谢", "无名公司"),
    "the same amount twice": pay(500_000, "货款", "上海蓝天机械设备有限公司"),
    "two customers of a short name with the same amount": pay(500_000, "", "蓝天"),
    "another customer's name": pay(1_234_567, "S00042", "上海蓝天机械设备有限公司"),
    "another customer's account": pay(500_000, "S00061", "x", account="4000021209200123456"),
    "a part of something": pay(100_000, "", "深圳市华强电子有限公司"),
    "a part without a name": pay(500_000, "S00042"),
    "number of one, amount of another": pay(900_000, "S00042", "华强电子"),
    "a fee above the tolerance": pay(775_200, "", "Acme", fee_limit=2_000),
    "a fee no bank charges": pay(776_933, "", "Acme Industrial", fee_limit=5_000),
    "a fee of half of it": pay(400_000, "INV/2026/11/0071", "Acme", fee_limit=400_000),
    "a round amount, as somebody pays who pays a part, far from when it is due": pay(900_000, "货款", "深圳市华强电子有限公司", date=90),
    "a security": pay(345_600, "保证金", "深圳市华强电子有限公司"),
    "a number of nothing that is open": pay(345_600, "支付S00017货款", "深圳市华强电子有限公司"),
    "the end of another item's number": pay(345_600, "订单26110043", "深圳市华强电子有限公司"),
    "paid before it was written": pay(777_700, "payment", "Acme Industrial Co., Ltd.", date=1),
}


@pytest.mark.parametrize("payment", UNSURE.values(), ids=UNSURE)
def test_a_person_decides(payment):
    found = propose(payment).get(1)
    assert not found or found.confidence < payment.sure_from, found


NOTHING = {
    "nobody": pay(88_888, "利息"),
    "more than is open": pay(99_999_999, "预付款", "华强电子"),
    "a longer number": pay(1_234_500, "S000421"),
    "another customer than the payment's": pay(1_234_567, "S00042", partner=99),
}


@pytest.mark.parametrize("payment", NOTHING.values(), ids=NOTHING)
def test_nothing_to_propose(payment):
    assert not propose(payment)


def test_the_first_of_two_equals_is_named_so_the_other_is_what_is_left():
    found = propose(pay(500_000, "S00052", "上海蓝天机械设备"), pay(500_000, "货款", "上海蓝天机械设备有限公司", key=2))
    assert [dict(found[key].parts) for key in (1, 2)] == [{22: 500_000}, {21: 500_000}]
    assert found[2].confidence >= 0.96


def test_paid_twice_is_a_persons_decision():
    found = propose(*(pay(1_234_567, "S00042", key=key) for key in (1, 2)))
    assert all(each.confidence < 0.96 and "contested" in codes(each) for each in found.values())


def test_two_parts_of_one_item_are_no_contest():
    found = propose(*(pay(amount, "S00042", "华强电子", key=amount) for amount in (400_000, 834_567)))
    assert all(each.confidence >= 0.96 for each in found.values())


def test_what_was_refused_is_not_proposed_again():
    [found] = propose(pay(900_000, "", "华强电子", refused=frozenset({frozenset({12})}))).values()
    assert found.confidence < 0.96
    assert {item for item, _paid in found.parts} != {12}


AGAINST = {
    "against_word": pay(345_600, "保证金", "深圳市华强电子有限公司"),
    "against_unknown": pay(345_600, "支付S00017货款", "深圳市华强电子有限公司"),
    "against_end": pay(345_600, "订单26110043", "深圳市华强电子有限公司"),
    "against_date": pay(777_700, "payment", "Acme Industrial Co., Ltd.", date=1),
    "against_fee": pay(776_933, "", "Acme Industrial", fee_limit=5_000),
    "against_round": pay(900_000, "货款", "深圳市华强电子有限公司", date=90),
}


@pytest.mark.parametrize(("code", "payment"), AGAINST.items(), ids=AGAINST)
def test_what_speaks_against_it_is_said_and_forgiven_to_one_that_names_it(code, payment):
    [found] = propose(payment).values()
    assert codes(found)[-1] == code, found
    if not found.fee:
        reference = next(item for item in ITEMS if item.id == found.parts[0][0]).references[0]
        [named] = propose(replace(payment, memo=reference)).values()
        assert named.confidence >= payment.sure_from, named


def test_a_rival_stays_one_whatever_its_day_but_for_one_that_was_not_written_yet():
    items = [OpenItem(1, 1, 500_000, (), 10, 1), OpenItem(2, 1, 500_000, (), 40, 31), OpenItem(3, 1, 700_000, (), 40, 31)]
    [found] = propose(pay(500_000, "", "华强电子", date=40), items=items).values()
    assert found.confidence < 0.96
    assert "rivals" in codes(found)
    [found] = propose(pay(500_000, "", "华强电子", date=12), items=items).values()
    assert "rivals" not in codes(found)
    assert dict(found.parts) == {1: 500_000}


def test_what_is_paid_too_much_stays_the_customers_and_waits_for_a_person():
    [found] = propose(pay(1_300_000, "S00042", "华强电子")).values()
    assert (dict(found.parts), found.advance, found.amount) == ({11: 1_234_567}, 65_433, 1_300_000)
    assert 0.8 <= found.confidence < 0.96
    [found] = propose(pay(2_500_000, "货款", "华强电子")).values()
    assert (len(found.parts), found.advance) == (3, 19_833)
    assert found.confidence < 0.8


def test_reasons_name_what_was_read():
    [found] = propose(pay(1_234_567, "货款 S00042", "华强电子")).values()
    assert [(reason.code, dict(reason.values)) for reason in found.reasons] == [
        ("number", {"numbers": "S00042"}),
        ("amount_unique", {}),
        ("name_core", {"name": "华强电子"}),
    ]


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(1, 60)), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(1, 150), st.integers(0, 14), st.sampled_from(["", *(c.names[0] for c in CUSTOMERS)])), max_size=8),
    st.randoms(use_true_random=False),
)
def test_never_across_customers_never_more_than_open_whatever_the_order(items, payments, rng):
    items = [OpenItem(at, partner, amount, (f"INV/2026/{at:05}",), at) for at, (partner, amount) in enumerate(items, 1)]
    owner = {item.id: item for item in items}
    payments = [pay(amount, f"INV/2026/{number:05}", payer, key=at, fee_limit=2) for at, (amount, number, payer) in enumerate(payments)]
    found = propose(*payments, items=items)
    claimed = dict.fromkeys(owner, 0)
    for payment in payments:
        proposal = found.get(payment.id)
        if proposal:
            assert sum(paid for _item, paid in proposal.parts) + proposal.advance == payment.amount + proposal.fee
            assert proposal.advance >= 0
            assert not proposal.advance or proposal.confidence < payment.sure_from
            assert 0 <= proposal.fee <= 2
            assert {owner[item].partner for item, _paid in proposal.parts} == {proposal.partner}
            assert all(0 < paid <= owner[item].amount for item, paid in proposal.parts)
            for item, paid in proposal.parts if proposal.confidence >= payment.sure_from else ():
                claimed[item] += paid
    assert all(claimed[item] <= owner[item].amount for item in claimed)
    rng.shuffle(payments)
    assert propose(*payments, items=items) == found


@given(st.lists(st.integers(1, 40), max_size=9), st.integers(1, 200))
def test_a_sum_is_found_if_there_is_exactly_one_way(amounts, wanted):
    ways = [
        at
        for bits in range(1, 1 << len(amounts))
        for at in [tuple(at for at in range(len(amounts)) if bits >> at & 1)]
        if sum(amounts[each] for each in at) == wanted
    ]
    expected = ways[0] if len(ways) == 1 and len(ways[0]) > 1 else None
    assert SubsetSums(amounts).find(wanted) == expected


def test_many_payments_cost_what_they_are_worth():
    """Look-ups, counted: a payment asks about the items of its customer only, however many others there are."""
    rng = random.Random(6)
    items = [OpenItem(at, at // 5, rng.randrange(10_000, 9_000_000), (f"INV/2026/{at:06}", f"S{at:06}")) for at in range(5_000)]
    customers = [Customer(at, (f"客户{at}号电子有限公司",)) for at in range(1_000)]
    payments = [Payment(item.id, item.amount, f"货款 S{item.id:06}") for item in items]
    found = Matcher(items, customers, parse).propose(payments)
    assert sum(proposal.confidence >= 0.96 for proposal in found) >= 4_990
    assert all(dict(proposal.parts) == {proposal.line: items[proposal.line].amount} for proposal in found)


# -- paid in another currency ------------------------------------------------------------------------------------------

CHANGED = {
    "a number, at about the rate": (pay(1_220_000, "S00042"), {11: 1_234_567}, ["number", "amount_rate"]),
    "a better rate": (pay(1_250_000, "S00042"), {11: 1_234_567}, ["number", "amount_rate"]),
    "two numbers": (pay(2_120_000, "S00042 S00043"), {11: 1_234_567, 12: 900_000}, ["number", "amount_rate"]),
    "a fee": (pay(770_000 - 15_000, "S00071", fee_limit=8_000), {41: 777_700}, ["number", "amount_fee"]),
    "a part": (pay(600_000, "S00042"), {11: 600_000}, ["number", "amount_part"]),
    "parts of two": (pay(1_500_000, "S00042 S00043"), {11: 1_234_567, 12: 265_433}, ["number", "amount_part"]),
    "too much": (pay(2_000_000, "S00042"), {11: 1_234_567}, ["number", "amount_over"]),
    "the customer, one such item": (pay(340_000, "", "华强电子"), {13: 345_600}, ["amount_rate", "name_core"]),
    "the customer, all it owes": (pay(2_470_000, "", "华强电子"), {11: 1_234_567, 12: 900_000, 13: 345_600}, ["amount_rate", "name_core"]),
    "the customer and two such items": (pay(500_100, partner=2), {21: 500_000}, ["amount_rate", "partner", "rivals"]),
    "somebody else's number": (pay(500_100, "S00061", "华强电子"), {31: 500_000}, ["number", "amount_rate", "against_name"]),
    "refused before": (
        pay(340_000, "", "华强电子", refused=frozenset([frozenset([11])])),
        {13: 345_600},
        ["amount_rate", "name_core", "refused"],
    ),
}


@pytest.mark.parametrize(("payment", "parts", "reasons"), CHANGED.values(), ids=CHANGED)
def test_another_currency_is_explained_and_never_certain(payment, parts, reasons):
    [found] = ExchangeMatcher(ITEMS, CUSTOMERS, parse).propose([payment])
    assert (dict(found.parts), codes(found)) == (parts, reasons)
    assert found.confidence <= 0.85
    assert abs(found.amount - payment.amount) <= 0.02 * found.amount


@pytest.mark.parametrize(
    "payment",
    [
        pay(1_234_567),
        pay(1_234_567, "货款", "nobody"),
        pay(999_999, "", "华强电子"),
        pay(1_220_000, "S00042", refused=frozenset([frozenset([11])])),
    ],
    ids=["an amount alone", "a stranger", "an amount far off", "refused"],
)
def test_another_currency_is_not_guessed(payment):
    assert ExchangeMatcher(ITEMS, CUSTOMERS, parse).propose([payment]) == []
