# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A contract as people meet it: the rep makes and sends it, the customer reads and signs it on the phone."""

from screen import DESKTOP, PHONE, Screen
from test_gates import call


def make_quotation(screen):
    """A quotation of the rep over one product of the demo company, sent to nobody yet."""
    partner = call(screen, "res.partner", "search", [["is_company", "=", True], ["is_customer", "=", True]], limit=1)["result"][0]
    product = call(screen, "product.product", "search", [["sale_ok", "=", True], ["type", "=", "service"]], limit=1)["result"][0]
    line = {"product_id": product, "product_uom_qty": 3, "price_unit": 1200.5}
    answer = call(screen, "sale.order", "create", {"partner_id": partner, "order_line": [[0, 0, line]]})
    assert "result" in answer, answer
    return answer["result"]


def draw(page):
    """A stroke with the finger on the signature pad."""
    pad = page.locator(".o_web_sign_signature canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + box["height"] * 0.7)
    page.mouse.down()
    for part in (0.3, 0.5, 0.8):
        page.mouse.move(box["x"] + box["width"] * part, box["y"] + box["height"] * (0.3 if part == 0.5 else 0.7), steps=4)
    page.mouse.up()


def test_customer_signs_on_the_phone(open_screen, browser, url, screenshots):
    rep = open_screen("rep", DESKTOP)
    order = make_quotation(rep)
    rep.page.goto("about:blank")
    rep.page.goto(f"{url}/web#id={order}&model=sale.order&view_type=form")
    rep.page.wait_for_selector("a[name=order_contract], .o_notebook .nav-link")
    rep.settle()
    contract = call(rep, "sale.order", "action_make_contract", [order])["result"]["res_id"]
    rep.page.goto("about:blank")
    rep.page.goto(f"{url}/web#id={contract}&model=crm.contract&view_type=form")
    rep.page.wait_for_selector(".crm_contract_text h4")
    assert "3,601.50" in rep.page.inner_text(".crm_contract_text")
    assert "叁仟陆佰零壹元伍角" in rep.page.inner_text(".crm_contract_text")
    rep.shoot("contract_draft")
    rep.page.click("button[name=action_send]")
    rep.page.wait_for_selector(".o_field_copy")
    rep.settle()
    rep.shoot("contract_sent")
    values = call(rep, "crm.contract", "read", [contract], ["sign_url", "access_url", "access_token"])["result"][0]

    phone = Screen(browser, url, PHONE, screenshots)
    phone.page.goto(url + values["access_url"] + "?access_token=" + values["access_token"])
    phone.page.wait_for_selector(".o_web_sign_signature canvas")
    phone.settle()
    assert phone.scroll_width() <= PHONE[0]
    phone.shoot("contract_portal")
    phone.page.fill(".o_web_sign_name_input", "王小芳")
    draw(phone.page)
    phone.shoot("contract_signing")
    phone.page.click(".o_portal_sign_submit")
    phone.page.wait_for_selector("#signature img")
    phone.settle()
    assert "王小芳" in phone.page.inner_text("#signature")
    phone.shoot("contract_signed")
    assert not phone.problems, phone.problems
    assert not phone.strangers, phone.strangers
    phone.page.goto(url + values["access_url"] + "?access_token=of-somebody-else")
    assert phone.page.locator(".crm_portal_closed").count() == 1
    phone.shoot("contract_closed_link")
    phone.close()

    found = call(rep, "crm.contract", "read", [contract], ["state", "signer_name", "signed_sha256", "document_sha256"])["result"][0]
    assert (found["state"], found["signer_name"]) == ("signed", "王小芳")
    assert found["signed_sha256"] == found["document_sha256"]
    assert call(rep, "sale.order", "read", [order], ["state"])["result"][0]["state"] == "sale"
    rep.page.goto("about:blank")
    rep.page.goto(f"{url}/web#id={contract}&model=crm.contract&view_type=form")
    rep.page.wait_for_selector(".crm_contract_progress")
    rep.settle()
    rep.shoot("contract_rep_signed")
    assert not rep.problems, rep.problems
