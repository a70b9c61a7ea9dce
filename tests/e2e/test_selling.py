# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Ways of selling: a project with its parties seen by owner and sub-team, a quick deal that becomes another, an org chart."""

from screen import PHONE

CALL = """([model, method, args]) => fetch("/web/dataset/call_kw", {
    method: "POST",
    headers: {"Content-Type": "application/json"},
    body: JSON.stringify({jsonrpc: "2.0", params: {model, method, args, kwargs: {}}}),
}).then(answer => answer.json())"""


def call(screen, model, method, *args):
    """The answer of a call over JSON-RPC with the session of the screen: {"result": …} or {"error": …}."""
    return screen.page.evaluate(CALL, [model, method, list(args)])


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


def test_a_project_is_shared_with_the_sub_team_and_nothing_else_is(open_screen):
    rep = open_screen("rep")
    [project] = call(rep, "crm.lead", "search", [["name", "=", "坪山电池工厂二期空压站"]])["result"]
    open_record(rep, "crm_core.menu_projects", project, "crm.lead")
    open_tab(rep, "party_ids")
    rep.shoot("project-parties")
    assert len(rep.page.query_selector_all(".crm_party_card")) == 4
    assert rep.page.query_selector(".o_field_widget[name='probability']:visible"), "the chance of winning is shown"
    assert rep.problems == []

    rep2 = open_screen("rep2")
    rep2.open_menu("crm_core.menu_my_parties")
    rep2.shoot("my-parties")
    assert len(rep2.page.query_selector_all(".crm_party_card")) == 1
    assert call(rep2, "crm.lead", "search_count", [["user_id.login", "=", "rep"]])["result"] == 1
    refused = call(rep2, "crm.lead", "write", [project], {"expected_revenue": 1})
    assert "陈志远" in refused["error"]["data"]["message"], "who may change it is named"
    task = call(rep2, "mail.activity", "search", [["crm_party_id", "!=", False], ["user_id.login", "=", "rep2"]])["result"][0]
    assert "error" not in call(rep2, "mail.activity", "action_feedback", [task])
    assert call(rep2, "mail.activity", "search_count", [["id", "=", task]])["result"] == 0
    assert rep2.problems == []


def test_a_deal_sold_another_way_goes_on_as_far_along(open_screen):
    rep = open_screen("rep")
    [old] = call(rep, "crm.lead", "search_read", [["name", "=", "年度保养合同"]], ["selling_model_id", "stage_id"])["result"]
    deal = old["id"]
    open_record(rep, "crm_core.menu_quick_deals", deal, "crm.lead")
    open_tab(rep, "quick_need")
    rep.shoot("quick-deal")
    before = rep.page.inner_text(".o_statusbar_status .btn-primary")
    rep.page.click(".o_form_button_edit")
    rep.page.click(".o_field_widget[name='selling_model_id'] input")
    rep.page.click(".ui-autocomplete:visible li:has-text('项目'), .ui-autocomplete:visible li:has-text('Projects')")
    assert rep.page.inner_text(".o_notification"), "the change of the stage is said"  # for some seconds
    rep.settle()
    after = rep.page.inner_text(".o_statusbar_status .btn-primary")
    assert after != before
    rep.page.click(".o_form_button_save")
    rep.settle()
    assert rep.page.inner_text(".o_statusbar_status .btn-primary") == after
    assert rep.problems == []
    call(rep, "crm.lead", "write", [deal], {"selling_model_id": old["selling_model_id"][0], "stage_id": old["stage_id"][0]})


def test_the_org_chart_fits_the_phone_and_opens_people(open_screen):
    rep = open_screen("rep", PHONE)
    [customer] = call(rep, "res.partner", "search", [["name", "like", "蓝鲸新能源"], ["is_company", "=", True]])["result"]
    open_record(rep, "crm_core.menu_customers", customer, "res.partner")
    open_tab(rep, "org_chart")
    rep.shoot("org-chart")
    assert len(rep.page.query_selector_all(".crm_org_card")) == 5
    assert rep.scroll_width() <= 0
    rep.page.click(".crm_org_card:has-text('姜春梅')")
    rep.page.wait_for_selector(".o_form_view:has-text('姜春梅')")
    rep.settle()
    assert rep.problems == []
