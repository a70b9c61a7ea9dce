# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Public pools as people use them: a rep on the phone, a leader at the desk."""

import pytest
from screen import DESKTOP, PHONE

CLAIM = "crm_core.menu_pool_lead"
CARD = ".o_kanban_record:not(.o_kanban_ghost)"


def test_rep_claims_with_one_tap_and_releases_with_a_reason(open_screen):
    screen = open_screen("rep", PHONE)
    page = screen.page
    screen.open_menu(CLAIM)
    screen.shoot("rep-pool")
    assert screen.scroll_width() <= 0
    card = page.locator(CARD, has_text="数控机床询价")  # never held before, so nobody has to wait for it
    assert "139" not in card.inner_text(), "a telephone number shows before the claim"
    button = card.locator(".crm_pool_claim")
    assert button.bounding_box()["height"] >= 44
    button.tap()
    page.wait_for_selector(".o_form_view")
    screen.settle()
    screen.shoot("rep-pool-claimed")
    assert screen.scroll_width() <= 0
    page.evaluate("() => document.querySelector('button[name=action_release]').click()")
    page.wait_for_selector(".modal.show [name=reason_id]")
    screen.settle()
    screen.shoot("rep-pool-release")
    page.select_option(".modal.show select[name=reason_id]", index=1)
    page.click(".modal.show button[name=action_release]")
    page.wait_for_selector(".o_kanban_view")
    screen.settle()
    assert screen.problems == []


def test_leader_assigns_a_batch(open_screen):
    screen = open_screen("leader", DESKTOP)
    page = screen.page
    screen.open_menu(CLAIM)
    screen.shoot("leader-pool")
    before = page.locator("tr.o_data_row").count()
    assert before >= 2
    for row in range(2):
        page.locator("tr.o_data_row td.o_list_record_selector").nth(row).click()
    page.click("button[name=action_assign]")
    page.wait_for_selector(".modal.show .o_field_many2manytags input")
    page.locator(".modal.show .o_field_many2manytags input").press_sequentially("陈", delay=60)
    page.locator(".ui-autocomplete:visible .ui-menu-item a").first.click()
    screen.settle()
    screen.shoot("leader-pool-assign")
    page.click(".modal.show button[name=action_assign]")
    page.wait_for_selector(".modal.show", state="detached")
    screen.settle()
    screen.open_menu(CLAIM)
    assert page.locator("tr.o_data_row").count() == before - 2
    assert screen.problems == []


@pytest.mark.parametrize(
    "menu", ["crm_core.menu_pool_customer", "crm_core.menu_holdings", "crm_core.menu_pools", "crm_core.menu_pool_rules"]
)
def test_director_sees_every_screen_of_it(open_screen, menu):
    screen = open_screen("director", DESKTOP)
    screen.open_menu(menu)
    screen.shoot("director-%s" % menu.split(".")[1])
    assert screen.problems == []
