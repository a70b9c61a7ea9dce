#!/usr/bin/env python3
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Intake: signed submissions over HTTP beside plain Odoo's JSON-RPC ``crm.lead`` create; then the backlog becomes leads.

Both servers run at once with the same settings (threaded, one process each) and are asked in turn, a slice each, with 1 and
with 8 clients on the same machine. While submissions are accepted no jobs run: accepting and processing are reported
apart. An accepted one is committed, idempotent and answered with its receipt; every receipt is looked for in the end.
"""

import argparse
import json
import os
import re
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import intake_load
import odoo
import psycopg2

NEEDS = ["suite", "plain"]
ROUNDS = 5
SECONDS = 4.0
CLIENTS = (1, 8)
WARM_UP = 1.0
UNITS = {
    "suite_rps_8": "1/s",
    "odoo_rps_8": "1/s",
    "ratio_8": "times",
    "suite_p50_ms_8": "ms",
    "suite_p95_ms_8": "ms",
    "odoo_p50_ms_8": "ms",
    "odoo_p95_ms_8": "ms",
    "suite_rps_1": "1/s",
    "odoo_rps_1": "1/s",
    "ratio_1": "times",
    "suite_p50_ms_1": "ms",
    "suite_p95_ms_1": "ms",
    "odoo_p50_ms_1": "ms",
    "odoo_p95_ms_1": "ms",
    "raw_insert_per_s": "1/s",
    "raw_insert_per_s_8": "1/s",
    "processed_per_s": "1/s",
    "accepted": "submissions",
    "lost": "submissions",
    "duplicated": "submissions",
    "suite_memory_mb": "MB",
}
SETUP = """
import json
env = env(context=dict(env.context, no_reset_password=True, tracking_disable=True))
user = env["res.users"].create({{
    "name": "Bench", "login": {password!r}, "password": {password!r},
    "groups_id": [(4, env.ref("sales_team.group_sale_manager").id)],
}})
found = {{"uid": user.id}}
if "crm.intake.channel" in env:
    channel = env["crm.intake.channel"].create({{"name": "Bench", "kind": "json", "rate_limit": 0}})
    found.update(key=channel.key, secret=channel.secret, channel=channel.id)
env.cr.commit()
print("SETUP", json.dumps(found))
"""


class Side:
    """A server on one of the two databases, and a user (and channel) to ask it as."""

    def __init__(self, options, kind, database):
        self.kind, self.database = kind, database
        self.port = _free_port()
        self.command = [str(Path(sys.executable).parent / "odoo")]
        self.common = ["-c", options.config, "-d", database, f"--db-filter=^{database}$", "--log-level=error"]
        self.password = secrets.token_hex(12)
        self.job = {"kind": kind, "port": self.port, "database": database, "password": self.password, **self._set_up()}
        self.log = tempfile.TemporaryFile()
        self.process = None

    def _set_up(self):
        """What the clients need to know, from a shell: the benchmark's own process stays small."""
        line = [*self.command, "shell", *self.common, "--no-http"]
        done = subprocess.run(line, input=SETUP.format(password=self.password), stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(re.search(r"SETUP (.*)", done.stdout).group(1))

    def __enter__(self):
        environment = {**os.environ, "ODOO_QUEUE_JOB_CHANNELS": "root:0"}
        line = [*self.command, *self.common, f"--http-port={self.port}", "--max-cron-threads=0"]
        self.process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, env=environment)
        end = time.monotonic() + 120
        while True:
            if not intake_load.run(**self.job, prefix="00", clients=1, seconds=0.1)["errors"]:
                return self
            if self.process.poll() is not None or time.monotonic() > end:
                self.log.seek(0)
                raise SystemExit("The server of %s does not answer:\n%s" % (self.database, self.log.read().decode()[-3000:]))
            time.sleep(0.3)

    def __exit__(self, *_exception):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def get_memory(self):
        """Most memory the server held, in MB."""
        status = Path("/proc/%d/status" % self.process.pid).read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024


class Measure:
    """Slices of one side with one number of clients."""

    def __init__(self):
        self.rates, self.seconds, self.receipts = [], [], {}

    def slice(self, side, clients, prefix, seconds):
        report = intake_load.run(**side.job, prefix=prefix, clients=clients, seconds=seconds)
        if report["errors"]:
            raise SystemExit("%s answered wrongly: %s" % (side.kind, report["errors"]))
        self.rates.append(len(report["seconds"]) / report["elapsed"])
        self.seconds += report["seconds"]
        self.receipts.update(report["receipts"])

    def get_percentile(self, share):
        return statistics.quantiles(self.seconds, n=100)[share - 1] * 1000


def _free_port():
    from socket import socket

    with socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def connect(database):
    _name, info = odoo.sql_db.connection_info_for(database)
    return psycopg2.connect(**info)


def measure_raw(database, threads, seconds):
    """Single-row INSERT + COMMIT in a second, of a row like a submission's with the same unique keys."""
    with closing(connect(database)) as conn, conn, conn.cursor() as cr:
        cr.execute("CREATE TABLE IF NOT EXISTS bench_raw (id serial PRIMARY KEY, receipt varchar UNIQUE, payload text)")
        cr.execute("TRUNCATE bench_raw")

    def insert(thread):
        body, count = "x" * 200, 0
        with closing(connect(database)) as conn, conn.cursor() as cr:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                cr.execute("INSERT INTO bench_raw (receipt, payload) VALUES (%s, %s)", ["%d-%d" % (thread, count), body])
                conn.commit()
                count += 1
        return count

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(insert, range(threads))) / seconds


def check(database, channel, receipts):
    """(accepted, lost, duplicated): receipts given that are not there, and submissions stored more than once."""
    with closing(connect(database)) as conn, conn.cursor() as cr:
        cr.execute("SELECT idempotency_key, receipt FROM crm_touchpoint WHERE channel_id = %s", [channel])
        rows = cr.fetchall()
    stored = {key: receipt for key, receipt in rows}
    lost = sum(stored.get("key:" + key) != receipt for key, receipt in receipts.items())
    return len(receipts), lost, len(rows) - len(stored)


def measure(options):
    """All but the processing."""
    measures = {(kind, clients): Measure() for kind in ("suite", "odoo") for clients in CLIENTS}
    raw = {1: [], 8: []}
    with ExitStack() as stack:
        sides = {"suite": Side(options, "suite", options.db), "odoo": Side(options, "odoo", options.plain_db)}
        for side in sides.values():
            stack.enter_context(side)
        for kind, clients in measures:
            Measure().slice(sides[kind], clients, "%03d" % clients, WARM_UP)
        for number in range(options.rounds):
            for clients in CLIENTS:
                for kind in ("suite", "odoo") if number % 2 else ("odoo", "suite"):
                    prefix = "%d%02d" % (3 if clients == 1 else 5, number)
                    measures[kind, clients].slice(sides[kind], clients, prefix, options.seconds)
            for threads, rates in raw.items():
                rates.append(measure_raw(options.db, threads, options.seconds / 2))
        memory = sides["suite"].get_memory()
    receipts = {key: value for (kind, _clients), one in measures.items() if kind == "suite" for key, value in one.receipts.items()}
    accepted, lost, duplicated = check(options.db, sides["suite"].job["channel"], receipts)
    found = {"accepted": accepted, "lost": lost, "duplicated": duplicated, "suite_memory_mb": memory}
    for (kind, clients), one in measures.items():
        found["%s_rps_%d" % (kind, clients)] = statistics.median(one.rates)
        for share in (50, 95):
            found["%s_p%d_ms_%d" % (kind, share, clients)] = one.get_percentile(share)
    for clients in CLIENTS:
        found["ratio_%d" % clients] = found["suite_rps_%d" % clients] / found["odoo_rps_%d" % clients]
    found["raw_insert_per_s"], found["raw_insert_per_s_8"] = (statistics.median(rates) for rates in raw.values())
    return found


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", required=True)
    parser.add_argument("--db", required=True)
    parser.add_argument("--plain-db", required=True)
    parser.add_argument("--data")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of a slice")
    parser.add_argument("--backlog", type=int, default=100_000, help="submissions to process")
    return parser.parse_args()


def main():
    options = parse_options()
    odoo.tools.config.parse_config(["-c", options.config])
    found = measure(options)
    import intake_process

    processed = intake_process.run(options)
    for name in ("lost", "duplicated"):
        found[name] += processed.pop(name, 0)
    found.update(processed)
    if options.json:
        print(json.dumps({name: round(value, 3) if isinstance(value, float) else value for name, value in found.items()}))
    else:
        for name, value in found.items():
            print("%-24s %12s %s" % (name, "%.1f" % value if isinstance(value, float) else value, UNITS.get(name, "")))
    return int(bool(found["lost"] or found["duplicated"]))


if __name__ == "__main__":
    sys.exit(main())
