# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A file of 4,000 rows is imported while the processes that read it are killed, and cancelled and resumed on the way.

Every good row becomes one touchpoint and one lead, every bad row comes back once, nothing is missing.
"""

import base64
import os
import signal
import time
import xmlrpc.client

import pytest

from erplib.cluster import Cluster
from erplib.layout import Layout
from erplib.server import Server
from erplib.system import free_port
from erplib.workers import JobWorkers

ROWS = 4_000
BAD_EVERY = 50
KILLS = 3
DATABASE = "test_file_import"


class World:
    def __init__(self, cluster, server, jobs):
        self.cluster, self.server, self.jobs = cluster, server, jobs
        password = os.environ["ERP_ADMIN_PASSWORD"]
        uid = xmlrpc.client.ServerProxy(f"{server.url}/xmlrpc/2/common").authenticate(DATABASE, "admin", password, {})
        objects = xmlrpc.client.ServerProxy(f"{server.url}/xmlrpc/2/object", allow_none=True)
        self.call = lambda method, *args: objects.execute_kw(DATABASE, uid, password, "crm.intake.file", method, list(args))
        self.channel = objects.execute_kw(DATABASE, uid, password, "crm.intake.channel", "create", [{"name": "Files", "kind": "file"}])

    def value(self, sql):
        return self.cluster.query(sql, DATABASE)[0][0]

    def count(self, sql):
        return int(self.value(sql))

    def position(self):
        return self.count("SELECT coalesce(max(position), 0) FROM crm_intake_file_progress")

    def resume(self, file):
        """Whether the file goes on; not at once where the database still ends what a killed worker had begun."""
        try:
            self.call("action_resume", [file])
        except xmlrpc.client.Fault as fault:
            if "Wait a moment" not in fault.faultString:
                raise
            return False
        return True

    def kill_workers(self):
        """Kill the workers of the Odoo that runs the jobs; Odoo forks them anew."""
        killed = 0
        for parent in _children(self.jobs.keeper.pid):
            for worker in _children(parent):
                os.kill(worker, signal.SIGKILL)
                killed += 1
        return killed


def _children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as found:
            return [int(word) for word in found.read().split()]
    except OSError:
        return []


def wait_for(condition, seconds):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


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
            yield World(cluster, server, jobs)
    finally:
        cluster.drop(DATABASE)


def test_each_row_once_whatever_is_killed(world):
    lines = ["姓名,手机,公司"]
    for number in range(ROWS):
        phone = "12" if number % BAD_EVERY == 0 else f"139{number:08d}"
        lines.append(f"客户{number},{phone},公司{number}有限公司")
    content = base64.b64encode("\n".join(lines).encode("gb18030")).decode()
    [file] = world.call("create", [{"name": "faults.csv", "channel_id": world.channel, "content": content}])
    world.call("action_import", [file])
    for _kill in range(KILLS):
        reached = world.position()
        wait_for(lambda reached=reached: world.position() > reached, 120)
        assert world.kill_workers()
    try:
        world.call("action_cancel", [file])
    except xmlrpc.client.Fault:  # refused: the last rows were read between the last kill and this
        assert world.value("SELECT state FROM crm_intake_file") == "done"
    wait_for(lambda: world.value("SELECT state FROM crm_intake_file") != "running", 120)
    if world.value("SELECT state FROM crm_intake_file") == "cancelled":
        wait_for(lambda: world.resume(file), 120)
    wait_for(lambda: world.value("SELECT state FROM crm_intake_file") == "done", 180)
    wait_for(lambda: world.count("SELECT count(*) FROM crm_touchpoint WHERE state = 'received'") == 0, 180)

    bad = ROWS // BAD_EVERY
    progress = world.cluster.query("SELECT position, accepted, known, bad FROM crm_intake_file_progress", DATABASE)
    assert [tuple(map(int, row)) for row in progress] == [(ROWS, ROWS - bad, 0, bad)]
    assert world.count("SELECT count(*) FROM crm_intake_file_row") == bad
    assert world.count("SELECT count(DISTINCT line) FROM crm_intake_file_row") == bad
    made = "FROM crm_touchpoint WHERE state = 'done' AND outcome = 'created'"
    assert world.count(f"SELECT count(*) {made}") == ROWS - bad
    assert world.count(f"SELECT count(DISTINCT lead_id) {made}") == ROWS - bad
    assert world.count("SELECT count(*) FROM queue_job WHERE method_name = '_run_job' AND retry > 0"), "no kill met the job"
