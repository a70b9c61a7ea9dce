# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A manager adds a field to the customer form and an automation, "VIP customer without contact for 14 days → activity and
robot message", without code; the hourly run then does what the automation says. And arranges a role's menus."""

import json
import time
from datetime import datetime, timedelta

import pytest
from screen import PHONE

FIELD = ".o_form_view .o_field_widget[name={}]"
DIALOG = ".modal.show .o_field_widget[name={}]"


@pytest.fixture(scope="module")
def stamp():
    return int(time.time()) % 1_000_000


def call(screen, model, method, *args, **kwargs):
    """What the server answers the user of the screen."""
    body = {"jsonrpc": "2.0", "params": {"model": model, "method": method, "args": list(args), "kwargs": kwargs}}
    answer = screen.page.evaluate(
        """body => fetch('/web/dataset/call_kw', {
               method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)}).then(a => a.json())""",
        body,
    )
    assert "error" not in answer, answer["error"]["data"]["message"]
    return answer["result"]


@pytest.fixture(scope="module")
def admin(open_screen):
    return open_screen("admin")


@pytest.fixture(scope="module")
def customer(admin):
    """A VIP customer with whom nobody spoke for twenty days: {id, display_name}."""
    found = call(admin, "res.partner", "search_read", [("customer_grade", "=", "vip")], ["display_name"], limit=1)
    assert found, "the demo company has no VIP customer"
    moment = datetime.utcnow() - timedelta(days=20)
    call(admin, "res.partner", "write", [found[0]["id"]], {"date_last_follow_up": moment.strftime("%Y-%m-%d %H:%M:%S")})
    return found[0]


@pytest.fixture(scope="module")
def robot(admin, stamp):
    values = {"name": f"销售群{stamp}", "kind": "wecom", "url": "http://127.0.0.1:9/send?key=none", "active": True}
    robot_id = call(admin, "crm.notification.channel", "create", values)
    yield {"id": robot_id, "name": values["name"]}
    call(admin, "crm.notification.channel", "write", [robot_id], {"active": False})


@pytest.fixture(scope="module", autouse=True)
def cleaned(admin, stamp):
    """What the test makes goes with it."""
    yield
    for model in ("crm.automation", "crm.custom.field"):
        made = call(admin, model, "search", [("name", "like", str(stamp))], context={"active_test": False})
        call(admin, model, "unlink", made)


def choose(page, selector, value):
    """Choose in a drop-down; its values are JSON."""
    page.wait_for_selector(f"{selector} option[value='{json.dumps(value)}']", state="attached")
    page.select_option(selector, json.dumps(value))


def link(screen, selector, text):
    """Choose a record by its name, among those the server found by it: the list before is of no use any more."""
    page = screen.page
    with page.expect_response(lambda answer: "/name_search" in answer.url and text in (answer.request.post_data or "")):
        page.fill(f"{selector} input", text)
    screen.settle()
    page.click(f".ui-autocomplete:visible li:has-text('{text}')")


def save(screen):
    screen.page.click(".o_form_button_save")
    screen.page.wait_for_selector(".o_form_readonly, .modal.show")
    screen.settle()
    dialog = screen.page.query_selector(".modal.show")
    assert not dialog, dialog.inner_text()


def test_a_field_is_added_to_the_customer_form_and_used(open_screen, stamp, customer):
    screen = open_screen("director")
    page = screen.page
    screen.open_menu("crm_core.menu_custom_fields")
    page.click(".o_list_button_add")
    page.wait_for_selector(FIELD.format("name"))
    label = f"年度目标{stamp}"
    page.fill(FIELD.format("name"), label)
    choose(page, FIELD.format("model"), "res.partner")
    choose(page, FIELD.format("kind"), "choice")
    choose(page, FIELD.format("place"), "after:website")
    for number, choice in enumerate(("拓展", "维持"), 1):
        page.click(".o_field_widget[name=option_ids] .o_field_x2many_list_row_add a")
        # the new line, not the one before, which stays open until the client is done with it
        page.fill(f".o_field_widget[name=option_ids] .o_data_row.o_selected_row:nth-child({number}) input[name=name]", choice)
    screen.shoot("nocode-field")
    save(screen)

    screen.open_menu("crm_core.menu_customers")
    page.goto(page.url.split("&view_type")[0] + f"&view_type=form&id={customer['id']}")
    page.wait_for_selector(".o_form_readonly")
    screen.settle()
    page.click(".o_form_button_edit")
    page.wait_for_selector(f".o_form_editable label:has-text('{label}')")
    name = page.get_attribute(f".o_form_editable label:has-text('{label}')", "for")
    page.select_option(f"select[id='{name}']", label="拓展")
    screen.shoot("nocode-field-on-the-customer-form")
    save(screen)
    assert page.query_selector(f"tr:has(label:has-text('{label}')):has-text('拓展')")
    assert screen.problems == []


def test_an_automation_is_built_and_runs(open_screen, stamp, admin, customer, robot):
    screen = open_screen("director")
    page = screen.page
    screen.open_menu("crm_core.menu_automations")
    page.click(".o_list_button_add")
    page.wait_for_selector(FIELD.format("name"))
    name = f"VIP 客户 14 天未联系 {stamp}"
    page.fill(FIELD.format("name"), name)
    page.fill(FIELD.format("delay"), "14")
    page.select_option(FIELD.format("date_field_id"), label=_label(screen, "res.partner", "date_last_follow_up"))
    _add_condition(screen, "customer_grade", "vip")
    _add_activity(screen, stamp)
    _add_robot(screen, robot)
    page.wait_for_selector(".crm_flow_chart")
    screen.shoot("nocode-automation-edit")
    save(screen)
    screen.shoot("nocode-automation")
    drawn = page.text_content(".crm_flow_chart")
    assert "VIP" in drawn
    assert robot["name"] in drawn

    page.click("button[name=action_dry_run]")
    page.wait_for_selector(f".o_list_view .o_data_row:has-text('{customer['display_name']}')")
    screen.settle()
    screen.shoot("nocode-automation-dry-run")

    for _run in range(2):  # the second run finds that it was done
        call(admin, "ir.cron", "method_direct_trigger", [_id_of(admin, "ir_cron_automation")])
    found = call(admin, "crm.automation", "search", [("name", "=", name)])
    logs = call(admin, "crm.automation.log", "search_read", [("automation_id", "in", found)], ["res_id", "state", "message"])
    assert [log["state"] for log in logs if log["res_id"] == customer["id"]] == ["done"]
    assert {log["state"] for log in logs} == {"done"}, logs
    queued = call(admin, "crm.notification", "search_read", [("channel_id", "=", robot["id"])], ["subject", "body"])
    assert any(customer["display_name"] in f"{note['subject']} {note['body']}" for note in queued), queued

    screen.open_menu("crm_core.menu_customers")
    page.goto(page.url.split("&view_type")[0] + f"&view_type=form&id={customer['id']}")
    page.wait_for_selector(f".o_Activity:has-text('{stamp}')")
    screen.shoot("nocode-activity")
    assert screen.problems == []


def _label(screen, model, field):
    return call(screen, model, "fields_get", [field], ["string"], context={"lang": "zh_CN"})[field]["string"]


def _add_condition(screen, field, value):
    page = screen.page
    page.click(f"{FIELD.format('condition')} .o_domain_add_first_node_button")
    page.click(f"{FIELD.format('condition')} .o_field_selector_value")
    page.fill(".o_field_selector_popover:visible .o_field_selector_search input", _label(screen, "res.partner", field))
    page.click(f".o_field_selector_popover:visible .o_field_selector_item[data-name={field}]")
    screen.settle()
    choices = f"{FIELD.format('condition')} .o_domain_leaf_value_input"
    page.select_option(choices, value=value)
    screen.settle()


def _add_activity(screen, stamp):
    page = screen.page
    page.click(f"{FIELD.format('step_ids')} .o_field_x2many_list_row_add a")
    page.wait_for_selector(DIALOG.format("kind"))
    link(screen, DIALOG.format("activity_type_id"), _first_type(screen))
    page.fill(DIALOG.format("subject"), f"联系 {{name}} {stamp}")
    screen.shoot("nocode-step")
    page.click(".modal.show .modal-footer .btn-primary >> nth=0")
    page.wait_for_selector(".modal", state="detached")
    screen.settle()


def _first_type(screen):
    return call(screen, "mail.activity.type", "name_search", "", limit=1, context={"lang": "zh_CN"})[0][1]


def _add_robot(screen, robot):
    page = screen.page
    page.click(f"{FIELD.format('step_ids')} .o_field_x2many_list_row_add a")
    choose(page, DIALOG.format("kind"), "robot")
    link(screen, DIALOG.format("channel_id"), robot["name"])
    page.fill(DIALOG.format("subject"), "{name} 已 14 天未联系")
    page.click(".modal.show .modal-footer .btn-primary >> nth=0")
    page.wait_for_selector(".modal", state="detached")
    screen.settle()


def test_the_flow_chart_fits_the_phone(open_screen, stamp):
    screen = open_screen("director", PHONE)
    page = screen.page
    screen.open_menu("crm_core.menu_automations")
    page.click(f".o_data_row:has-text('{stamp}')")
    page.wait_for_selector(".crm_flow_chart")
    screen.settle()
    assert screen.scroll_width() == 0
    box = page.query_selector(".crm_flow_chart").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= screen.size[0]
    page.query_selector(".crm_flow_chart").scroll_into_view_if_needed()
    screen.shoot("nocode-flow-chart")
    assert screen.problems == []


def test_a_menu_is_hidden_for_reps(open_screen, admin):
    screen = open_screen("director")
    page = screen.page
    role = _id_of(admin, "group_sales_rep")
    name = call(screen, "ir.ui.menu", "read", [_id_of(admin, "menu_pool")], ["name"], context={"lang": "zh_CN"})[0]["name"]
    screen.open_menu("crm_core.menu_role_menus")
    choose(page, FIELD.format("group_id"), role)
    page.wait_for_selector(".o_form_view .o_data_row")
    screen.settle()
    screen.shoot("nocode-menus")
    page.click(f".o_data_row:has(td:text-is('{name}')) .o_boolean_toggle")
    with page.expect_navigation():  # the client is loaded anew, with the menus as they are now
        page.click("button[name=action_save]")
    screen.settle()
    rep = open_screen("rep")
    try:
        rep.page.reload()  # the client keeps its menus by a hash it was loaded with
        rep.settle()
        rep._menus = screen._menus = None
        assert "crm_core.menu_pool" not in rep.menus()
        assert "crm_core.menu_pool" in screen.menus()
    finally:
        call(admin, "crm.role.menu", "unlink", call(admin, "crm.role.menu", "search", [("group_id", "=", role)]))
        rep._menus = None


def _id_of(admin, name):
    found = call(admin, "ir.model.data", "search_read", [("module", "=", "crm_core"), ("name", "=", name)], ["res_id"])
    return found[0]["res_id"]
