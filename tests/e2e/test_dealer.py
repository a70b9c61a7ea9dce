# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A dealer's day on the phone: order, report stock with a file, hand in a task with a photo; the rep accepts it."""

import io
import re
from datetime import date

import openpyxl
import pytest
from screen import DESKTOP, PHONE, Screen

PHOTO = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + b"\0" * 200
TASK = "门店陈列"
FILTER = "HC-0101"


@pytest.fixture(scope="module")
def phone(browser, url, password, screenshots):
    """The dealer's buyer, logged in at the portal."""
    screen = Screen(browser, url, PHONE, screenshots)
    screen.page.goto(f"{url}/web/login?redirect=/my/dealer")
    screen.settle()
    screen.page.fill("input[name=login]", "dealer")
    screen.page.fill("input[name=password]", password("dealer"))
    screen.page.click("button[type=submit]")
    screen.page.wait_for_selector(".crm_dealer_figures")
    yield screen
    screen.close()


def visit(screen, path, name=""):
    """Open a page of the desk: nothing to scroll sideways, nothing wrong in the console."""
    screen.forget_problems()
    screen.page.goto(screen.url + path)
    screen.settle()
    assert screen.problems == []
    assert screen.scroll_width() == 0, path
    if name:
        screen.shoot(f"dealer-{name}")


def press(screen, selector):
    """Send a form, and wait for the page that answers it."""
    with screen.page.expect_navigation():
        screen.page.locator(selector).tap()
    screen.settle()


def test_the_dealer_orders_once_with_two_clicks(phone):
    page = phone.page
    visit(phone, "/my/dealer", "home")
    assert page.locator(".crm_dealer_figures .crm_dealer_card").count() == 4
    visit(phone, "/my/dealer/orders")
    before = page.locator("details.crm_dealer_card").count()
    visit(phone, "/my/dealer/catalogue")
    page.fill("input[name=search]", FILTER)
    press(phone, ".crm_dealer_search button")
    product = page.locator(".crm_dealer_product")
    assert product.count() == 1
    price = product.locator(".crm_dealer_price").inner_text()
    assert re.search(r"\d+\.\d\d", price), price
    assert product.locator(".crm_dealer_badge").inner_text(), "stock is told in words"
    product.locator("input[name=quantity]").fill("2")
    press(phone, ".crm_dealer_product button")
    phone.shoot("dealer-catalogue")
    visit(phone, "/my/dealer/cart", "cart")
    page.locator("form[action='/my/dealer/order'] button").dblclick()
    page.wait_for_selector(".alert-success")
    phone.settle()
    visit(phone, page.url[len(phone.url) :], "orders")
    assert page.locator("details.crm_dealer_card").count() == before + 1
    assert page.locator("details[open] .crm_dealer_line").count() >= 1
    visit(phone, "/my/dealer/cart")
    assert page.locator(".crm_dealer_empty").is_visible()


def test_the_dealer_reports_stock_with_a_file(phone):
    page = phone.page
    month = date.today().strftime("%Y-%m")
    visit(phone, f"/my/dealer/report?month={month}", "report")
    with page.expect_download() as download:
        page.locator("a[href*='/report/template']").tap()
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    row = next(row for row in book.active.iter_rows(min_row=2) if row[1].value == FILTER)

    def send(sold, stock):
        row[3].value, row[4].value = sold, stock
        content = io.BytesIO()
        book.save(content)
        file = {"name": "stock.xlsx", "mimeType": "", "buffer": content.getvalue()}
        page.set_input_files("input[type=file][name=file]", file)
        press(phone, "form[action='/my/dealer/report/file'] button")

    send(-3, 6)
    problem = page.locator(".crm_dealer_problem").inner_text()
    assert str(row[0].row) in problem, problem
    assert "-3" in problem, problem
    phone.shoot("dealer-report-wrong")
    send(3, 6)
    assert page.locator(".alert-success").is_visible()
    send(3, 6)
    assert page.locator(".crm_dealer_problem").count() == 0
    visit(phone, f"/my/dealer/report?month={month}")
    values = page.locator("input[name^=sold_]").evaluate_all("inputs => inputs.map(input => input.value)")
    assert values.count("3") == 1


def test_a_task_is_handed_in_with_a_photo_and_accepted(phone, open_screen):
    page = phone.page
    visit(phone, "/my/dealer/tasks", "tasks")
    press(phone, f"a.crm_dealer_card:has-text('{TASK}')")
    address = page.url[len(phone.url) :]
    page.set_input_files("input[name=proof]", {"name": "x.txt", "mimeType": "text/plain", "buffer": b"no photo"})
    press(phone, "form.crm_dealer_once button")
    assert page.locator(".crm_dealer_problem").is_visible()
    page.set_input_files("input[name=proof]", {"name": "shelf.jpg", "mimeType": "image/jpeg", "buffer": PHOTO})
    page.fill("textarea[name=note]", "专柜在门口右手边")
    press(phone, "form.crm_dealer_once button")
    visit(phone, address, "task")
    assert page.locator("a:has-text('shelf.jpg')").is_visible()

    rep = open_screen("rep", DESKTOP)
    rep.open_menu("crm_sales_order.menu_dealer_work")
    rep.page.locator(f".o_data_row:has-text('{TASK}')").click()
    rep.settle()
    rep.shoot("dealer-review")
    rep.page.click("button[name=action_accept]")
    rep.settle()
    assert rep.page.locator(".o_statusbar_status .btn-primary[data-value=accepted]").count() == 1
    assert rep.problems == []

    visit(phone, address)
    assert page.locator(".crm_dealer_badge.crm_dealer_done").is_visible()
    assert page.locator("form.crm_dealer_once").count() == 0


def test_the_rep_looks_at_the_dealers(open_screen):
    rep = open_screen("rep", DESKTOP)
    for menu in ("list", "flags", "flow", "reports", "report_lines", "tasks", "promotions"):
        rep.open_menu(f"crm_sales_order.menu_dealer_{menu}")
        assert rep.problems == [], menu
        rep.shoot(f"dealer-{menu}")
    assert "苏州" not in rep.page.inner_text(".o_content"), "another rep's dealer"
