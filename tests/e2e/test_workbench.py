# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The workbench in the browser: home of sales, one request, arranged by its reader, figures that open their records."""

import re

import pytest
from screen import PHONE

CALL = "/call_kw/crm.workbench/"
MADE_ROOM = """() => {
    const room = document.querySelector(".o_crm_tile_placeholder"), dragged = document.querySelector("[data-key=team_month]");
    return room.nextElementSibling !== dragged && room.compareDocumentPosition(dragged) & Node.DOCUMENT_POSITION_FOLLOWING;
}"""
KEYS = "() => [...document.querySelectorAll('[data-tile]')].map(node => node.dataset.key)"


@pytest.fixture
def calls(open_screen):
    """Calls of the workbench a screen makes, from the moment it is watched."""
    watched = []

    def watch(screen):
        found = []
        screen.page.on("request", lambda request: CALL in request.url and found.append(request.url.split(CALL)[1]))
        watched.append(screen)
        return found

    return watch


def reset(screen):
    screen.page.evaluate(
        "() => odoo.__DEBUG__.services['web.rpc'].query({model: 'crm.workbench', method: 'reset_layout', args: []})"
    )
    screen.settle()


def test_a_leader_arranges_the_page_and_finds_it_so_again(open_screen, calls):
    screen = open_screen("leader")
    page = screen.page
    reset(screen)
    found = calls(screen)
    page.goto("about:blank")
    page.goto(f"{screen.url}/web")
    page.wait_for_selector(".o_crm_workbench .o_crm_tile")
    screen.settle()
    assert found == ["get_page"], "the home page is the workbench, loaded with one request"
    screen.shoot("leader-workbench")
    before = page.evaluate(KEYS)
    page.click(".o_crm_workbench_arrange")

    # drag the last tile of the first screen to the front
    dragged = page.query_selector("[data-key=team_month] > header h2")
    dragged.scroll_into_view_if_needed()
    start = dragged.bounding_box()
    page.mouse.move(start["x"] + 20, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(start["x"], start["y"] - 60, steps=5)
    first = page.query_selector(f"[data-key={before[0]}]").bounding_box()
    page.mouse.move(first["x"] + 30, first["y"] + 10, steps=15)
    page.wait_for_function(MADE_ROOM)
    page.mouse.up()
    screen.settle()
    dropped = page.evaluate(KEYS)
    assert dropped != before
    assert sorted(dropped) == sorted(before)
    assert dropped.index("team_month") < before.index("team_month")

    # with the keyboard, and away
    page.focus("[data-key=calendar] [data-move='-1']")
    page.keyboard.press("Enter")
    screen.settle()
    page.click("[data-key=pool] [data-hide]")
    screen.settle()
    arranged = page.evaluate(KEYS)
    assert arranged.index("calendar") < dropped.index("calendar")
    assert "pool" not in arranged
    screen.shoot("leader-workbench-arranging")
    page.click(".o_crm_workbench_arrange")

    screen.open_menu("crm_core.menu_workbench")
    assert page.evaluate(KEYS) == arranged, "kept for the next day"
    page.click(".o_crm_workbench_arrange")
    page.click(".o_crm_shelf [data-add]")
    screen.settle()
    assert len(page.evaluate(KEYS)) == len(arranged) + 1
    page.click(".o_crm_workbench_reset")
    screen.settle()
    assert page.evaluate(KEYS) == before
    assert screen.problems == []


def test_a_figure_opens_as_many_records_and_a_row_its_record(open_screen):
    screen = open_screen("leader")
    page = screen.page
    screen.open_menu("crm_core.menu_workbench")
    tile = page.query_selector("[data-key=my_leads]")
    number = int(tile.query_selector(".o_crm_card_value").inner_text())
    assert number > 0, "the demo company has new leads"
    title = tile.query_selector(".o_crm_row .o_crm_row_main span").inner_text()
    tile.query_selector("[data-open]").click()
    page.wait_for_selector(".o_list_view .o_data_row")
    screen.settle()
    rows = len(page.query_selector_all(".o_list_view .o_data_row"))
    total = int(re.search(r"\d+$", page.inner_text(".o_pager_limit")).group()) if page.query_selector(".o_pager_limit") else rows
    assert total == number
    page.click(".breadcrumb-item a")
    page.wait_for_selector(".o_crm_tile")
    screen.settle()
    page.click("[data-key=my_leads] .o_crm_row")
    page.wait_for_selector(".o_form_view")
    assert title in page.inner_text(".o_form_view")
    assert screen.problems == []


def test_a_leader_plans_a_year_and_sees_the_target_run(open_screen):
    screen = open_screen("leader")
    page = screen.page
    screen.open_menu("crm_core.menu_targets")
    screen.shoot("leader-targets")
    page.goto(f"{screen.url}/web#action=crm_core.crm_target_plan_action")
    page.wait_for_selector(".modal .o_form_view")
    page.click(".modal [name=measure_id] input")
    page.click(".ui-autocomplete li >> nth=0")
    page.fill(".modal [name=goal]", "24000")
    page.press(".modal [name=goal]", "Tab")
    page.wait_for_selector(".modal .o_data_row")
    screen.settle()
    screen.shoot("leader-target-plan")
    assert page.query_selector_all(".modal .o_data_row")
    page.click(".modal .modal-footer .btn-secondary")
    assert screen.problems == []


def test_a_rep_on_the_phone(open_screen):
    screen = open_screen("rep", PHONE)
    page = screen.page
    screen.open_menu("crm_core.menu_workbench")
    screen.shoot("rep-workbench")
    assert screen.scroll_width() <= 0
    lefts = page.evaluate("() => [...document.querySelectorAll('.o_crm_tile')].map(node => node.getBoundingClientRect().left)")
    assert len(set(lefts)) == 1, "one column"
    page.click(".o_crm_workbench_arrange")
    small = page.evaluate(
        """() => [...document.querySelectorAll(".o_crm_workbench button")]
            .filter(node => node.offsetParent && node.getBoundingClientRect().height < 44)
            .map(node => node.className)"""
    )
    assert small == []
    screen.shoot("rep-workbench-arranging")
    assert screen.scroll_width() <= 0
    page.click(".o_crm_workbench_arrange")
    page.evaluate("() => document.querySelector('.o_crm_workbench').scrollTo(0, 900)")
    screen.shoot("rep-workbench-below")
    page.click(".o_crm_row >> nth=0")
    page.wait_for_selector(".o_form_view")
    screen.settle()
    assert screen.scroll_width() <= 0
    assert screen.problems == []
