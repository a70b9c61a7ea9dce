# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Pages, PDFs and jobs reach nothing but this machine: every connect() of the server and its children is traced."""

import http.cookiejar
import json
import os
import urllib.request
import xmlrpc.client
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


@pytest.fixture(scope="module")
def rpc():
    uid = xmlrpc.client.ServerProxy(f"{URL}/xmlrpc/2/common").authenticate(DATABASE, "admin", PASSWORD, {})
    proxy = xmlrpc.client.ServerProxy(f"{URL}/xmlrpc/2/object", allow_none=True)

    def call(model, method, *arguments, **options):
        return proxy.execute_kw(DATABASE, uid, PASSWORD, model, method, list(arguments), options)

    return call


@pytest.fixture(scope="module")
def browser():
    """An opener that is logged in as the administrator."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    body = {"jsonrpc": "2.0", "params": {"db": DATABASE, "login": "admin", "password": PASSWORD}}
    request = urllib.request.Request(f"{URL}/web/session/authenticate", json.dumps(body).encode(), {"Content-Type": "application/json"})
    assert json.load(opener.open(request))["result"]["uid"]
    return opener


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
        except xmlrpc.client.Fault as fault:
            # A scheduled action may find nothing to do or be misconfigured; it must not have asked the outside.
            print(f"{cron['cron_name']}: {fault.faultString.strip().splitlines()[-1]}")


def test_sending_a_text_message_or_mail_stays_here(rpc):
    sms = rpc("sms.sms", "create", {"number": "+8613800000000", "body": "probe"})
    rpc("sms.sms", "send", [sms])
    mail = rpc("mail.mail", "create", {"subject": "probe", "email_to": "nobody@example.com", "body_html": "probe"})
    rpc("mail.mail", "send", [mail])
