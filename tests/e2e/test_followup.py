# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Follow-ups as a rep logs them on the phone, at the customer's door, and as the leader looks at them."""

import uuid

import pytest
from screen import DESKTOP, PHONE, Screen

DOOR = {"latitude": 22.6523, "longitude": 113.8381, "accuracy": 12}
FAR = {"latitude": 22.9523, "longitude": 113.8381, "accuracy": 12}
FORM = ".modal.show .crm_followup_form"
LOG = ".crm_status_strip button[name]:has(.fa-pencil)"
SAVE = ".modal.show .crm_followup_save"
#: A phone that writes down what it hears: says the words as soon as it listens
SPEECH = """window.SpeechRecognition = class {
    start() {
        this.onstart();
        this.onresult({resultIndex: 0, results: [Object.assign([{transcript: "他要两台泵"}], {isFinal: true})]});
        this.onend();
    }
    stop() {}
    abort() {}
}; delete window.webkitSpeechRecognition;"""
SILENCE = "delete window.SpeechRecognition; delete window.webkitSpeechRecognition;"


class Phone:
    """The rep's phone; counts taps, and the screens they lead through."""

    def __init__(self, screen):
        self.screen, self.page = screen, screen.page
        self.taps, self.seen = 0, []

    def tap(self, selector):
        self.taps += 1
        self.page.locator(selector).first.tap()
        self.screen.settle()
        self.look()

    def look(self):
        """What fills the screen now."""
        now = "form" if self.page.query_selector(FORM) else "customer"
        if self.seen[-1:] != [now]:
            self.seen.append(now)

    def choose(self, field, number):
        self.tap(f"{FORM} .crm_pills[name={field}] .o_radio_item >> nth={number}")

    def call(self, model, method, *args, **kwargs):
        """What the server answers this user."""
        body = {"params": {"model": model, "method": method, "args": args, "kwargs": kwargs}}
        answer = self.page.evaluate(
            """async body => (await (await fetch("/web/dataset/call_kw", {
                method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)})).json())""",
            body,
        )
        assert "error" not in answer, answer["error"]["data"]["message"]
        return answer["result"]

    def customer(self, number):
        """Open the card of one of the rep's customers, by place in the list; returns its id."""
        domain = [["is_customer", "=", True], ["parent_id", "=", False], ["partner_latitude", "=", False]]
        mine = self.call("res.partner", "search", [*domain, ["user_id.login", "=", "rep"]], order="id")
        action = self.screen.menus()["crm_core.menu_customers"]["action"].split(",")[1]
        self.page.goto("about:blank")
        self.page.goto(f"{self.screen.url}/web#action={action}&id={mine[number]}&model=res.partner&view_type=form")
        self.page.wait_for_selector(LOG)
        self.screen.settle()
        self.taps, self.seen = 0, ["customer"]
        return mine[number]

    def last(self, partner_id):
        fields = ["kind", "state", "verified", "missing", "distance_m", "distance_known", "summary", "photo_ids", "next_action_date"]
        return self.call("crm.followup", "search_read", [["commercial_partner_id", "=", partner_id]], fields, limit=1, order="id desc")[0]

    def count(self, partner_id):
        return self.call("crm.followup", "search_count", [["commercial_partner_id", "=", partner_id]])


@pytest.fixture(scope="session")
def phones(browser, url, password, screenshots):
    """The rep's phone, one that tells its place and one that does not; each logs in once."""
    screens = {}

    def opened(position=None, script=SPEECH):
        if script not in screens:
            screen = Screen(browser, url, PHONE, screenshots)
            screen.page.add_init_script(script)
            screen.log_in("rep", password("rep"))
            screens[script] = screen
        screen = screens[script]
        screen.forget_problems()
        if position:
            screen.context.grant_permissions(["geolocation"])
            screen.context.set_geolocation(position)
        return Phone(screen)

    yield opened
    for screen in screens.values():
        screen.close()


def picture(page, path):
    """A photo of its own, as a camera takes it."""
    page.evaluate("text => document.title = text", uuid.uuid4().hex)
    page.screenshot(path=str(path), type="jpeg", quality=80)
    with open(path, "ab") as file:
        file.write(uuid.uuid4().bytes)
    return str(path)


def test_a_visit_takes_one_screen_and_the_next_one_knows_the_place(phones, tmp_path):
    phone = phones(DOOR)
    page, screen = phone.page, phone.screen
    partner = phone.customer(0)
    screen.shoot("followup-customer")
    photo = picture(page, tmp_path / "door.jpg")
    phone.tap(LOG)
    screen.shoot("followup-new")
    phone.choose("kind", 2)
    assert page.locator(f"{FORM} [data-method=check_in]").bounding_box()["height"] >= 44
    phone.tap(f"{FORM} [data-method=check_in]")
    page.wait_for_selector(f"{FORM} [data-method=check_out]")
    phone.tap(f"{FORM} .crm_followup_keep > label")
    phone.tap(f"{FORM} .crm_dictate")
    assert page.input_value(f"{FORM} textarea[name=summary]") == "他要两台泵"
    page.set_input_files(f"{FORM} [name=photo_ids] input[type=file]", photo)
    page.wait_for_selector(f"{FORM} .crm_file_photo")
    screen.settle()
    phone.choose("outcome_id", 0)
    assert page.input_value(f"{FORM} [name=next_action_date] input"), "the outcome proposes a date"
    screen.shoot("followup-visit")
    assert screen.scroll_width() <= 0
    phone.tap(SAVE)
    page.wait_for_selector(FORM, state="detached")
    screen.settle()
    phone.look()
    screen.shoot("followup-saved")
    assert phone.seen == ["customer", "form", "customer"], "three screens, the last one where it began"
    visit = phone.last(partner)
    assert (visit["state"], visit["verified"], len(visit["photo_ids"])) == ("done", True, 1)
    assert visit["next_action_date"]
    assert visit["summary"] == "他要两台泵"
    assert screen.problems == []

    # The place is known from now on: no photo needed, and far away is seen
    screen.context.set_geolocation({**DOOR, "latitude": DOOR["latitude"] + 0.001})
    phone.tap(LOG)
    phone.choose("kind", 2)
    phone.tap(f"{FORM} [data-method=check_in]")
    page.wait_for_selector(f"{FORM} [data-method=check_out]")
    assert "111" in page.inner_text(f"{FORM} .crm_check_in")
    page.click(".modal.show .modal-footer [special=cancel], .modal.show .modal-footer .btn-secondary")
    page.wait_for_selector(FORM, state="detached")
    screen.settle()
    phone.tap(LOG)  # the visit in progress is opened again
    phone.tap(f"{FORM} [data-method=check_out]")
    page.wait_for_selector(f"{FORM} [data-method=check_out]", state="detached")
    phone.choose("outcome_id", 4)
    screen.shoot("followup-checked-out")
    phone.tap(SAVE)
    page.wait_for_selector(FORM, state="detached")
    screen.settle()
    visit = phone.last(partner)
    assert (visit["verified"], visit["distance_known"], visit["distance_m"]) == (True, True, 111)
    assert screen.problems == []


def test_a_call_takes_three_taps_and_a_double_tap_saves_once(phones):
    phone = phones(script=SILENCE)
    page, screen = phone.page, phone.screen
    partner = phone.customer(1)
    before = phone.count(partner)
    phone.tap(LOG)
    assert not page.query_selector(f"{FORM} .crm_dictate"), "a phone that cannot listen offers no dictation"
    phone.choose("outcome_id", 3)
    phone.taps += 1
    page.locator(SAVE).dblclick()
    page.wait_for_selector(FORM, state="detached")
    screen.settle()
    assert phone.taps == 3
    assert phone.count(partner) == before + 1
    assert (phone.last(partner)["kind"], phone.last(partner)["state"]) == ("call", "done")
    assert screen.problems == []


def test_a_refused_location_is_explained_and_the_visit_logged_all_the_same(phones):
    phone = phones(script=SILENCE)
    page, screen = phone.page, phone.screen
    partner = phone.customer(2)
    phone.tap(LOG)
    phone.choose("kind", 2)
    page.fill(f"{FORM} textarea[name=summary]", "门口没有信号")
    phone.tap(f"{FORM} [data-method=check_in]")
    page.wait_for_selector(f"{FORM} .crm_check_in_problem:not(:empty)")
    assert page.inner_text(f"{FORM} .crm_check_in_problem").strip()
    screen.shoot("followup-refused")
    assert screen.scroll_width() <= 0
    phone.choose("outcome_id", 4)
    phone.tap(SAVE)
    page.wait_for_selector(FORM, state="detached")
    screen.settle()
    visit = phone.last(partner)
    assert (visit["state"], visit["verified"], visit["missing"], visit["summary"]) == ("done", False, "check_in", "门口没有信号")
    assert screen.problems == []


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(phones, tmp_path):
    phone = phones(FAR)
    page, screen = phone.page, phone.screen
    partner = phone.customer(3)
    before = phone.count(partner)
    recording = tmp_path / "meeting.wav"
    with open(recording, "wb") as file:
        file.write(b"RIFF\x00\x00\x00\x00WAVEfmt ")
        file.truncate(200 << 20)
    phone.tap(LOG)
    page.fill(f"{FORM} textarea[name=summary]", "两小时的会议")
    page.set_input_files(f"{FORM} [name=recording_ids] input[type=file]", str(recording))
    page.wait_for_selector(f"{FORM} [name=recording_ids] .crm_files_problem:not(:empty)")
    problem = page.inner_text(f"{FORM} [name=recording_ids] .crm_files_problem")
    assert "200" in problem, problem
    assert "50" in problem, problem
    screen.shoot("followup-too-large")
    assert page.input_value(f"{FORM} textarea[name=summary]") == "两小时的会议"
    phone.tap(SAVE)  # without an outcome
    page.wait_for_selector(".modal.show .o_dialog_warning, .modal.show:has-text('?') .o_dialog_warning")
    screen.shoot("followup-no-outcome")
    page.locator(".modal.show:has(.o_dialog_warning) .modal-footer .btn").first.tap()
    screen.settle()
    assert page.input_value(f"{FORM} textarea[name=summary]") == "两小时的会议"
    phone.choose("outcome_id", 4)
    phone.tap(SAVE)
    page.wait_for_selector(FORM, state="detached")
    screen.settle()
    assert phone.count(partner) == before + 1, "one, however often it was tried"
    assert phone.last(partner)["summary"] == "两小时的会议"


@pytest.mark.parametrize("menu", ["menu_followups", "menu_followups_unverified"])
def test_the_leader_sees_what_nothing_proves(open_screen, menu):
    screen = open_screen("leader", DESKTOP)
    screen.open_menu("crm_core." + menu)
    for view in ("list", "kanban", "calendar", "pivot", "graph"):
        button = screen.page.query_selector(f".o_cp_switch_buttons .o_switch_view.o_{view}")
        if button:
            button.click()
            screen.settle()
        screen.shoot(f"leader-{menu}-{view}")
    assert screen.problems == []
    assert screen.scroll_width() <= 0


@pytest.mark.parametrize("menu", ["menu_followup_outcomes", "menu_transcription_providers", "menu_transcription_log"])
def test_the_director_sets_it_up(open_screen, menu):
    screen = open_screen("director", DESKTOP)
    screen.open_menu("crm_core." + menu)
    screen.shoot(f"director-{menu}")
    assert screen.problems == []
