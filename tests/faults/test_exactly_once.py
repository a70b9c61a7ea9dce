# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""10,000 submissions, with retries and duplicates, while the processes that make leads of them are killed.

Every accepted submission becomes one touchpoint, every person one lead, nothing is missing, and the jobs of the killed
processes go on by themselves.
"""

import hashlib
import hmac
import json
import os
import random
import signal
import threading
import time
import urllib.error
import urllib.request
import xmlrpc.client
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from erplib.cluster import Cluster
from erplib.layout import Layout
from erplib.server import Server
from erplib.system import free_port
from erplib.workers import JobWorkers

SEED = 20260
SUBMISSIONS = int(os.environ.get("CRM_FAULT_SUBMISSIONS", 10_000))
REPEATED = 0.1  # sent twice, as by a client that saw no answer
KNOWN = 0.15  # another submission of somebody who is there already
CLIENTS = 8
WORKERS = 2
KILLS = 12
DATABASE = "test_exactly_once"


@pytest.fixture(scope="module")
def world():
    """A server with its workers on a database of its own; ends with all of them."""
    layout = Layout()
    cluster = Cluster(layout)
    cluster.drop(DATABASE)
    cluster.clone(os.environ["ERP_DB"], DATABASE)
    server = Server(layout, os.environ["ERP_CONFIG"], DATABASE, free_port())
    jobs = JobWorkers(layout, os.environ["ERP_CONFIG"], DATABASE, WORKERS, server.port)
    server.environment = jobs.runner
    try:
        with jobs, server:
            yield World(cluster, server, jobs)
    finally:
        cluster.drop(DATABASE)


class World:
    def __init__(self, cluster, server, jobs):
        self.cluster, self.server, self.jobs = cluster, server, jobs
        self.key, self.secret = self._make_channel()

    def _make_channel(self):
        password = os.environ["ERP_ADMIN_PASSWORD"]
        uid = xmlrpc.client.ServerProxy(f"{self.server.url}/xmlrpc/2/common").authenticate(DATABASE, "admin", password, {})
        assert uid, "admin may log in"
        objects = xmlrpc.client.ServerProxy(f"{self.server.url}/xmlrpc/2/object")
        call = lambda method, *args: objects.execute_kw(DATABASE, uid, password, "crm.intake.channel", method, list(args))  # noqa: E731
        channel = call("create", {"name": "Faults", "kind": "json", "rate_limit": 0})
        [found] = call("read", [channel], ["key", "secret"])
        return found["key"], found["secret"]

    def query(self, sql):
        return self.cluster.query(sql, DATABASE)

    def count(self, sql):
        return int(self.query(sql)[0][0])

    def send(self, key, body):
        """POST a signed submission until it is answered; returns its receipt."""
        for pause in (0.1, 0.5, 1, 2, 4, 8):
            stamp = str(int(time.time()))
            signed = hmac.new(self.secret.encode(), f"{stamp}.{key}.".encode() + body, hashlib.sha256).hexdigest()
            request = urllib.request.Request(f"{self.server.url}/crm/intake/{self.key}", body, method="POST")
            for name, value in (
                ("Content-Type", "application/json"),
                ("Idempotency-Key", key),
                ("X-Crm-Timestamp", stamp),
                ("X-Crm-Signature", signed),
            ):
                request.add_header(name, value)
            try:
                with OPENER.open(request, timeout=30) as reply:
                    assert reply.status == 202
                    return json.load(reply)["receipt"]
            except urllib.error.HTTPError as error:
                if error.code not in (429, 503):
                    raise
            except OSError:
                pass
            time.sleep(pause)
        raise AssertionError("no answer")

    def processes(self):
        """Ids of the Odoo that forks the workers, and of the workers."""
        [parent] = _children(self.jobs.keeper.pid) or [None]
        return parent, _children(parent) if parent else []


OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as found:
            return [int(word) for word in found.read().split()]
    except OSError:
        return []


def make_submissions(rng):
    """[(idempotency key, person, body)] in the order of sending; a repeated one comes again soon after."""
    people, found = 0, []
    for number in range(SUBMISSIONS):
        if people and rng.random() < KNOWN:
            person = rng.randrange(max(0, people - 400), people)
        else:
            person, people = people, people + 1
        data = {"name": f"客户{person}", "phone": f"138{person:08d}", "message": f"no. {number}"}
        if rng.random() < 0.5:
            data["phone"] = f"+86 138-{person:08d}"
        if rng.random() < 0.4:
            data["email"] = f"person{person}@example.com"
        found.append((f"s{number}", person, json.dumps(data, ensure_ascii=False).encode()))
    for number in range(len(found) - 1, -1, -1):
        if rng.random() < REPEATED:
            found.insert(min(number + rng.randrange(1, 20), len(found)), found[number])
    return found


class Killer(threading.Thread):
    """Kills a worker now and then, sometimes the Odoo that forks them."""

    def __init__(self, world, rng):
        super().__init__(daemon=True)
        self.world, self.rng, self.killed, self.ended = world, rng, Counter(), threading.Event()

    def run(self):
        while sum(self.killed.values()) < KILLS and not self.ended.wait(self.rng.uniform(1.0, 4.0)):
            parent, workers = self.world.processes()
            everybody = self.rng.random() < 0.2 and self.killed["parent"] < 2
            victim = parent if everybody else self.rng.choice(workers or [None])
            if victim:
                os.kill(victim, signal.SIGKILL)
                self.killed["parent" if everybody else "worker"] += 1


def test_each_submission_one_touchpoint_each_person_one_lead(world):
    rng = random.Random(SEED)
    submissions = make_submissions(rng)
    before = world.count("SELECT count(*) FROM crm_lead")
    killer = Killer(world, rng)
    killer.start()
    start = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as pool:
        receipts = list(pool.map(lambda item: world.send(item[0], item[2]), submissions))
    sent = time.monotonic() - start
    wait_for(lambda: world.count("SELECT count(*) FROM crm_touchpoint WHERE state = 'received'") < 1000, 120)
    killer.ended.set()
    killer.join()
    wait_for(lambda: world.count("SELECT count(*) FROM crm_touchpoint WHERE state = 'received'") == 0, 120)
    wait_for(lambda: world.count("SELECT count(*) FROM queue_job WHERE state IN ('pending', 'enqueued', 'started')") == 0, 120)
    print(
        f"{len(submissions)} requests in {sent:.1f} s, processed after {time.monotonic() - start:.1f} s;"
        f" killed {dict(killer.killed)}, jobs run again {world.count('SELECT coalesce(sum(retry), 0) FROM queue_job')}"
    )

    # what was answered is stored, once: the same receipt for each repetition
    receipt_by_key = {}
    for (key, _person, _body), receipt in zip(submissions, receipts):
        assert receipt_by_key.setdefault(key, receipt) == receipt
    stored = {key: (receipt, state, lead) for key, receipt, state, lead in world.query(TOUCHPOINTS)}
    assert {key: row[0] for key, row in stored.items()} == {**receipt_by_key}
    assert {row[1] for row in stored.values()} == {"done"}

    # each person has one lead, and no lead is anybody else's
    leads_by_person = {}
    for key, person, _body in submissions:
        leads_by_person.setdefault(person, set()).add(stored[key][2])
    assert all(len(leads) == 1 for leads in leads_by_person.values())
    assert len({lead for leads in leads_by_person.values() for lead in leads}) == len(leads_by_person)
    assert world.count("SELECT count(*) FROM crm_lead") - before == len(leads_by_person)

    # it was no walk in the park
    assert sum(killer.killed.values()) >= 3
    assert world.count("SELECT count(*) FROM queue_job WHERE state = 'done' AND retry > 0"), "no kill met a job"


TOUCHPOINTS = "SELECT substr(idempotency_key, 5), receipt, state, coalesce(lead_id, 0) FROM crm_touchpoint"


def wait_for(condition, seconds):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.25)
