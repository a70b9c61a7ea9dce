# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Stage gates as people meet them: a rep at the desk and on the phone, the leader who approves."""

import re
import time

from screen import DESKTOP, PHONE

CARD = ".o_kanban_record:not(.o_kanban_ghost)"
CALL = """([model, method, args, kwargs]) => fetch("/web/dataset/call_kw", {
    method: "POST", headers: {"Content-Type": "application/json"},
    body: JSON.stringify({jsonrpc: "2.0", params: {model, method, args, kwargs}}),
}).then(answer => answer.json())"""


def call(screen, model, method, *args, **kwargs):
    """Call a method through the user's own session: what anybody with a log-in can do."""
    return screen.page.evaluate(CALL, [model, method, list(args), kwargs])


def stage(screen, xmlid):
    found = call(screen, "crm.stage", "search_read", [["id", "!=", 0]], ["id", "name"])["result"]
    names = {"crm.stage_lead2": ("Qualified", "合格", "已合格"), "crm.stage_lead3": ("Proposition", "提议", "建议")}[xmlid]
    return next(row["id"] for row in found if row["name"] in names)


def new_lead(screen, name):
    vals = {"name": name, "type": "opportunity", "stage_id": stage(screen, "crm.stage_lead2")}
    answer = call(screen, "crm.lead", "create", vals)
    assert "result" in answer, answer
    return answer["result"]


def form(screen, lead):
    page = screen.page
    page.goto("about:blank")
    page.goto(f"{screen.url}/web#id={lead}&model=crm.lead&view_type=form")
    page.wait_for_selector(".o_form_view .crm_gate_panel li")
    screen.settle()


def test_rep_drags_is_told_all_and_brings_it(open_screen):
    screen = open_screen("rep", DESKTOP)
    page = screen.page
    screen.open_menu("crm.crm_menu_root")
    name = "闸门测试 %d" % time.time()
    lead = new_lead(screen, name)
    target = stage(screen, "crm.stage_lead3")

    # by RPC: refused, with the list
    answer = call(screen, "crm.lead", "write", [lead], {"stage_id": target})
    assert answer["error"]["data"]["name"].endswith("GateError")
    assert "客户需求书" in answer["error"]["data"]["message"]

    # dragged in the pipeline: the same list, and the card is where it was
    screen.open_menu("crm.menu_crm_opportunities")
    page.wait_for_selector(".o_kanban_group")
    card = page.locator(CARD, has_text=name)
    card.scroll_into_view_if_needed()
    column = page.locator(f'.o_kanban_group[data-id="{target}"]')
    box, goal = card.bounding_box(), column.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 20, steps=3)
    page.mouse.move(goal["x"] + 60, box["y"] + 12, steps=15)
    page.mouse.move(goal["x"] + 70, box["y"] + 20, steps=5)
    screen.shoot("gate-drag")
    page.mouse.up()
    dialog = page.locator(".modal.show")
    dialog.wait_for()
    text = dialog.inner_text()
    assert text.count("•") == 4, text
    assert "客户需求书" in text
    assert "已见到决策人" in text
    screen.shoot("gate-drag-refused")
    dialog.locator("footer button, .modal-footer button").first.click()
    page.wait_for_selector(".modal.show", state="detached")
    screen.settle()
    start = stage(screen, "crm.stage_lead2")
    assert page.locator(f'.o_kanban_group[data-id="{start}"]', has_text=name).count() == 1

    # on the form: each line leads to what is missing
    form(screen, lead)
    screen.shoot("gate-panel")
    missing = page.locator(".crm_gate_missing")
    assert missing.count() == 4
    page.locator(".crm_gate_tick").check()
    page.wait_for_function("() => document.querySelectorAll('.crm_gate_missing').length === 3")
    page.locator(".crm_gate_file").set_input_files({"name": "需求.txt", "mimeType": "text/plain", "buffer": b"5000 a month"})
    page.wait_for_function("() => document.querySelectorAll('.crm_gate_missing').length === 2")
    page.locator('.crm_gate_field[data-field="expected_revenue"]').click()
    page.wait_for_selector('.o_form_editable [name="expected_revenue"] input:focus, .o_form_editable input[name="expected_revenue"]:focus')
    page.keyboard.press("Control+A")
    page.keyboard.type("50000")
    page.locator('.crm_gate_field[data-field="date_deadline"]').click()
    page.wait_for_selector('.o_form_editable [name="date_deadline"] input:focus')
    page.keyboard.type("2030-01-31")
    page.keyboard.press("Escape")
    page.locator(".o_form_button_save").click()
    page.wait_for_selector(".o_form_readonly .crm_gate_move")
    screen.settle()
    screen.shoot("gate-panel-complete")
    page.locator(".crm_gate_move").click()
    button = f'.o_statusbar_status button[data-value="{target}"]'
    page.wait_for_selector(f'{button}.btn-primary, {button}[aria-checked="true"]')
    assert screen.problems == []


def test_leader_decides_what_waits_also_on_the_phone(open_screen):
    rep = open_screen("rep", PHONE)
    lead = call(rep, "crm.lead", "search", [["name", "=", "前海人才公寓机电设备项目"]])["result"][0]
    form(rep, lead)
    rep.shoot("gate-panel-waiting")
    assert rep.scroll_width() <= 0
    assert rep.page.locator(".crm_gate_grant").count() == 0
    forged = call(rep, "crm.gate.approval", "search", [["lead_id", "=", lead], ["state", "=", "requested"]])["result"]
    for method, args in (("action_grant", [forged]), ("write", [forged, {"state": "granted"}])):
        assert "error" in call(rep, "crm.gate.approval", method, *args), "a rep approved the own request"
    screen = open_screen("leader", PHONE)
    page = screen.page
    screen.open_menu("crm_core.menu_gate_approvals")
    screen.shoot("gate-approvals")
    assert screen.scroll_width() <= 0
    card = page.locator(CARD, has_text="前海人才公寓机电设备项目")
    card.locator(".crm_gate_grant").tap()
    page.wait_for_function("() => !document.querySelector('.crm_gate_grant')")
    screen.settle()
    form(rep, lead)
    assert rep.page.locator(".crm_gate_missing").count() == 0
    rep.page.locator(".crm_gate_move").tap()
    rep.page.wait_for_function("() => !document.querySelector('.crm_gate_move')")
    rep.settle()
    assert re.search("error", " ".join(rep.problems)) is None, rep.problems


def test_director_sees_every_screen_of_it(open_screen):
    screen = open_screen("director", DESKTOP)
    for menu in ("gates", "gate_documents", "gate_approvals", "reminder_rules", "deal_cycles", "stage_moves"):
        screen.open_menu(f"crm_core.menu_{menu}")
        screen.shoot(f"gates-{menu}")
    screen.open_menu("crm_core.menu_gates")
    screen.page.locator("tr.o_data_row").first.click()
    screen.page.wait_for_selector(".o_form_view")
    screen.settle()
    screen.shoot("gates-form")
    assert screen.problems == []
