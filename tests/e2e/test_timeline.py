# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A customer's card as a rep reads it: numbers, the timeline by days, one kind of it, an entry's record; and on the phone."""

from screen import DESKTOP, PHONE

CUSTOMER = "东莞市伟盛电子科技有限公司"
PAGE = "/web/dataset/call_kw/crm.timeline/get_page"


def open_customer(screen):
    """Through the menu and the list, as people do; returns how often the timeline was asked for."""
    calls = []
    screen.page.on("request", lambda request: calls.append(request.url) if PAGE in request.url else None)
    screen.open_menu("crm_core.menu_customers")
    screen.page.locator(".o_data_row, .o_kanban_record", has_text=CUSTOMER).first.click()
    screen.page.wait_for_selector(".crm_timeline_entry")
    screen.settle()
    return calls


def test_rep_reads_what_happened_and_opens_an_order(open_screen):
    screen = open_screen("rep", DESKTOP)
    page = screen.page
    calls = open_customer(screen)
    screen.shoot("timeline-customer")
    assert len(calls) == 1, "the first page is one call"
    assert page.locator(".crm_number").count() >= 4
    dates = page.locator(".crm_timeline_day").evaluate_all("days => days.map(day => day.dataset.day)")
    assert dates == sorted(set(dates), reverse=True)
    first = page.locator(".crm_timeline_entry").count()
    assert first == 20
    page.click(".crm_timeline_more")
    page.wait_for_function("() => document.querySelectorAll('.crm_timeline_entry').length > 20")
    screen.settle()
    assert len(calls) == 2, "the second page is one more"
    page.click(".crm_timeline_filter[data-group=order]")
    page.wait_for_function("() => ![...document.querySelectorAll('.crm_timeline_entry')].some(e => /^message/.test(e.dataset.id))")
    screen.settle()
    screen.shoot("timeline-orders")
    page.locator(".crm_timeline_entry[data-id^='order,']").first.click()
    page.wait_for_selector(".o_form_view [name=order_line]")
    screen.settle()
    page.locator(".breadcrumb-item a", has_text=CUSTOMER).click()
    page.wait_for_selector(".crm_timeline_entry")
    screen.settle()
    assert screen.problems == []


def test_timeline_says_when_there_is_nothing_of_a_kind(open_screen):
    screen = open_screen("rep", DESKTOP)
    open_customer(screen)
    screen.page.click(".crm_timeline_filter[data-group=visit]")
    screen.page.wait_for_selector(".crm_timeline_empty, .crm_timeline_entry[data-id^='visit'], .crm_timeline_entry[data-id^='meeting']")
    screen.shoot("timeline-none")
    assert screen.problems == []


def test_rep_reads_it_on_the_phone(open_screen):
    screen = open_screen("rep", PHONE)
    page = screen.page
    open_customer(screen)
    screen.shoot("timeline-customer")
    assert screen.scroll_width() <= 0
    page.locator(".crm_timeline_filters").scroll_into_view_if_needed()
    page.locator(".crm_timeline_filter[data-group=deal]").tap()
    page.wait_for_function("() => ![...document.querySelectorAll('.crm_timeline_entry')].some(e => /^message/.test(e.dataset.id))")
    screen.settle()
    assert page.locator(".crm_timeline_filter").first.bounding_box()["height"] >= 44
    screen.shoot("timeline-deals")
    page.locator(".crm_timeline_opens").first.tap()
    page.wait_for_selector(".o_form_view .o_statusbar_status")
    page.wait_for_selector(".crm_timeline")
    screen.settle()
    screen.shoot("timeline-lead")
    assert screen.scroll_width() <= 0
    assert screen.problems == []
