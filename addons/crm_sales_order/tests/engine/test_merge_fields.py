# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Text with merge fields."""

import pytest
from crm_sales_order_engine.merge_fields import OpenBrace, Table, UnknownField, check, fill, names
from hypothesis import given
from hypothesis import strategies as st

KNOWN = {"customer.name": "Acme", "amount.total": "5,000.00", "goods": Table(["item"], [["Pump"]])}
PLAIN = st.text().filter(lambda text: "{{" not in text and "}}" not in text)


@given(st.lists(st.tuples(PLAIN, st.sampled_from(["customer.name", "amount.total"]))), PLAIN)
def test_every_field_is_filled_in_and_nothing_else_changes(parts, end):
    text = "".join(f"{before} {{{{ {name} }}}} " for before, name in parts) + end
    expected = "".join(f"{before} {KNOWN[name]} " for before, name in parts) + end
    lines = [line.strip() for line in expected.splitlines() if line.strip()]
    assert fill(text, KNOWN) == lines


@given(st.text(alphabet="{}x .\n", max_size=40))
def test_any_text_is_filled_in_or_refused_with_a_reason(text):
    try:
        blocks = fill(text, {"x": "y"})
    except (UnknownField, OpenBrace):
        return
    assert not any("{{" in block and "}}" in block[block.index("{{") :] for block in blocks)


@given(st.text())
def test_a_value_is_never_read_for_fields(value):
    assert "".join(fill("{{ customer.name }}", {"customer.name": value})) == value.strip()


@pytest.mark.parametrize("name", ["customer.name.__class__", "1 + 1", "customer['name']", "", "Customer.Name", "customer.name|safe"])
def test_expressions_are_unknown_fields(name):
    with pytest.raises(UnknownField):
        check("{{ %s }}" % name, {**KNOWN, name: "x"} if name.startswith("customer.name.") else KNOWN)


def test_tables_stand_after_their_line():
    assert fill("Goods: {{ goods }} as agreed", KNOWN) == ["Goods:  as agreed", KNOWN["goods"]]
    assert names("{{goods}}{{ goods }}") == ["goods"]
