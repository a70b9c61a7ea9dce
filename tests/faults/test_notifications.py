# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Messages to three robots at the vendors' real rate limits, while vendors fail and the sending processes are killed.

Each message is shown once, in order; what nobody confirmed is marked so and not sent again.
"""

import os
import random
import signal
import sys
import threading
import time
import xmlrpc.client
from pathlib import Path

import pytest

from erplib.cluster import Cluster
from erplib.layout import Layout
from erplib.server import Server
from erplib.system import free_port
from erplib.workers import JobWorkers

sys.path.append(str(Path(__file__).parents[2] / "addons/crm_core/tests"))
from http_peer import HttpPeer
from robot_peer import DING, DING_SECRET, FEISHU, FEISHU_SECRET, WECOM, RobotPeer

DATABASE = "test_notifications"
MESSAGES = 24
KILLS = 4
ROBOTS = {"wecom": (WECOM, ""), "dingtalk": (DING, DING_SECRET), "feishu": (FEISHU, FEISHU_SECRET)}


@pytest.fixture(scope="module")
def peer():
    """The vendors; every now and then one fails."""
    rng, lock = random.Random(11), threading.Lock()

    def trouble():
        with lock:
            return rng.choice(["busy", "code", "after", "before"]) if rng.random() < 0.08 else None

    http = HttpPeer()
    robots = RobotPeer(trouble=trouble)
    http.answer = robots.answer
    yield http.url, robots
    http.close()


@pytest.fixture(scope="module")
def world():
    layout = Layout()
    cluster = Cluster(layout)
    cluster.drop(DATABASE)
    cluster.clone(os.environ["ERP_DB"], DATABASE)
    server = Server(layout, os.environ["ERP_CONFIG"], DATABASE, free_port())
    jobs = JobWorkers(layout, os.environ["ERP_CONFIG"], DATABASE, 2, server.port)
    server.environment = jobs.runner
    try:
        with jobs, server:
            yield cluster, server, jobs
    finally:
        cluster.drop(DATABASE)


def test_each_message_once_in_order(world, peer):
    cluster, server, jobs = world
    url, robots = peer
    call = connect(server)
    channels = {kind: make_channel(call, kind, url) for kind in ROBOTS}
    for channel in channels.values():
        cluster.query(QUEUE % (channel, MESSAGES), DATABASE)
        call("action_send_test", [channel])  # one more, and the job that sends them all
    start = time.monotonic()
    rng, killed = random.Random(5), 0
    while left(cluster) and time.monotonic() < start + 240:
        time.sleep(rng.uniform(2, 5))
        if killed < KILLS:
            killed += kill_worker(jobs, rng)
    print(f"{3 * MESSAGES} messages in {time.monotonic() - start:.0f} s, {killed} processes killed, {robots.too_fast} too fast")

    assert left(cluster) == 0
    assert robots.too_fast == 0
    assert killed >= 2
    for kind, channel in channels.items():
        shown = [text.splitlines()[0] for text in robots.taken[kind] if text.startswith("no. ")]
        assert shown == sorted(set(shown), key=lambda text: int(text.split()[1])), "once each, in order"
        states = dict(cluster.query(STATES % channel, DATABASE))
        assert set(states.values()) <= {"sent", "unsure"}
        assert {text for text, state in states.items() if state == "sent"} <= set(shown)
        assert len(set(shown)) >= MESSAGES - list(states.values()).count("unsure")


QUEUE = """
    INSERT INTO crm_notification (channel_id, subject, state, attempts, create_date)
    SELECT %d, 'no. ' || number, 'pending', 0, now() FROM generate_series(1, %d) AS number
"""
STATES = "SELECT subject, state FROM crm_notification WHERE channel_id = %d AND subject LIKE 'no. %%'"


def connect(server):
    password = os.environ["ERP_ADMIN_PASSWORD"]
    uid = xmlrpc.client.ServerProxy(f"{server.url}/xmlrpc/2/common").authenticate(DATABASE, "admin", password, {})
    objects = xmlrpc.client.ServerProxy(f"{server.url}/xmlrpc/2/object")
    return lambda method, *args: objects.execute_kw(DATABASE, uid, password, "crm.notification.channel", method, list(args))


def make_channel(call, kind, url):
    path, secret = ROBOTS[kind]
    return call("create", {"name": kind, "kind": kind, "active": True, "url": url + path, "secret": secret, "timeout": 3})


def left(cluster):
    query = "SELECT count(*) FROM crm_notification WHERE state IN ('pending', 'sending')"
    return int(cluster.query(query, DATABASE)[0][0])


def kill_worker(jobs, rng):
    """Kill one of the processes that run jobs; returns how many (0 or 1)."""
    workers = [worker for parent in children(jobs.keeper.pid) for worker in children(parent)]
    if workers:
        os.kill(rng.choice(workers), signal.SIGKILL)
    return bool(workers)


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as found:
            return [int(word) for word in found.read().split()]
    except OSError:
        return []
