# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a customer agrees to, with the evidence kept: work accepted on the phone after a refusal, a contract signed on paper."""

import time

from screen import PHONE, Screen
from test_contract import draw, make_quotation
from test_quotation import get, get_link, press, read, visit


def make_order(rep):
    """A confirmed order of the rep, all work done but for the customer's acceptance."""
    partner = get(rep, "res.partner", "create", {"name": "验收客户 %d" % time.time(), "is_company": True})
    work = get(rep, "product.product", "search", [["sale_ok", "=", True], ["type", "=", "service"], ["list_price", ">", 0]])[0]
    parts = [("设计", 40.0, "milestone"), ("整体验收", 60.0, "acceptance")]
    values = {
        "partner_id": partner,
        "order_line": [[0, 0, {"product_id": work, "product_uom_qty": 1}]],
        "instalment_ids": [[0, 0, {"name": name, "percent": percent, "trigger": trigger}] for name, percent, trigger in parts],
    }
    order = get(rep, "sale.order", "create", values)
    get(rep, "sale.order", "action_confirm", [order])
    return order


def open_form(screen, model, record):
    screen.page.goto("about:blank")
    screen.page.goto(f"{screen.url}/web#id={record}&model={model}&view_type=form")
    screen.page.wait_for_selector(".o_form_view")
    screen.settle()


def test_customer_refuses_on_the_phone_and_accepts_what_was_put_right(open_screen, browser, url, screenshots):
    rep = open_screen("rep")
    order = make_order(rep)
    final = get(rep, "sale.order.instalment", "search", [["order_id", "=", order], ["trigger", "=", "acceptance"]])
    open_form(rep, "sale.order", order)
    get(rep, "sale.order.instalment", "action_ask_acceptance", final)
    phone = Screen(browser, url, PHONE, screenshots)
    page = phone.page

    visit(phone, get_link(rep, order))
    page.wait_for_selector("#acceptance .badge-warning")
    page.locator("#acceptance details summary").click()
    page.fill("#acceptance textarea[name=reason]", "压力表缺一只")
    phone.shoot("acceptance-refusing")
    page.click("#acceptance details button[type=submit]")
    page.wait_for_selector("#acceptance .badge-danger")
    assert "压力表缺一只" in page.inner_text("#acceptance")
    assert get(rep, "sale.order.instalment", "read", final, ["state"])[0]["state"] == "waiting"
    open_form(rep, "sale.order", order)
    assert "压力表缺一只" in rep.page.inner_text(".o_form_sheet"), "the rep reads why"
    rep.shoot("acceptance-refused-rep")

    get(rep, "sale.order.instalment", "action_ask_acceptance", final)
    visit(phone, get_link(rep, order))
    page.wait_for_selector("#acceptance .o_web_sign_signature canvas")
    page.fill("#acceptance .o_web_sign_name_input", "王小芳")
    draw(page)
    phone.shoot("acceptance-signing")
    page.click("#acceptance .o_portal_sign_submit")
    page.wait_for_selector("#acceptance .badge-success")
    phone.settle()
    assert "王小芳" in page.inner_text("#acceptance")
    assert phone.scroll_width() == 0, "nothing to scroll sideways"
    phone.shoot("acceptance-accepted")
    assert not phone.problems, phone.problems
    phone.close()

    assert get(rep, "sale.order.instalment", "read", final, ["state"])[0]["state"] == "due"
    [acceptances] = read(rep, order, "acceptance_ids")
    found = get(rep, "crm.acceptance", "read", acceptances, ["state", "signer_name"])
    assert sorted((one["state"], one["signer_name"]) for one in found) == [("accepted", "王小芳"), ("refused", False)]
    assert not rep.problems, rep.problems


def test_a_contract_signed_on_paper_is_entered_with_its_scan(open_screen):
    rep = open_screen("rep")
    page = rep.page
    order = make_quotation(rep)
    contract = get(rep, "sale.order", "action_make_contract", [order])["res_id"]
    open_form(rep, "crm.contract", contract)
    with page.expect_download():
        press(rep, "action_print_to_sign")
    page.wait_for_selector(".o_statusbar_buttons button[name=action_signed_on_paper]")
    press(rep, "action_signed_on_paper")
    page.wait_for_selector(".modal.show button[name=action_take]")
    page.fill(".modal.show input[name=signer_name]", "李 雷")
    photo = {"name": "合同.png", "mimeType": "image/png", "buffer": page.screenshot()}
    page.set_input_files(".modal.show .o_field_widget[name=scan] input[type=file]", photo)
    rep.settle()
    rep.shoot("contract-on-paper")
    page.click(".modal.show button[name=action_take]")
    page.wait_for_selector(".modal.show", state="detached")
    rep.settle()
    rep.shoot("contract-on-paper-taken")
    names = ["signer_name", "scan_id", "scan_sha256", "company_signed_on"]
    [found] = get(rep, "crm.contract", "read", [contract], names)
    assert found["signer_name"] == "李 雷"
    assert all(found.values()), found
    assert read(rep, order, "state") == ["sale"]
    assert not rep.problems, rep.problems
