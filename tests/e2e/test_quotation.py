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


@pytest.fixture(scope="module")
def goods(open_screen):
    """What is sold here: a machine that is not sold below 900 without approval, an option, a kind of order with contract."""
    admin = open_screen("admin")
    stamp = "%d" % time.time()
    values = {"type": "consu", "standard_price": 500.0, "taxes_id": [[6, 0, []]]}
    machine = get(admin, "product.product", "create", {**values, "name": "试验机 " + stamp, "list_price": 1000.0})
    option = get(admin, "product.product", "create", {**values, "name": "备件包 " + stamp, "list_price": 600.0})
    [template] = get(admin, "product.product", "read", [machine], ["product_tmpl_id"])
    template = template["product_tmpl_id"][0]
    floor = get(admin, "crm.price.floor", "create", {"product_tmpl_id": template, "basis": "price", "minimum_price": 900.0})
    [standard] = get(admin, "crm.order.type", "search", [["code", "=", "standard"]])
    kind = get(admin, "crm.order.type", "copy", standard, {"code": stamp, "name": "合同订单", "contract_required": True})
    # a copy brings along how the original is called in other languages
    named = get(admin, "ir.translation", "search", [["name", "=", "crm.order.type,name"], ["res_id", "=", kind]])
    get(admin, "ir.translation", "unlink", named)
    yield {"machine": machine, "name": "试验机 " + stamp, "option": option, "kind": kind}
    get(admin, "crm.price.floor", "unlink", [floor])
    for model, record in (("crm.order.type", kind), ("product.product", machine), ("product.product", option)):
        get(admin, model, "write", [record], {"active": False})


@pytest.fixture
def new_offer(open_screen, new_lead, goods):
    """A quotation that was sent, with a line and an option: (its id, its link)."""
    rep = open_screen("rep")

    def made(what):
        lead_id, _name = new_lead(what)
        order_id = get(rep, "crm.lead", "action_sale_quotations_new", [lead_id])["res_id"]
        option = {"product_id": goods["option"], "name": "备件包", "uom_id": 1, "price_unit": 600.0}
        line = {"product_id": goods["machine"], "product_uom_qty": 3}
        lines = {"order_line": [[0, 0, line]], "sale_order_option_ids": [[0, 0, option]], "order_type_id": goods["kind"]}
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
    """A button of the form's head; on the phone several are behind one."""
    button = ".o_statusbar_buttons button[name='%s']:visible" % name
    if screen.size == PHONE:
        button = "button[name='%s']:visible" % name
        if screen.page.query_selector(".o_statusbar_buttons_dropdown"):
            screen.page.click(".o_statusbar_buttons_dropdown")
    screen.page.click(button)
    screen.settle()


def draw(screen):
    """A stroke on the pad, and the button below it."""
    page = screen.page
    page.click(".o_web_sign_draw_button:visible")
    pad = page.locator(".o_web_sign_signature canvas:visible")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 30, middle)
    page.mouse.down()
    for part in (0.3, 0.5, 0.8):
        page.mouse.move(box["x"] + box["width"] * part, middle + (20 if part == 0.5 else -20), steps=4)
    page.mouse.up()
    page.click(".o_portal_sign_submit:enabled")


def sign_quotation(screen, link):
    visit(screen, link)
    page = screen.page
    page.click("a[data-target='#modalaccept']:visible >> nth=0")
    page.wait_for_selector("#modalaccept .o_portal_sign_submit", state="visible")
    screen.settle()
    draw(screen)
    page.wait_for_url("**message=sign_ok**")
    screen.settle()


def sign_contract(rep, screen, order_id):
    """The rep sends the contract that the signature of the quotation has made; the customer signs it: that is the order."""
    state, contract, online = read(rep, order_id, "state", "contract_id", "online_state")
    assert (state, online) == ("sent", "signed"), "a quotation alone is no order where a contract is wanted"
    open_record(rep, "crm_sales_order.menu_contracts", contract[0], "crm.contract")
    press(rep, "action_send")
    rep.page.wait_for_selector(".o_field_copy")
    [sent] = get(rep, "crm.contract", "read", [contract[0]], ["access_url", "access_token"])
    screen.page.goto("%s%s?access_token=%s" % (screen.url, sent["access_url"], sent["access_token"]))
    screen.page.wait_for_selector(".o_web_sign_name_input")
    screen.settle()
    screen.page.fill(".o_web_sign_name_input", "王小芳")
    draw(screen)
    screen.page.wait_for_selector("#signature img")
    assert read(rep, order_id, "state") == ["sale"]


def get_order_id(screen):
    return int(screen.page.evaluate("() => new URLSearchParams(location.hash.slice(1)).get('id')"))


def choose(screen, field, text, inside=""):
    """Type into a link and take what is offered; a phone may offer it in a list of its own."""
    screen.page.fill("%s .o_field_widget[name='%s'] input" % (inside, field), text)
    screen.page.click(".ui-autocomplete:visible li:has-text('%s') >> nth=0" % text)
    screen.settle()


def have_approved(rep, leader, order_id):
    """The price is too low to be sent: the rep asks, the leader agrees."""
    press(rep, "action_send_link")
    rep.page.wait_for_selector(".modal")
    rep.shoot("quotation-refused")
    assert read(rep, order_id, "state") == ["draft"]
    rep.page.click(".modal .modal-footer button >> nth=0")
    rep.page.click("button[name='action_ask_approval']:visible")
    rep.page.click(".modal .modal-footer .btn-primary >> nth=0")
    rep.page.wait_for_selector(".modal", state="detached")
    rep.settle()
    open_record(leader, QUOTATIONS, order_id, "sale.order")
    leader.shoot("quotation-approval")
    leader.page.click("button[name='action_grant_approval']:visible")
    leader.page.wait_for_selector("button[name='action_grant_approval']", state="hidden")
    leader.settle()
    assert read(rep, order_id, "approval_state") == ["granted"]
    open_record(rep, QUOTATIONS, order_id, "sale.order")


def test_the_rep_at_the_desk_goes_from_opportunity_to_order(open_screen, new_lead, goods, customer):
    rep, leader = open_screen("rep"), open_screen("leader")
    lead_id, name = new_lead("台式机")
    open_record(rep, PIPELINE, lead_id, "crm.lead")
    press(rep, "action_sale_quotations_new")
    page = rep.page
    page.wait_for_selector(".o_form_editable [name='order_line']")
    assert page.input_value(".o_field_widget[name='partner_id'] input").startswith(name)
    choose(rep, "order_type_id", "合同订单")
    page.click(".o_field_widget[name='order_line'] .o_field_x2many_list_row_add a >> nth=0")
    choose(rep, "product_id", goods["name"], ".o_selected_row")
    page.fill(".o_selected_row [name='product_uom_qty']", "4")
    page.fill(".o_selected_row [name='price_unit']", "850")
    page.click(".o_form_button_save")
    rep.settle()
    order_id = get_order_id(rep)
    have_approved(rep, leader, order_id)
    press(rep, "action_send_link")
    page.wait_for_selector(".crm_order_link:visible")
    rep.shoot("quotation-sent")
    assert read(rep, order_id, "state", "version", "opportunity_id") == ["sent", 1, [lead_id, name]]
    assert get(rep, "crm.lead", "read", [lead_id], ["expected_revenue"])[0]["expected_revenue"] == 3400.0

    first = get_link(rep, order_id)
    get(rep, "sale.order", "write", [order_id], {"order_line": [[1, read(rep, order_id, "order_line")[0][0], {"price_unit": 950}]]})
    open_record(rep, QUOTATIONS, order_id, "sale.order")
    assert page.query_selector(".alert-warning:visible"), "the customer still has the version before"
    press(rep, "action_send_link")
    page.wait_for_selector(".crm_order_link:visible")
    rep.settle()
    open_tab(rep, "version_ids")
    page.click(".o_field_widget[name='version_ids'] button[name='action_compare'] >> nth=0")
    page.wait_for_selector(".modal .crm_comparison_changed")
    rep.shoot("quotation-comparison")
    page.click(".modal .modal-footer button")
    rep.settle()

    visitor = customer(DESKTOP)
    visit(visitor, first)
    assert visitor.page.query_selector(".crm_portal_closed[data-state='replaced']"), "the old link says so"
    sign_quotation(visitor, get_link(rep, order_id))
    assert read(rep, order_id, "views_count") == [1]
    sign_contract(rep, visitor, order_id)
    open_record(rep, QUOTATIONS, order_id, "sale.order")
    rep.shoot("quotation-ordered")
    assert [problem for problem in rep.problems if "400" not in problem] == []


def test_the_rep_on_the_phone_goes_from_opportunity_to_order(open_screen, new_lead, goods, customer):
    lead_id, _name = new_lead("手机")
    rep, leader = open_screen("rep", PHONE), open_screen("leader", PHONE)
    open_record(rep, PIPELINE, lead_id, "crm.lead")
    press(rep, "action_sale_quotations_new")
    page = rep.page
    page.wait_for_selector(".o_form_editable [name='order_line']")
    choose(rep, "order_type_id", "合同订单")
    page.click(".o_field_widget[name='order_line'] .o-kanban-button-new >> nth=0")
    page.wait_for_selector(".modal .o_field_widget[name='product_id'] input")
    choose(rep, "product_id", goods["name"], ".modal")
    page.fill(".modal input[name='product_uom_qty'], .modal [name='product_uom_qty'] input", "2")
    page.fill(".modal input[name='price_unit'], .modal [name='price_unit'] input", "860")
    rep.shoot("quotation-line")
    page.click(".modal .modal-footer .btn-primary >> nth=0")
    rep.settle()
    page.click(".o_form_button_save")
    rep.settle()
    order_id = get_order_id(rep)
    have_approved(rep, leader, order_id)
    press(rep, "action_send_link")
    page.wait_for_selector(".crm_order_link:visible")
    assert rep.scroll_width() == 0
    rep.shoot("quotation-link")
    visitor = customer()
    sign_quotation(visitor, get_link(rep, order_id))
    sign_contract(rep, visitor, order_id)


def test_the_customer_on_the_phone_chooses_signs_and_rejects(open_screen, new_offer, customer):
    rep = open_screen("rep")
    order_id, link = new_offer("门户")
    visitor = customer()
    page = visitor.page
    visit(visitor, link)
    visitor.shoot("portal-quotation")
    page.click(".js_add_optional_products")
    page.wait_for_selector(".js_quantity")
    visitor.settle()
    page.fill(".js_quantity", "-2")
    page.press(".js_quantity", "Tab")
    page.wait_for_selector(".crm_choice_error")
    page.click(".js_update_line_json .fa-plus")
    page.wait_for_selector(".js_quantity >> visible=true")
    visitor.settle()
    visitor.shoot("portal-option")
    assert visitor.scroll_width() == 0
    assert read(rep, order_id, "amount_untaxed") == [4200.0]
    refused = page.evaluate(
        """([path, signature]) => fetch(path, {method: "POST", headers: {"Content-Type": "application/json"},
            body: JSON.stringify({jsonrpc: "2.0", params: {name: "Li Lei", signature}})})
            .then(answer => answer.json()).then(answer => answer.result.error)""",
        [link.replace("?", "/accept?"), base64.b64encode(b"no picture").decode()],
    )
    assert refused, "a file that is no picture is refused"
    sign_quotation(visitor, link)
    visitor.shoot("portal-signed")
    sign_contract(rep, visitor, order_id)
    visit(visitor, link)
    visitor.shoot("portal-ordered")

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
    visitor.shoot("portal-expired")
    assert visitor.problems == []
