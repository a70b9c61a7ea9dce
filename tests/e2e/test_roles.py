# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Every role at a desk: the right apps, the right first screen, and no screen with an error."""

import pytest
from roles import ADMIN_APPS, EVERYBODY, ROLES


@pytest.mark.parametrize("role", ROLES)
def test_role_sees_exactly_its_apps(open_screen, role):
    apps, _screens = ROLES[role]
    assert set(open_screen(role).apps()) == set(apps) | EVERYBODY


@pytest.mark.parametrize("role", ROLES)
def test_app_of_the_role_comes_first(open_screen, role):
    apps, _screens = ROLES[role]
    assert open_screen(role).apps()[0] == apps[0]


def test_administrator_keeps_all_apps(open_screen):
    assert set(open_screen("admin").apps()) >= ADMIN_APPS


@pytest.mark.parametrize(("role", "menu"), [(role, menu) for role in ROLES for menu in ROLES[role][1]])
def test_main_screen_opens_without_an_error(open_screen, role, menu):
    screen = open_screen(role)
    screen.open_menu(menu)
    screen.shoot(f"{role}-{menu.split('.')[1]}")
    assert screen.problems == []


@pytest.mark.parametrize("role", ["rep", "leader", "director", "boss"])
def test_opportunity_opens_from_the_pipeline(open_screen, role):
    screen = open_screen(role)
    screen.open_menu("crm.menu_crm_opportunities")
    if screen.page.query_selector(".o_view_nocontent"):  # nothing of their own: look at everybody's
        screen.page.click(".o_searchview_facet .o_facet_remove")
        screen.settle()
    screen.page.click(".o_kanban_record:not(.o_kanban_ghost) .o_kanban_record_title")
    screen.page.wait_for_selector(".o_form_view .crm_next_action:not(.o_invisible_modifier), .o_form_view .o_widget_web_ribbon")
    screen.settle()
    screen.shoot(f"{role}-opportunity")
    assert screen.problems == []
