# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Money on its way in: finance imports a statement, matches it and closes the month; the rep sees on the phone who paid when."""

import datetime

import pytest
from screen import PHONE
from test_gates import call as ask

CALL = """([model, method, args, kwargs]) => fetch("/web/dataset/call_kw", {
    method: "POST",
    headers: {"Content-Type": "application/json"},
    body: JSON.stringify({jsonrpc: "2.0", params: {model, method, args, kwargs}}),
}).then(answer => answer.json())"""
TODAY = datetime.date.today()


def call(screen, model, method, *args, **kwargs):
    """The result of a call over JSON-RPC with the session of the screen."""
    answer = screen.page.evaluate(CALL, [model, method, list(args), kwargs])
    assert "error" not in answer, answer["error"]["data"]["message"]
    return answer["result"]


def open_record(screen, menu, record_id, model):
    action = screen.menus()[menu]["action"].split(",")[1]
    screen.page.goto("about:blank")
    screen.page.goto(f"{screen.url}/web#id={record_id}&action={action}&model={model}&view_type=form")
    screen.page.wait_for_selector(".o_form_view")
    screen.settle()


def open_tab(screen, field):
    """The page of the notebook that holds the field."""
    pane = screen.page.query_selector(f".o_notebook .tab-pane:has([name='{field}'])")
    screen.page.click(f".o_notebook a[href='#{pane.get_attribute('id')}']")
    screen.settle()


def bill(finance, customer, amount):
    """{id, name} of a posted invoice, due next month: what is due today is late where the users' day has begun already."""
    line = {"name": "泵", "quantity": 1, "price_unit": amount, "tax_ids": [[5]]}
    dates = {"invoice_date": str(TODAY), "invoice_date_due": str(TODAY + datetime.timedelta(days=30))}
    values = {"move_type": "out_invoice", "partner_id": customer, **dates, "invoice_line_ids": [[0, 0, line]]}
    invoice = call(finance, "account.move", "create", values)
    call(finance, "account.move", "action_post", [invoice])
    return call(finance, "account.move", "read", [invoice], ["name", "amount_residual"])[0]


@pytest.fixture(scope="module")
def world(open_screen):
    """Two customers who owe, and the bank's file with their money: one payment names its invoice, the other only who pays."""
    finance, rep = open_screen("finance"), open_screen("rep")
    now = f"{datetime.datetime.now():%H%M%S}"  # the test may run twice on one database
    names = (f"佛山市恒信{now}电器有限公司", f"中山市汇通{now}五金有限公司")
    customers = [call(rep, "res.partner", "create", {"name": name, "is_company": True}) for name in names]
    sold, billed = (bill(finance, customer, amount) for customer, amount in zip(customers, (12345.67, 7654.32)))
    domain = [["type", "=", "bank"], ["bank_acc_number", "!=", False]]
    [journal] = call(finance, "account.journal", "search_read", domain, ["bank_acc_number"], limit=1)
    rows = [
        f"{TODAY:%Y%m%d},100000,{sold['amount_residual']:.2f},,,人民币,货款 {sold['name']},62220000{now},{names[0]}",
        f"{TODAY:%Y%m%d},110000,5000.00,,,人民币,货款,62221111{now},{names[1]}",
    ]
    account = journal["bank_acc_number"].replace(" ", "")
    head = f"账号：,{account}\n交易日期,交易时间,收入金额,支出金额,账户余额,币种,摘要,对方账号,对方户名"
    file = {"name": "ccb.csv", "mimeType": "text/csv", "buffer": "\n".join([head, *rows, ""]).encode("gb18030")}
    return {"file": file, "names": names, "sold": sold, "billed": billed}


def read(finance, invoice):
    return call(finance, "account.move", "read", [invoice["id"]], ["payment_state", "amount_residual"])[0]


def test_finance_takes_a_statement_to_the_month_end(open_screen, world):
    finance = open_screen("finance")
    finance.open_menu("crm_sales_order.menu_bank_statement_import")
    finance.page.set_input_files("input.o_input_file", [world["file"]])
    finance.page.wait_for_selector(".o_attachment")
    finance.settle()
    finance.page.click("button[name=action_read]")
    finance.page.wait_for_selector("button[name=action_import]:visible")
    finance.settle()
    finance.shoot("statement-check")
    finance.page.click("button[name=action_import]")
    finance.settle()
    assert read(finance, world["sold"])["payment_state"] == "paid", "a payment that names its invoice is matched by itself"
    assert read(finance, world["billed"])["amount_residual"] == 7654.32, "one that does not waits for a person"

    finance.open_menu("crm_sales_order.menu_bank_open_lines")
    finance.shoot("to-reconcile")
    row = f".o_data_row:has-text('{world['names'][1]}')"
    assert world["billed"]["name"] in finance.page.inner_text(row), "with what it probably pays"
    finance.page.click(f"{row} button[name=action_accept_proposals]")
    finance.page.wait_for_selector(row, state="detached")
    finance.settle()
    assert read(finance, world["billed"])["amount_residual"] == 2654.32

    finance.open_menu("crm_sales_order.menu_month_end")
    finance.shoot("month-end")
    [page] = [call(finance, "crm.month.end", "get_page")]
    shown = finance.page.inner_text("[data-key='ageing'] .o_crm_month_end_total")
    assert f"{page['sections'][0]['total']['amount']:,.2f}" in shown
    assert not page["sections"][0]["note"], "the open items sum to the ledger"
    finance.page.click("[data-key='ageing'] .o_crm_month_end_row >> nth=0")
    finance.page.wait_for_selector(".o_list_view")
    finance.settle()
    assert world["billed"]["name"] in finance.page.inner_text(".o_list_view"), "each figure opens its list"
    assert finance.problems == []


def test_the_rep_sees_on_the_phone_who_paid(open_screen, world):
    phone = open_screen("rep", PHONE)
    domain = [["user_id.login", "=", "rep"], ["amount_collected", ">", 0]]
    orders = call(phone, "sale.order", "search_read", domain, ["amount_billed", "payment_ids"], limit=20)
    order = next(order for order in orders if order["payment_ids"])
    [paid] = call(phone, "crm.collection.report", "read", order["payment_ids"][:1], ["amount", "payer"])
    open_record(phone, "crm_sales_order.menu_orders", order["id"], "sale.order")
    assert f"{order['amount_billed']:,.2f}" in phone.page.inner_text(".crm_order_paid")
    open_tab(phone, "payment_ids")
    phone.shoot("order-payments")
    card = phone.page.inner_text("[name='payment_ids']")
    assert paid["payer"] in card
    assert f"{paid['amount']:,.2f}" in card
    assert phone.scroll_width() == 0
    phone.open_menu("crm_sales_order.menu_sales_receivables")
    assert world["billed"]["name"] not in phone.page.inner_text(".o_action_manager"), "a colleague's invoice is not theirs"
    assert phone.problems == []


def test_what_credit_holds_back_finance_releases_once(open_screen, url):
    """The warehouse reads why, without amounts, and asks; finance releases; the goods leave, once."""
    keeper = open_screen("warehouse")
    found = ask(keeper, "stock.picking", "search", [["is_credit_blocked", "=", True], ["state", "=", "assigned"]], limit=1)["result"]
    picking = found[0]

    def open_picking(screen):
        screen.page.goto("about:blank")
        screen.page.goto(f"{url}/web#id={picking}&model=stock.picking&view_type=form")
        screen.page.wait_for_selector(".crm_credit_banner:not(.o_invisible_modifier)")
        screen.settle()

    open_picking(keeper)
    banner = keeper.page.locator(".crm_credit_banner:not(.o_invisible_modifier)").first.inner_text()
    assert "信用管控" in banner
    assert "¥" not in banner
    keeper.shoot("credit_warehouse")
    refused = ask(keeper, "stock.picking", "action_deliver_available", [picking])
    assert "信用管控" in str(refused["error"]), refused

    finance = open_screen("finance")
    finance.open_menu("crm_sales_order.menu_credit_blocked")
    row = finance.page.locator(".o_data_row", has_text=ask(keeper, "stock.picking", "read", [picking], ["name"])["result"][0]["name"])
    assert "¥" in row.inner_text()
    row.locator("td.o_data_cell").first.click()
    finance.page.click("button[name=action_release]:not(.o_invisible_modifier)")
    finance.page.fill(".modal textarea[name=reason]", "已收到付款水单")
    finance.shoot("credit_release")
    finance.page.click(".modal footer button[name=action_apply]:not(.o_invisible_modifier)")
    finance.page.wait_for_selector(".modal", state="detached")
    finance.settle()
    finance.shoot("credit_released")

    open_picking(keeper)
    answer = ask(keeper, "stock.picking", "action_deliver_available", [picking])
    assert "error" not in answer, answer
    state = ask(keeper, "stock.picking", "read", [picking], ["state"])["result"][0]["state"]
    assert state == "done"
