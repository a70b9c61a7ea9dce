# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The visitors' script in a real browser, on a landing page of another origin: nothing before consent, all of it after."""

import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>水泵</title>
<script src="%s"></script></head>
<body><form data-crm-visitor action="/thanks" method="get"><input name="phone" value="13800138000"><button>Send</button></form>
</body></html>"""


@pytest.fixture(scope="module")
def channel(open_screen):
    """A channel with the script switched on, made by the director: (id, address of the script)."""
    screen = open_screen("director")
    channel_id = call(screen, "crm.intake.channel", "create", {"name": f"Site {uuid.uuid4()}", "kind": "website"})
    call(screen, "crm.intake.channel", "action_start_visitors", [channel_id])
    yield channel_id, screen.url + "/crm/visitor/" + read(screen, channel_id)["visitor_key"]
    call(screen, "crm.intake.channel", "action_stop_visitors", [channel_id])


def call(screen, model, method, *args, **kwargs):
    """An RPC of the logged-in user."""
    params = {"model": model, "method": method, "args": list(args), "kwargs": kwargs}
    answer = screen.page.evaluate(
        """async params => (await fetch("/web/dataset/call_kw", {
            method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({jsonrpc: "2.0", params}),
        })).json()""",
        params,
    )
    assert "error" not in answer, answer
    return answer.get("result")


def read(screen, channel_id):
    return call(screen, "crm.intake.channel", "read", [channel_id], ["visitor_key"])[0]


@pytest.fixture(scope="module")
def site(channel):
    """A landing page that includes the script, on a server of its own."""
    body = (PAGE % (channel[1] + ".js")).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def visit(browser, channel):
    """A fresh browser on the landing page, with the beacons it sends."""
    context = browser.new_context()
    page = context.new_page()
    page.beacons = []
    page.on("request", lambda request: request.url == channel[1] and page.beacons.append(request.post_data_json))
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    yield page
    assert page.problems == []
    context.close()


def stored(page):
    return page.evaluate("() => [localStorage.length, sessionStorage.length, document.cookie]")


def visitors(open_screen, channel, key):
    fields = ["visits", "pages", "seconds", "utm_source", "keyword", "landing_page"]
    domain = [["channel_id", "=", channel[0]], ["key", "=", key]]
    return call(open_screen("director"), "crm.visitor", "search_read", domain, fields)


def wait_for_visitors(visit, open_screen, channel, key, fits):
    """The visitors, once they fit: what a page sends arrives when it arrives."""
    end = time.monotonic() + 60
    while not fits(found := visitors(open_screen, channel, key)):
        assert time.monotonic() < end, found
        visit.wait_for_timeout(200)
    return found


def test_nothing_is_stored_or_sent_before_consent(visit, site):
    visit.goto(site + "/?utm_source=baidu")
    visit.wait_for_function("() => window.crmVisitor")
    visit.wait_for_timeout(500)
    visit.goto(site + "/two")
    visit.wait_for_timeout(500)
    assert stored(visit) == [0, 0, ""]
    assert visit.context.cookies() == []
    assert visit.beacons == []
    assert visit.evaluate("() => crmVisitor.id()") is None


def test_a_form_sent_without_consent_names_nobody(visit, site):
    visit.goto(site)
    visit.click("button")
    visit.wait_for_url("**/thanks**")
    assert "crm_visitor" not in visit.url


def test_with_consent_pages_time_and_origin_are_counted(visit, site, channel, open_screen):
    visit.goto(site + "/pump?utm_source=baidu&utm_term=水泵&tel=138")
    visit.evaluate("() => crmVisitor.allow()")
    visit.wait_for_timeout(1300)
    visit.goto(site + "/price")
    key = visit.evaluate("() => crmVisitor.id()")
    assert visit.context.cookies() == []
    # leaving one page and entering the next may meet in the database: one comes again
    (visitor,) = wait_for_visitors(
        visit, open_screen, channel, key, lambda found: found and found[0]["pages"] == 2 and found[0]["seconds"]
    )
    assert (visitor["visits"], visitor["pages"], visitor["utm_source"]) == (1, 2, "baidu")
    assert (visitor["keyword"], visitor["landing_page"]) == ("水泵", f"{site.rsplit(':', 1)[0]}/pump")
    assert 1 <= visitor["seconds"] <= 60


def test_a_form_sent_with_consent_carries_the_visitor(visit, site):
    visit.goto(site)
    visit.evaluate("() => crmVisitor.allow()")
    key = visit.evaluate("() => crmVisitor.id()")
    visit.click("button")
    visit.wait_for_url("**/thanks**")
    assert f"crm_visitor={key}" in visit.url


def test_consent_taken_back_erases_everything(visit, site, channel, open_screen):
    visit.goto(site)
    visit.evaluate("() => crmVisitor.allow()")
    key = visit.evaluate("() => crmVisitor.id()")
    wait_for_visitors(visit, open_screen, channel, key, bool)
    visit.evaluate("() => crmVisitor.deny()")
    wait_for_visitors(visit, open_screen, channel, key, lambda found: not found)
    assert stored(visit) == [0, 0, ""]
    beacons = len(visit.beacons)
    visit.goto(site + "/two")
    visit.wait_for_timeout(500)
    assert len(visit.beacons) == beacons
