# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Money on its way in: finance imports a statement, matches it and closes the month; the rep sees on the phone who paid when."""

import datetime

import pytest
from screen import PHONE

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
    """{id, name} of a posted invoice, due today."""
    line = {"name": "泵", "quantity": 1, "price_unit": amount, "tax_ids": [[5]]}
    values = {"move_type": "out_invoice", "partner_id": customer, "invoice_date": str(TODAY), "invoice_line_ids": [[0, 0, line]]}
    invoice = call(finance, "account.move", "create", values)
    call(finance, "account.move", "action_post", [invoice])
    return call(finance, "account.move", "read", [invoice], ["name", "amount_residual"])[0]


@pytest.fixture(scope="module")
def world(open_screen):
    """Two invoices, and the bank's file with their money: one names its invoice, the other only who pays."""
    finance = open_screen("finance")
    domain = [["is_customer", "=", True], ["is_company", "=", True], ["customer_rank", ">", 0]]
    customers = call(finance, "res.partner", "search_read", domain, ["name"], limit=2, order="id desc")
    invoices = [bill(finance, customer["id"], amount) for customer, amount in zip(customers, (12345.67, 7654.32))]
    journal = call(finance, "account.journal", "search_read", [["type", "=", "bank"], ["bank_acc_number", "!=", False]], ["bank_acc_number"])
    rows = [
        f"{TODAY:%Y%m%d},100000,12345.67,,,人民币,货款 {invoices[0]['name']},,{customers[0]['name']}",
        f"{TODAY:%Y%m%d},110000,5000.00,,,人民币,货款,,{customers[1]['name']}",
    ]
    head = f"账号：,{journal[0]['bank_acc_number']}\n交易日期,交易时间,收入金额,支出金额,账户余额,币种,摘要,对方账号,对方户名\n"
    return {"invoices": invoices, "file": (head + "\n".join(rows) + "\n").encode("gb18030")}


def test_finance_takes_a_statement_to_the_month_end(open_screen, world):
    finance = open_screen("finance")
    finance.open_menu("crm_sales_order.menu_bank_statements")
    finance.page.click("[data-menu-xmlid='crm_sales_order.menu_bank']")
    finance.page.click("[data-menu-xmlid='crm_sales_order.menu_bank_statement_import']")
    finance.page.wait_for_selector(".modal.show .oe_fileupload")
    finance.settle()
    file = {"name": "ccb.csv", "mimeType": "text/csv", "buffer": world["file"]}
    finance.page.set_input_files(".modal.show input.o_input_file", [file])
    finance.page.wait_for_selector(".modal.show .o_attachment")
    finance.settle()
    finance.page.click("button[name=action_read]")
    finance.settle()
    finance.shoot("statement-check")
    finance.page.click("button[name=action_import]")
    finance.settle()
    finance.shoot("statement-imported")
    named, unnamed = (invoice["id"] for invoice in world["invoices"])
    assert call(finance, "account.move", "read", [named], ["payment_state"])[0]["payment_state"] == "paid", "matched by itself"
    assert call(finance, "account.move", "read", [unnamed], ["amount_residual"])[0]["amount_residual"] == 7654.32, "waits for a person"

    finance.open_menu("crm_sales_order.menu_bank_open_lines")
    finance.shoot("to-reconcile")
    print(finance.page.inner_text(".o_list_view"))
