# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The door of a running server: one person at once from many sides, several processes, no connections left."""

import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from intake_client import Admin, exchange, post, receipt, signed

from erplib.cluster import Cluster
from erplib.layout import Layout
from erplib.server import Server
from erplib.system import free_port

DATABASE = "test_intake_door"
AT_ONCE = 50


@pytest.fixture(scope="module")
def layout():
    return Layout()


@pytest.fixture(scope="module")
def cluster(layout):
    cluster = Cluster(layout)
    cluster.drop(DATABASE)
    cluster.clone(os.environ["ERP_DB"], DATABASE)
    yield cluster
    cluster.drop(DATABASE)


@pytest.fixture(scope="module")
def server(layout, cluster):
    with Server(layout, os.environ["ERP_CONFIG"], DATABASE, free_port()) as running:
        yield running


@pytest.fixture(scope="module")
def admin(server):
    return Admin(server.url, DATABASE, os.environ["ERP_ADMIN_PASSWORD"])


def at_once(port, requests):
    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(lambda request: exchange(port, request), requests))


def exchange_until_answered(port, request, seconds=180):
    """As a sender does that believes a 503: the same submission again in a moment."""
    end = time.monotonic() + seconds
    while (answer := exchange(port, request))[0] == 503 and time.monotonic() < end:
        time.sleep(0.5)
    return answer


def wait_until_processed(cluster, seconds=180):
    end = time.monotonic() + seconds
    while cluster.query("SELECT id FROM crm_touchpoint WHERE state = 'received' LIMIT 1", DATABASE):
        assert time.monotonic() < end, "the backlog is not processed"
        time.sleep(0.2)


def test_fifty_submissions_of_one_person_at_once_make_one_lead(server, cluster, admin):
    channel = admin.make_channel(name="At once")
    body = '{"name": "张伟", "phone": "138 1234 5678", "email": "zw@example.com"}'.encode()
    answers = at_once(server.port, [signed(channel, body, f"k{number}") for number in range(AT_ONCE)])
    assert len({receipt(answer) for answer in answers}) == AT_ONCE
    wait_until_processed(cluster)
    domain = [["channel_id.name", "=", "At once"]]
    touchpoints = admin.call("crm.touchpoint", "search_read", domain, ["lead_id", "outcome", "state"])
    assert len(touchpoints) == AT_ONCE
    assert {touchpoint["state"] for touchpoint in touchpoints} == {"done"}
    assert len({touchpoint["lead_id"][0] for touchpoint in touchpoints}) == 1
    assert sorted(touchpoint["outcome"] for touchpoint in touchpoints) == ["attached"] * (AT_ONCE - 1) + ["created"]


def test_one_submission_fifty_times_at_once_is_one(server, cluster, admin):
    channel = admin.make_channel(name="Again")
    request = signed(channel, b'{"phone": "13812340000"}', "same")
    assert len({receipt(answer) for answer in at_once(server.port, [request] * AT_ONCE)}) == 1
    assert admin.call("crm.touchpoint", "search_count", [["channel_id.name", "=", "Again"]]) == 1


def test_the_rate_holds_over_processes_and_at_once(layout, server, cluster, admin):
    channel = admin.make_channel(name="Rate", rate_limit=40)
    with Server(layout, os.environ["ERP_CONFIG"], DATABASE, free_port()) as other:
        while time.time() % 60 > 30:
            time.sleep(1)  # all within one minute
        requests = [signed(channel, b'{"phone": "1"}', f"r{number}") for number in range(AT_ONCE)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            ports = [server.port, other.port] * (AT_ONCE // 2)
            answers = list(pool.map(exchange_until_answered, ports, requests))
    taken = sum(status == 202 for status, _body in answers)
    assert {status for status, _body in answers} == {202, 429}
    assert 38 <= taken <= 40
    assert admin.call("crm.touchpoint", "search_count", [["channel_id.name", "=", "Rate"]]) == taken


def test_a_change_of_a_channel_is_seen_by_every_process(layout, server, cluster, admin):
    channel = admin.make_channel(name="Changing")
    [found] = admin.call("crm.intake.channel", "search", [["name", "=", "Changing"]])
    body = b'{"phone": "13812341111"}'
    with Server(layout, os.environ["ERP_CONFIG"], DATABASE, free_port()) as other:
        for port in (server.port, other.port):
            receipt(exchange(port, signed(channel, body, f"a{port}")))
        admin.call("crm.intake.channel", "write", [found], {"secret": "another secret"})
        for port in (other.port, server.port):
            assert exchange(port, signed(channel, body, f"b{port}"))[0] == 401
            receipt(exchange(port, signed((channel[0], "another secret"), body, f"c{port}")))
        admin.call("crm.intake.channel", "write", [found], {"active": False})
        for port in (other.port, server.port):
            assert exchange(port, signed((channel[0], "another secret"), body, f"d{port}"))[0] == 404


def test_a_server_that_starts_asks_to_come_again(layout, cluster, server):
    """Between the opening of the port and the loading of the addons there is no door yet: 503 then, never 404."""
    late = Server(layout, os.environ["ERP_CONFIG"], DATABASE, free_port())
    seen = set()
    request = post("/crm/intake/nobody", b"{}", [("Content-Length", 2), ("Content-Type", "application/json")])
    with ThreadPoolExecutor(1) as pool:
        starting = pool.submit(late.start)
        while not starting.done():
            seen.add(exchange_or_none(late.port, request))
        starting.result()
    late.stop()
    assert seen <= {None, 503, 404}
    assert exchange(server.port, request)[0] == 404


def exchange_or_none(port, request):
    try:
        return exchange(port, request)[0] or None
    except OSError:
        time.sleep(0.05)
        return None


def test_without_free_connections_senders_are_asked_to_come_again(layout, cluster, admin):
    """Fewer connections than submissions at once: some are stored, others get 503 and a number of seconds, never 500."""
    channel = admin.make_channel(name="Crowded")
    with Server(layout, os.environ["ERP_CONFIG"], DATABASE, free_port(), ["--db_maxconn=4", "--max-cron-threads=0"]) as small:
        requests = [signed(channel, b'{"phone": "1"}', f"p{number}") for number in range(AT_ONCE)]
        answers = at_once(small.port, requests)
    assert {status for status, _body in answers} <= {202, 503}
    taken = sum(status == 202 for status, _body in answers)
    assert taken
    assert admin.call("crm.touchpoint", "search_count", [["channel_id.name", "=", "Crowded"]]) >= taken


def test_a_refused_sender_gets_to_read_why(server):
    body = b"x" * (1 << 20)
    request = post("/crm/intake/nobody", body, [("Content-Type", "application/json"), ("Content-Length", len(body))])
    for _ in range(20):
        status, answer = exchange(server.port, request)
        assert (status, b"65536" in answer) == (413, True)


def test_the_example_on_the_form_works_in_a_shell(server, admin):
    channel = admin.make_channel(name="Shell")
    [found] = admin.call("crm.intake.channel", "search_read", [["name", "=", "Shell"]], ["example", "url"])
    script = found["example"].replace("SECRET='…'", f"SECRET='{channel[1]}'").replace(found["url"], f"{server.url}/crm/intake/{channel[0]}")
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=60)
    assert '"status": "accepted"' in done.stdout, (done.stdout, done.stderr)
