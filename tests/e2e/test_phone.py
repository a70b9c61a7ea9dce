# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Reps and technicians on the road: nothing wider than the phone, nothing too small for a thumb."""

import pytest
from roles import PHONE_SCREENS, WORKBENCH
from screen import PHONE

TOUCH = 44
SCREENS = [(role, menu) for role, menus in PHONE_SCREENS.items() for menu in menus]
LISTS = [(role, menu) for role, menu in SCREENS if menu != WORKBENCH]
TOUCH_TARGETS = """selector => [...document.querySelectorAll(selector)]
    .filter(node => node.offsetParent !== null)
    .map(node => [node.className, Math.round(node.getBoundingClientRect().height)])"""


@pytest.mark.parametrize(("role", "menu"), SCREENS)
def test_screen_fits_the_phone(open_screen, role, menu):
    screen = open_screen(role, PHONE)
    screen.open_menu(menu)
    screen.shoot(f"{role}-{menu.split('.')[1]}")
    assert screen.problems == []
    assert screen.scroll_width() <= 0


@pytest.mark.parametrize(("role", "menu"), LISTS)
def test_record_fits_the_phone(open_screen, role, menu):
    screen = open_screen(role, PHONE)
    screen.open_menu(menu)
    if screen.page.query_selector(".o_view_nocontent"):
        assert screen.page.inner_text(".o_view_nocontent").strip(), "no word why there is nothing"
        return
    screen.page.click(".o_kanban_record:not(.o_kanban_ghost), tr.o_data_row", position={"x": 40, "y": 12})
    screen.page.wait_for_selector(".o_form_view")
    screen.settle()
    screen.shoot(f"{role}-{menu.split('.')[1]}-record")
    assert screen.problems == []
    assert screen.scroll_width() <= 0


@pytest.mark.parametrize("role", PHONE_SCREENS)
def test_buttons_are_large_enough_for_a_thumb(open_screen, role):
    screen = open_screen(role, PHONE)
    screen.open_menu(PHONE_SCREENS[role][0])
    targets = screen.page.evaluate(TOUCH_TARGETS, ".o_control_panel .o_cp_buttons .btn, .o_main_navbar .o-menu-toggle")
    assert targets, "no button on the screen"
    assert [target for target in targets if target[1] < TOUCH] == []


def test_app_menu_fits_the_phone(open_screen):
    screen = open_screen("rep", PHONE)
    screen.open_menu(PHONE_SCREENS["rep"][0])
    screen.page.click(".o_menu_apps a.full")
    screen.page.wait_for_selector(".o_menu_apps .dropdown-menu.show .o_app")
    screen.shoot("rep-apps")
    assert screen.scroll_width() <= 0
    assert screen.problems == []
