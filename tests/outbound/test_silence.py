# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Pages, PDFs and jobs reach nothing but this machine: every connect() of the server and its children is traced."""

import http.cookiejar
import json
import os
import urllib.request
from pathlib import Path

import pytest

from erplib.testing import strangers

URL, DATABASE = os.environ["ERP_URL"], os.environ["ERP_DB"]
PASSWORD = os.environ["ERP_ADMIN_PASSWORD"]
#: A printed document of each kind: (report, model).
REPORTS = [
    ("sale.report_saleorder", "sale.order"),
    ("account.report_invoice_with_payments", "account.move"),
    ("stock.report_deliveryslip", "stock.picking"),
    ("purchase.report_purchaseorder", "purchase.order"),
]


class Refused(Exception):
    """The server's answer was an error."""


def post(opener, path, params):
    """Result of a JSON route."""
    body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode()
    answer = json.load(opener.open(urllib.request.Request(URL + path, body, {"Content-Type": "application/json"})))
    if "error" in answer:
        raise Refused(answer["error"]["data"]["message"])
    return answer.get("result")


@pytest.fixture(scope="module")
def browser():
    """An opener that is logged in as the administrator."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    assert post(opener, "/web/session/authenticate", {"db": DATABASE, "login": "admin", "password": PASSWORD})["uid"]
    return opener


@pytest.fixture(scope="module")
def rpc(browser):
    def call(model, method, *arguments, **options):
        return post(browser, "/web/dataset/call_kw", {"model": model, "method": method, "args": arguments, "kwargs": options})

    return call


@pytest.fixture(autouse=True)
def silence():
    """The trace sees the server work, and sees it talk to nobody outside."""
    trace = Path(os.environ["ERP_TRACE"])
    before = trace.stat().st_size
    yield
    assert trace.stat().st_size >= before
    assert "connect(" in trace.read_text(errors="replace"), "the tracer saw nothing at all"
    assert not strangers(trace)


@pytest.mark.parametrize("path", ["/web", "/web/login", "/my", "/web/manifest.webmanifest", "/service-worker.js"])
def test_pages(browser, path):
    try:
        status = browser.open(URL + path).status
    except urllib.error.HTTPError as error:
        status = error.code
    assert status < 500


@pytest.mark.parametrize(("report", "model"), REPORTS)
def test_printed_documents(rpc, browser, report, model):
    domain = [("move_type", "=", "out_invoice"), ("state", "=", "posted")] if model == "account.move" else []
    (record,) = rpc(model, "search", domain, limit=1)
    assert browser.open(f"{URL}/report/pdf/{report}/{record}").read().startswith(b"%PDF")


def test_every_scheduled_action(rpc):
    crons = rpc("ir.cron", "search_read", [], ["cron_name"])
    assert len(crons) > 10
    for cron in crons:
        try:
            rpc("ir.cron", "method_direct_trigger", [cron["id"]])
        except Refused as refusal:
            # A scheduled action may be misconfigured; it must not have asked the outside.
            print(f"{cron['cron_name']}: {refusal}")


def test_sending_a_text_message_or_mail_stays_here(rpc):
    sms = rpc("sms.sms", "create", {"number": "+8613800000000", "body": "probe"})
    rpc("sms.sms", "send", [sms])
    mail = rpc("mail.mail", "create", {"subject": "probe", "email_to": "nobody@example.com", "body_html": "probe"})
    rpc("mail.mail", "send", [mail])
