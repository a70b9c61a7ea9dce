# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Next best action on a customer's card: suggestions, the facts they stand on, one button each; a director adds a rule."""

import pytest
from screen import DESKTOP, PHONE
from test_gates import call

PANEL = ".o_form_view .crm_advice_panel"
COLLECT = "催收逾期款"


def find_customer(screen):
    """A demo customer with a payment overdue; who that is changes with the day the demo company was made."""
    customers = call(screen, "res.partner", "search", [["is_customer", "=", True], ["is_company", "=", True]])["result"]
    for customer in customers:
        suggestions = call(screen, "res.partner", "get_advice", [customer], context={"lang": "zh_CN"})["result"]["suggestions"]
        if any(COLLECT in suggestion["title"] for suggestion in suggestions):
            return customer
    raise AssertionError("no customer of the demo company has a payment overdue")


def open_customer(screen):
    screen.open_menu("crm_core.menu_customers")
    customer = find_customer(screen)
    action = screen.menus()["crm_core.menu_customers"]["action"].split(",")[1]
    screen.page.goto("about:blank")
    screen.page.goto(f"{screen.url}/web#id={customer}&model=res.partner&view_type=form&action={action}")
    screen.page.wait_for_selector(f"{PANEL} .crm_advice_item")
    screen.settle()


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_suggestion_names_its_facts_and_leads_to_the_matter(open_screen, size):
    screen = open_screen("director", size)
    open_customer(screen)
    # Not always the first one: on some days of the week a planned step is overdue as well, and comes before it.
    collect = screen.page.locator(f"{PANEL} .crm_advice_item", has_text=COLLECT)
    assert collect.count() == 1
    facts = collect.locator(".crm_advice_fact")
    assert facts.count() == 2
    assert "¥" in facts.first.inner_text()
    assert screen.scroll_width() == 0
    screen.shoot("advice")
    collect.locator(".crm_advice_act").click()
    screen.page.wait_for_selector(".o_list_view .o_data_row, .o_kanban_view .o_kanban_record")
    screen.settle()
    assert not screen.problems


def test_a_director_adds_a_rule_and_sees_it(open_screen):
    screen = open_screen("director")
    screen.open_menu("crm_core.menu_advice_rule")
    page = screen.page
    page.click(".o_list_button_add")
    page.fill(".oe_title input[name=name]", "请客户参观工厂")
    page.fill(".o_field_widget[name=sequence]", "1")
    page.click(".o_field_x2many_list_row_add a")
    page.select_option("select[name=fact]", label="购买次数")
    page.fill(".o_selected_row input[name=value]", "1")
    page.click(".o_form_button_save")
    page.wait_for_selector(".o_form_view.o_form_readonly")
    try:
        open_customer(screen)
        assert "请客户参观工厂" in screen.page.locator(f"{PANEL} .crm_advice_item").first.inner_text()
        assert not screen.problems
    finally:
        query = "odoo.__DEBUG__.services['web.rpc'].query({model: 'crm.advice.rule', method: '%s', args: [%s]})"
        found = page.evaluate("() => " + query % ("search", "[['name', '=', '请客户参观工厂']]"))
        page.evaluate("() => " + query % ("unlink", found))
