# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The keeper of the job workers: what dies is started again, what is told to end ends, nothing stays behind."""

import os
import signal
import subprocess
import sys
import time

import pytest

from erplib import workers
from erplib.layout import ROOT
from erplib.system import alive

#: Writes its process id, forks a child that does so too, and waits, as a server with a worker.
SERVER = """
import os, signal, sys, time
signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
fork = os.fork()
open(sys.argv[1] + ("/worker" if fork == 0 else "/server"), "w").write(str(os.getpid()))
time.sleep(60)
"""


@pytest.fixture
def keeper(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "erplib.workers", sys.executable, "-c", SERVER, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )
    yield process
    process.kill()
    process.wait()


def wait_for(condition, seconds=15):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("waited in vain")


def pids(folder, but=()):
    """Ids of server and worker, once both were written anew."""
    try:
        found = [int((folder / name).read_text() or 0) for name in ("server", "worker")]
    except FileNotFoundError:
        return None
    return found if all(found) and not set(found) & set(but) else None


def test_a_server_that_dies_is_started_again_without_its_old_workers(keeper, tmp_path):
    old = wait_for(lambda: pids(tmp_path))
    os.kill(old[0], signal.SIGKILL)
    new = wait_for(lambda: pids(tmp_path, but=old))
    assert not alive(old[1]), "an old worker would hold the port"
    assert all(map(alive, new))


def test_told_to_end_it_ends_the_server_first(keeper, tmp_path):
    running = wait_for(lambda: pids(tmp_path))
    keeper.send_signal(signal.SIGINT)
    assert keeper.wait(10) == 0
    assert not any(map(alive, running))


def test_the_server_ends_when_its_keeper_is_killed(keeper, tmp_path):
    running = wait_for(lambda: pids(tmp_path))
    keeper.kill()
    keeper.wait()
    wait_for(lambda: not alive(running[0]))


def test_the_runner_hands_out_as_many_jobs_as_there_are_workers(tmp_path):
    class Layout:
        logs = run_dir = tmp_path

    jobs = workers.JobWorkers(Layout, None, "x", 3, 8069)
    assert jobs.runner["ODOO_QUEUE_JOB_CHANNELS"] == "root:3,root.intake:3"
    assert jobs.runner["ODOO_QUEUE_JOB_PORT"] == str(jobs.port)
