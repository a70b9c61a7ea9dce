# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""From the opportunity to the order: the rep at the desk and on the phone, the customer in the portal."""

import base64
import time
from urllib.parse import urlsplit

import pytest
from screen import DESKTOP, PHONE, Screen
from test_selling import call, open_record, open_tab

QUOTATIONS = "crm_sales_order.menu_quotations"
PIPELINE = "crm.menu_crm_opportunities"


def get(screen, model, method, *args):
    answer = call(screen, model, method, *args)
    assert "error" not in answer, answer["error"]["data"]["message"]
    return answer["result"]


def read(screen, order_id, *names):
    [values] = get(screen, "sale.order", "read", [order_id], list(names))
    return [values[name] for name in names]


@pytest.fixture
def new_lead(open_screen):
    """An opportunity of the rep with a customer of its own and no product yet: (its id, its name)."""
    rep = open_screen("rep")

    def made(what):
        name = "%s %d" % (what, time.time())
        customer = get(rep, "res.partner", "create", {"name": name, "is_company": True, "email": "buyer@customer.example"})
        values = {"name": name, "type": "opportunity", "partner_id": customer, "expected_revenue": 1.0}
        return get(rep, "crm.lead", "create", values), name

    return made


@pytest.fixture
def new_offer(open_screen, new_lead):
    """A quotation that was sent, with a line and an option: (its id, its link)."""
    rep = open_screen("rep")

    def made(what):
        lead_id, _name = new_lead(what)
        order_id = get(rep, "crm.lead", "action_sale_quotations_new", [lead_id])["res_id"]
        cable, motor = find_product(rep, "示教器电缆"), find_product(rep, "伺服电机")
        option = {"product_id": motor["id"], "name": motor["name"], "uom_id": motor["uom_id"][0], "price_unit": 3600.0}
        line = {"product_id": cable["id"], "product_uom_qty": 3}
        lines = {"order_line": [[0, 0, line]], "sale_order_option_ids": [[0, 0, option]]}
        get(rep, "sale.order", "write", [order_id], lines)
        call(rep, "sale.order", "action_send_link", [order_id])
        return order_id, get_link(rep, order_id)

    return made


@pytest.fixture
def customer(browser, url, screenshots):
    """Opens a screen nobody is logged in to."""
    opened = []

    def made(size=PHONE):
        opened.append(Screen(browser, url, size, screenshots))
        return opened[-1]

    yield made
    for screen in opened:
        screen.close()


def find_product(screen, name):
    return get(screen, "product.product", "search_read", [["name", "like", name]], ["name", "uom_id"])[0]


def get_link(screen, order_id):
    """Path and query of the customer's link."""
    [link] = read(screen, order_id, "online_link")
    address = urlsplit(link)
    return "%s?%s" % (address.path, address.query)


def visit(screen, path):
    screen.page.goto(screen.url + path)
    screen.settle()
    assert screen.scroll_width() == 0, "nothing to scroll sideways"


def press(screen, name):
    """A button of the form's head; on the phone they are behind one."""
    button = ".o_statusbar_buttons button[name='%s']:visible" % name
    if screen.size == PHONE:
        button = "button[name='%s']:visible" % name
        screen.page.click(".o_statusbar_buttons_dropdown")
    screen.page.click(button)
    screen.settle()


def sign(screen):
    """Open the dialog and draw a signature."""
    page = screen.page
    page.click("a[data-target='#modalaccept']:visible >> nth=0")
    page.wait_for_selector("#modalaccept .o_portal_sign_submit", state="visible")
    screen.settle()
    page.click("#modalaccept .o_web_sign_draw_button:visible")
    box = page.query_selector("#modalaccept .o_web_sign_signature canvas").bounding_box()
    left, top = box["x"], box["y"] + box["height"] / 2
    page.mouse.move(left + 30, top)
    page.mouse.down()
    for step in range(1, 8):
        page.mouse.move(left + 30 + 20 * step, top + (15 if step % 2 else -15))
    page.mouse.up()
    screen.shoot("quotation-sign")
    page.click("#modalaccept .o_portal_sign_submit:enabled")


def get_order_id(screen):
    return int(screen.page.evaluate("() => new URLSearchParams(location.hash.slice(1)).get('id')"))


def test_the_rep_at_the_desk_goes_from_opportunity_to_signed_quotation(open_screen, new_lead, customer):
    rep = open_screen("rep")
    lead_id, name = new_lead("台式机")
    open_record(rep, PIPELINE, lead_id, "crm.lead")
    press(rep, "action_sale_quotations_new")
    page = rep.page
    assert page.query_selector(".o_form_editable"), "the draft is open to be filled in"
    assert page.input_value(".o_field_widget[name='partner_id'] input").startswith(name)
    page.click(".o_field_widget[name='order_line'] .o_field_x2many_list_row_add a >> nth=0")
    page.fill(".o_field_widget[name='order_line'] .o_selected_row [name='product_id'] input", "示教器电缆")
    page.click(".ui-autocomplete:visible li:has-text('示教器电缆') >> nth=0")
    rep.settle()
    page.fill(".o_field_widget[name='order_line'] .o_selected_row [name='product_uom_qty']", "4")
    page.click(".o_form_button_save")
    rep.settle()
    order_id = get_order_id(rep)
    press(rep, "action_send_link")
    rep.shoot("quotation-sent")
    state, version, online, opportunity = read(rep, order_id, "state", "version", "online_state", "opportunity_id")
    assert (state, version, online, opportunity[0]) == ("sent", 1, "open", lead_id)
    [lead] = get(rep, "crm.lead", "read", [lead_id], ["expected_revenue"])
    assert lead["expected_revenue"] == read(rep, order_id, "amount_untaxed")[0]

    first = get_link(rep, order_id)
    [line_id] = read(rep, order_id, "order_line")[0]
    get(rep, "sale.order", "write", [order_id], {"order_line": [[1, line_id, {"product_uom_qty": 5}]]})
    open_record(rep, QUOTATIONS, order_id, "sale.order")
    assert page.query_selector(".alert-warning:visible"), "the customer still has the version before"
    press(rep, "action_send_link")
    page.wait_for_selector(".crm_order_link:visible")
    rep.settle()
    open_tab(rep, "version_ids")
    rep.shoot("quotation-versions")
    page.click(".o_field_widget[name='version_ids'] button[name='action_compare'] >> nth=0")
    page.wait_for_selector(".modal .crm_comparison_changed")
    rep.shoot("quotation-comparison")
    page.click(".modal .modal-footer button")
    rep.settle()

    visitor = customer(DESKTOP)
    visit(visitor, first)
    assert visitor.page.query_selector(".crm_portal_closed[data-state='replaced']"), "the old link says so"
    visit(visitor, get_link(rep, order_id))
    sign(visitor)
    visitor.page.wait_for_url("**message=sign_ok**")
    visitor.settle()
    state, signer, views = read(rep, order_id, "state", "signed_by", "views_count")
    assert (state, bool(signer), views) == ("sale", True, 1)
    open_record(rep, QUOTATIONS, order_id, "sale.order")
    rep.shoot("quotation-signed")
    assert rep.problems == []


def test_the_rep_on_the_phone_quotes_and_shares_the_link(open_screen, new_lead):
    lead_id, name = new_lead("手机")
    rep = open_screen("rep", PHONE)
    open_record(rep, PIPELINE, lead_id, "crm.lead")
    press(rep, "action_sale_quotations_new")
    page = rep.page
    assert page.query_selector(".o_form_editable")
    page.click(".o_field_widget[name='order_line'] .o-kanban-button-new >> nth=0")
    page.wait_for_selector(".modal .o_field_widget[name='product_id'] input")
    page.fill(".modal .o_field_widget[name='product_id'] input", "示教器电缆")
    page.click(".ui-autocomplete:visible li:has-text('示教器电缆') >> nth=0, .o_m2o_search_popup li >> nth=0")
    rep.settle()
    page.fill(".modal .o_field_widget[name='product_uom_qty']", "2")
    rep.shoot("quotation-line")
    page.click(".modal .modal-footer .btn-primary >> nth=0")
    rep.settle()
    page.click(".o_form_button_save")
    rep.settle()
    order_id = get_order_id(rep)
    press(rep, "action_send_link")
    page.wait_for_selector(".crm_order_link:visible")
    assert rep.scroll_width() == 0
    rep.shoot("quotation-link")
    assert read(rep, order_id, "state", "version") == ["sent", 1]
    assert rep.problems == []


def test_the_customer_on_the_phone_chooses_signs_and_rejects(open_screen, new_offer, customer):
    rep = open_screen("rep")
    order_id, link = new_offer("门户")
    visitor = customer()
    page = visitor.page
    visit(visitor, link)
    visitor.shoot("portal-quotation")
    before = read(rep, order_id, "amount_untaxed")[0]
    page.click(".js_add_optional_products")
    page.wait_for_selector(".js_quantity")
    visitor.settle()
    page.fill(".js_quantity", "-2")
    page.press(".js_quantity", "Tab")
    page.wait_for_selector(".crm_choice_error")
    page.click(".js_update_line_json[aria-label] .fa-plus")
    page.wait_for_selector(".js_quantity")
    visitor.settle()
    visitor.shoot("portal-option")
    assert visitor.scroll_width() == 0
    assert read(rep, order_id, "amount_untaxed")[0] > before
    refused = page.evaluate(
        """([path, signature]) => fetch(path, {method: "POST", headers: {"Content-Type": "application/json"},
            body: JSON.stringify({jsonrpc: "2.0", params: {name: "Li Lei", signature}})})
            .then(answer => answer.json()).then(answer => answer.result.error)""",
        [link.replace("?", "/accept?"), base64.b64encode(b"no picture").decode()],
    )
    assert refused, "a file that is no picture is refused"
    sign(visitor)
    page.wait_for_url("**message=sign_ok**")
    visitor.settle()
    visitor.shoot("portal-signed")
    assert read(rep, order_id, "state") == ["sale"]

    order_id, link = new_offer("拒绝")
    visit(visitor, link)
    page.click("a[data-target='#modaldecline']:visible")
    page.fill("textarea[name='decline_message']", "价格高于预算")
    page.click("#modaldecline button[type='submit']")
    page.wait_for_selector(".crm_portal_closed[data-state='rejected']")
    visitor.shoot("portal-rejected")
    assert read(rep, order_id, "state", "reject_reason") == ["cancel", "价格高于预算"]

    order_id, link = new_offer("过期")
    get(rep, "sale.order", "write", [order_id], {"validity_date": "2020-01-01"})
    visit(visitor, link)
    page.click(".crm_portal_closed[data-state='expired'] button")
    page.wait_for_selector(".crm_portal_closed .alert-success")
    assert visitor.problems == []
