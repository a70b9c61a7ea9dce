# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Bank matching: certain, or not at all."""

import pytest
from crm_sales_order_engine.bank_match import InvoiceMatcher, OpenInvoice, StatementLine, candidates

INVOICES = [
    OpenInvoice("i1", "Acme", 10000, ("INV/2026/11/0001", "S00001")),
    OpenInvoice("i2", "Acme", 20000, ("INV/2026/11/0002", "S00002")),
    OpenInvoice("i3", "Beta", 10000, ("INV/2026/11/0003", "S00003")),
]


def match(memo, amount=10000, partner="Acme", invoices=INVOICES):
    return InvoiceMatcher(invoices).match([StatementLine("line", partner, amount, memo)]).get("line")


@pytest.mark.parametrize(
    "memo",
    [
        "S00001",
        "order s00001 thanks",
        "inv/2026/11/0001",
        "INV-2026-11-0001",
        "货款S00001谢谢",
        "ＩＮＶ／２０２６／１１／０００１",
    ],
)
def test_a_number_is_found_however_it_is_spelt(memo):
    assert match(memo) == "i1"


@pytest.mark.parametrize("memo", ["", "S0000", "S000011", "1", "0001", "2026"])
def test_no_number_no_match(memo):
    assert match(memo) is None


def test_the_amount_must_be_exact():
    assert match("S00001", amount=9999) is None


def test_never_across_customers():
    assert match("S00003") is None
    assert match("S00003", partner="Beta") == "i3"


def test_of_two_numbers_the_amount_decides():
    assert match("S00001 S00002", amount=20000) == "i2"


def test_two_invoices_that_fit_are_no_answer():
    twins = [OpenInvoice(key, "Acme", 10000, ("S00001",)) for key in ("a", "b")]
    assert match("S00001", invoices=twins) is None


def test_an_invoice_is_paid_once():
    lines = [StatementLine(key, "Acme", 10000, "S00001") for key in ("a", "b")]
    assert InvoiceMatcher(INVOICES).match(lines) == {}


def test_short_references_are_ignored():
    assert match("A4 paper", invoices=[OpenInvoice("a", "Acme", 10000, ("A4",))]) is None


def test_each_candidate_once_most_specific_first():
    assert candidates("S00042 s00042 INV/2026/0007") == ["INV20260007", "S00042"]


def test_ten_thousand_lines_match_in_a_breath():
    invoices = [OpenInvoice(n, n % 97, 100 + n, (f"INV/2026/{n:06}", f"S{n:06}")) for n in range(10_000)]
    lines = [StatementLine(n, n % 97, 100 + n, f"pay S{n:06}") for n in range(10_000)]
    assert InvoiceMatcher(invoices).match(lines) == {n: n for n in range(10_000)}
