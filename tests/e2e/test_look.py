# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The look: readable contrast, Chinese numbers and dates, own log-in page, keyboard, nothing from the outside."""

import pytest
from contrast import contrast_failures
from roles import CUSTOMERS, FOLLOW_UPS, PIPELINE
from screen import PHONE


def test_log_in_page_is_the_suites_own(anonymous):
    anonymous.page.goto(f"{anonymous.url}/web/login")
    anonymous.settle()
    anonymous.shoot("login")
    text = anonymous.page.inner_text("body")
    assert "一体云" in text
    assert "Odoo" not in text
    assert anonymous.page.title().startswith("一体云")
    assert contrast_failures(anonymous.page) == []
    assert anonymous.problems == []


def test_wrong_password_is_answered_on_the_log_in_page(anonymous):
    anonymous.page.goto(f"{anonymous.url}/web/login")
    anonymous.settle()
    anonymous.page.fill("input[name=login]", "rep")
    anonymous.page.fill("input[name=password]", "not the password")
    anonymous.page.click("button[type=submit]")
    anonymous.page.wait_for_selector(".oe_login_form .alert-danger")
    assert contrast_failures(anonymous.page) == []


@pytest.mark.parametrize("menu", [PIPELINE, CUSTOMERS, FOLLOW_UPS])
@pytest.mark.parametrize("size", [(1440, 900), PHONE], ids=["desktop", "phone"])
def test_text_has_the_contrast_of_wcag_aa(open_screen, menu, size):
    screen = open_screen("rep", size)
    screen.open_menu(menu)
    assert contrast_failures(screen.page) == []


def test_opportunity_has_the_contrast_of_wcag_aa(open_screen):
    screen = open_screen("rep")
    screen.open_menu(PIPELINE)
    screen.page.click(".o_kanban_record:not(.o_kanban_ghost) .o_kanban_record_title")
    screen.page.wait_for_selector(".o_form_view")
    screen.settle()
    assert contrast_failures(screen.page) == []


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (0, "0"),
        (9800, "9,800"),
        (9999.6, "1万"),
        (36000, "3.6万"),
        (128000, "12.8万"),
        (12300000, "1,230万"),
        (99994999, "9,999万"),
        (99999999, "1亿"),
        (123456789, "1.23亿"),
        (-36000, "-3.6万"),
    ],
)
def test_long_numbers_are_said_in_wan_and_yi(open_screen, amount, shown):
    page = open_screen("rep").page
    formatted = "amount => odoo.__DEBUG__.services['crm_core.compact_number'].formatWan(amount)"
    assert page.evaluate(formatted, amount) == shown


def test_chinese_reader_gets_iso_dates_and_grouped_thousands(open_screen):
    page = open_screen("rep").page
    parameters = page.evaluate("() => odoo.__DEBUG__.services['web.core']._t.database.parameters")
    assert (parameters["code"], parameters["date_format"], parameters["thousands_sep"]) == ("zh_CN", "%Y-%m-%d", ",")
    assert parameters["grouping"] == [3, 0]


def test_chatter_speaks_chinese(open_screen):
    screen = open_screen("rep")
    screen.open_menu(PIPELINE)
    screen.page.click(".o_kanban_record:not(.o_kanban_ghost) .o_kanban_record_title")
    screen.page.wait_for_selector(".o_ChatterTopbar_buttonSendMessage")
    assert screen.page.inner_text(".o_ChatterTopbar_buttonSendMessage").strip() == "发送消息"


def test_money_is_set_in_tabular_figures_and_a_chinese_font(open_screen):
    screen = open_screen("rep")
    screen.open_menu(PIPELINE)
    style = "selector => { const s = getComputedStyle(document.querySelector(selector)); return [s.fontFamily, s.fontVariantNumeric]; }"
    family, numeric = screen.page.evaluate(style, ".o_kanban_counter_side")
    assert "PingFang SC" in family
    assert "Microsoft YaHei" in family
    assert numeric == "tabular-nums"


def test_keyboard_reaches_the_first_record(open_screen):
    screen = open_screen("rep")
    screen.open_menu(PIPELINE)
    screen.page.focus(".o_searchview_input")
    screen.page.keyboard.press("ArrowDown")
    focused = screen.page.evaluate("() => document.activeElement.className")
    assert "o_kanban_record" in focused
    screen.page.keyboard.press("Enter")
    screen.page.wait_for_selector(".o_form_view")
    assert screen.problems == []


@pytest.mark.parametrize("role", ["rep", "boss", "finance"])
def test_pages_ask_nobody_but_this_machine(open_screen, role):
    screen = open_screen(role)
    for app in screen.apps():
        screen.open_menu(app)
    assert screen.strangers == []
