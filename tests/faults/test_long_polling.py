# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""With several workers, as in production, what happens reaches an open web client at once."""

import http.cookiejar
import json
import os
import threading
import time
import urllib.request

import pytest

from erplib.cluster import Cluster
from erplib.layout import Layout
from erplib.server import Server
from erplib.system import free_port

DATABASE = "test_long_polling"


@pytest.fixture(scope="module")
def server():
    layout = Layout()
    cluster = Cluster(layout)
    cluster.drop(DATABASE)
    cluster.clone(os.environ["ERP_DB"], DATABASE)
    port = free_port()
    server = Server(layout, os.environ["ERP_CONFIG"], DATABASE, free_port(), ["--workers=1", f"--longpolling-port={port}"])
    server.polling = f"http://127.0.0.1:{port}"
    try:
        with server:
            yield server
    finally:
        cluster.drop(DATABASE)


class Client:
    def __init__(self, server):
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )
        credentials = {"db": DATABASE, "login": "admin", "password": os.environ["ERP_ADMIN_PASSWORD"]}
        assert self.ask(server.url + "/web/session/authenticate", **credentials)["uid"]

    def ask(self, url, **params):
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode()
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
        with self.opener.open(request, timeout=70) as response:
            answer = json.load(response)
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def call(self, server, model, method, *args, **kwargs):
        return self.ask(f"{server.url}/web/dataset/call_kw", model=model, method=method, args=list(args), kwargs=kwargs)


def test_a_notification_appears_in_an_open_client(server):
    client = Client(server)
    [channel] = client.call(server, "crm.notification.channel", "search", [["kind", "=", "inapp"]])
    deadline = time.monotonic() + 120
    while True:  # the process for polling may need a moment more than the one for pages
        try:
            client.ask(server.polling + "/longpolling/im_status", partner_ids=[])
            break
        except OSError:
            assert time.monotonic() < deadline, "nobody listens for long polling"
            time.sleep(0.5)
    sender = threading.Timer(1.0, client.call, [server, "crm.notification.channel", "action_send_test", [channel]])
    start = time.monotonic()
    sender.start()
    shown = client.ask(server.polling + "/longpolling/poll", channels=[], last=0)
    sender.join()
    assert any(bus["channel"][1] == "ir.needaction" for bus in shown)
    assert time.monotonic() - start < 40, "it came with the end of the poll, not at once"
