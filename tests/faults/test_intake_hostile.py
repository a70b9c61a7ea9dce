# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""20,000 hostile submissions: never a 5xx, nothing stored that is not signed, nothing grows without bound.

What was signed is processed after that: it becomes leads or dead letters, none of them with a script in a name.
"""

import json
import os
import random
import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from intake_client import Admin, exchange
from intake_fuzz import Fuzzer

from erplib.cluster import Cluster
from erplib.layout import Layout
from erplib.server import Server
from erplib.system import free_port

SEED = 41
NUMBER = int(os.environ.get("CRM_FUZZ_SUBMISSIONS", 20_000))
CLIENTS = 12
DATABASE = "test_intake_hostile"
MEMORY_MB = 600
GROWTH_MB = 150


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    layout = Layout()
    cluster = Cluster(layout)
    cluster.drop(DATABASE)
    cluster.clone(os.environ["ERP_DB"], DATABASE)
    data = tmp_path_factory.mktemp("data")
    server = Server(layout, os.environ["ERP_CONFIG"], DATABASE, free_port(), [f"--data-dir={data}"])
    server.environment = {"ODOO_QUEUE_JOB_CHANNELS": "root:0"}  # what is stored is looked at before it is processed
    try:
        with server:
            yield World(cluster, server, data)
            server.stop()
    finally:
        cluster.drop(DATABASE)


class World:
    def __init__(self, cluster, server, data):
        self.cluster, self.server, self.data = cluster, server, data
        self.admin = Admin(server.url, DATABASE, os.environ["ERP_ADMIN_PASSWORD"])
        self.channel = self.admin.make_channel(name="Hostile")
        self.cases, self.answers = [], []

    def fire(self):
        """Send all cases once; returns seconds."""
        self.cases = list(Fuzzer(random.Random(SEED), self.channel).cases(NUMBER))
        start = time.monotonic()
        with ThreadPoolExecutor(CLIENTS) as pool:
            self.answers = list(pool.map(lambda case: exchange(self.server.port, case.request, case.shut), self.cases))
        return time.monotonic() - start

    def memory(self):
        """Resident memory of the server in MB."""
        status = Path(f"/proc/{self.server.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024

    def rows(self, *tables):
        return {table: int(self.cluster.query(f"SELECT count(*) FROM {table}", DATABASE)[0][0]) for table in tables}

    def sessions(self):
        return len(list(self.data.glob("sessions/*.sess")))


@pytest.fixture(scope="module")
def fired(world):
    """The world after the bombardment, with what was there before."""
    world.before = {"memory": world.memory(), "sessions": world.sessions(), **world.rows("crm_intake_lease", "ir_logging", "ir_attachment")}
    world.seconds = world.fire()
    print(f"{NUMBER} submissions in {world.seconds:.1f} s; {Counter(status for status, _body in world.answers)}")
    return world


def test_every_answer_is_the_right_one(fired):
    wrong = Counter()
    for case, (status, body) in zip(fired.cases, fired.answers):
        if status not in case.statuses:
            wrong[case.kind, status, case.request[:80], body[:120]] += 1
    assert not wrong, wrong.most_common(10)
    assert not [status for status, _body in fired.answers if status >= 500]


def test_refusals_say_why_in_json(fired):
    for case, (status, body) in zip(fired.cases, fired.answers):
        if status >= 400 and b"HEAD" not in case.request[:4]:
            answer = json.loads(body)
            assert answer["reason"], case.request[:80]
            assert "Traceback" not in answer["reason"]


def test_only_what_was_signed_is_stored_and_each_once(fired):
    expected = {key for case in fired.cases if case.genuine for _channel, key in [case.genuine]}
    rows = fired.cluster.query(
        "SELECT idempotency_key FROM crm_touchpoint JOIN crm_intake_channel AS channel ON channel.id = channel_id"
        " WHERE channel.name = 'Hostile'",
        DATABASE,
    )
    stored = [key for [key] in rows]
    assert len(stored) == len(set(stored))
    assert set(stored) == {"key:" + key for key in expected}


def test_the_same_submission_always_had_the_same_receipt(fired):
    receipts = {}
    for case, (status, body) in zip(fired.cases, fired.answers):
        if status == 202:
            receipts.setdefault(case.genuine, set()).add(json.loads(body)["receipt"])
    assert {len(found) for found in receipts.values()} == {1}


def test_nothing_grew_but_what_was_stored(fired):
    after = {"sessions": fired.sessions(), **fired.rows("crm_intake_lease", "ir_logging", "ir_attachment")}
    assert after == {name: fired.before[name] for name in after}
    memory = fired.memory()
    print(f"memory {fired.before['memory']:.0f} MB before, {memory:.0f} MB after")
    assert memory < MEMORY_MB
    assert memory - fired.before["memory"] < GROWTH_MB


def test_what_was_stored_becomes_leads_or_dead_letters_without_scripts(fired):
    fired.server.stop()
    fired.server.environment = {}
    fired.server.start()
    end = time.monotonic() + 120
    while int(fired.cluster.query("SELECT count(*) FROM crm_touchpoint WHERE state = 'received'", DATABASE)[0][0]):
        assert time.monotonic() < end, "the backlog is not processed"
        time.sleep(0.5)
    states = fired.cluster.query("SELECT state, count(*) FROM crm_touchpoint GROUP BY state", DATABASE)
    print("processed:", states)
    links = fired.cluster.query(
        "SELECT count(*) FROM crm_touchpoint WHERE landing_page !~ '^https?://' OR referrer !~ '^https?://'", DATABASE
    )
    assert int(links[0][0]) == 0
    plain = fired.cluster.query(
        "SELECT count(*) FROM crm_lead"
        " WHERE concat(name, contact_name, partner_name, phone, mobile, email_from, wechat, city, street, function, website)"
        " ~ '[<>]|[[:cntrl:]]'",
        DATABASE,
    )
    assert int(plain[0][0]) == 0
    assert int(fired.cluster.query("SELECT count(*) FROM crm_lead WHERE website ~ '^javascript:'", DATABASE)[0][0]) == 0
