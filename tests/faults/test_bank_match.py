# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Processes that book payments are killed in the middle, again and again; two of them book the same payments at once.

Each payment is booked in full or untouched, orders say what the ledger says, and nothing is booked twice.
"""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from erplib.cluster import Cluster
from erplib.layout import Layout

DATABASE = "test_bank_match"
KILLS = 5
WORKER = Path(__file__).parent / "bank_post_worker.py"


class World:
    def __init__(self, cluster, process):
        self.cluster, self.process = cluster, process
        self.total = int(self.read("ready")[0])

    def tell(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def read(self, *words):
        """What follows the first of ``words`` that is said."""
        for line in self.process.stdout:
            word, *rest = line.split(maxsplit=1)
            assert word != "wrong", line
            if word in words:
                return rest
        raise AssertionError("the worker ended")

    def start(self):
        self.tell("run")
        return int(self.read("pid")[0])

    def count_booked(self):
        self.tell("check")
        return int(self.read("booked")[0])

    def count_deadlocks(self):
        return int(self.cluster.query("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()", DATABASE)[0][0])


@pytest.fixture(scope="module")
def world():
    """A database with what is to be booked, and the worker that knows it."""
    layout = Layout()
    cluster = Cluster(layout)
    cluster.drop(DATABASE)
    cluster.clone(os.environ["ERP_DB"], DATABASE)
    command = [str(layout.python), str(WORKER), os.environ["ERP_CONFIG"], DATABASE]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield World(cluster, process)
    finally:
        process.stdin.close()
        process.wait(60)
        cluster.drop(DATABASE)


def test_killed_again_and_again_each_payment_is_booked_in_full_or_untouched(world):
    rng = random.Random(14)
    booked = []
    for _kill in range(KILLS):
        pid = world.start()
        for _chunk in range(rng.randint(1, 2)):
            world.read("chunk")
        time.sleep(rng.random() / 20)
        os.kill(pid, signal.SIGKILL)
        booked.append(world.count_booked())
    assert booked == sorted(booked)
    assert booked[-1] < world.total, "the kills came too late"


def test_two_at_once_book_the_rest_once_and_neither_waits_for_the_other_in_vain(world):
    before = world.count_booked()
    world.start()
    world.start()
    shares = [int(world.read("done")[0]) for _process in range(2)]
    assert sum(shares) == world.total - before
    assert world.count_booked() == world.total
    assert world.count_deadlocks() == 0
