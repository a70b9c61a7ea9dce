# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The cockpit in the browser: one request, charts with their tables, and the records behind every figure."""

import pytest
from screen import PHONE

DATA = "crm.bi.cockpit/get_data"
LIBRARY = "**/echarts.min.js"


@pytest.fixture
def cockpit(open_screen):
    """The executive's cockpit, and the addresses of the calls it makes."""
    screen = open_screen("boss")
    calls = []

    def note(request):
        if "/call_kw/crm.bi" in request.url:
            calls.append(request.url.split("/call_kw/")[1])

    screen.page.on("request", note)
    screen.open_menu("crm_bi.menu_company")
    yield screen, calls
    screen.page.remove_listener("request", note)


def test_opens_and_changes_with_one_request(cockpit):
    screen, calls = cockpit
    assert calls == [DATA]
    screen.page.click("[data-period=all]")
    screen.settle()
    screen.page.click("[data-code=win_rate]")
    screen.settle()
    assert calls == [DATA] * 3
    assert screen.page.get_attribute("[data-code=win_rate]", "aria-pressed") == "true"
    assert screen.page.evaluate("document.activeElement.dataset.code") == "win_rate", "the keyboard stays where it was"
    assert screen.problems == []


def test_every_chart_has_a_table_whose_rows_open_records(cockpit):
    screen, _calls = cockpit
    page = screen.page
    page.click("[data-period=all]")
    screen.settle()
    panels = page.query_selector_all(".o_crm_panel")
    assert len(panels) == 3
    for panel in panels:
        assert panel.query_selector("canvas")
        assert panel.query_selector("details tr button")
    page.focus("[data-panel=ranking] summary")
    page.keyboard.press("Enter")
    page.focus("[data-panel=ranking] tr button")
    page.keyboard.press("Enter")
    page.wait_for_selector(".o_list_view .o_data_row")
    page.click(".breadcrumb-item a")
    page.wait_for_selector(".o_crm_panel canvas")
    screen.settle()
    assert screen.problems == []


def test_without_the_chart_library_the_tables_are_open(cockpit):
    screen, _calls = cockpit
    page = screen.page
    page.route(LIBRARY, lambda route: route.abort())
    try:
        screen.open_menu("crm_bi.menu_company")
        assert page.is_visible(".o_crm_cockpit .alert-warning")
        assert page.query_selector("canvas") is None
        assert page.is_visible("[data-panel=funnel] tr button")
    finally:
        page.unroute(LIBRARY)


def test_leader_on_the_phone(open_screen):
    screen = open_screen("leader", PHONE)
    screen.open_menu("crm_bi.menu_team")
    assert screen.page.query_selector_all(".o_crm_card")
    screen.shoot("leader-menu_team")
    assert screen.scroll_width() <= 0
    small = screen.page.evaluate(
        """() => [...document.querySelectorAll(".o_crm_cockpit button, .o_crm_cockpit summary, .o_crm_cockpit select")]
            .filter(node => node.offsetParent && node.getBoundingClientRect().height < 44)
            .map(node => node.className)"""
    )
    assert small == []
    assert screen.problems == []
