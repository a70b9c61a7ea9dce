#!/usr/bin/env python3
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Assignment of 100,000 leads under twenty rules and a hundred reps' limits, and recycling over a million leads.

Runs at a tenth and at full size tell how the time grows. Each run is one transaction: matching, sharing out, owners, log,
time limits, activities and messages; it is checked, then rolled back, and the last one committed. Plain Odoo 14 has no
assignment: the peer is the loop one would write on it (assign_plain.py), on a sample of the same leads.
"""

import argparse
import json
import math
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import odoo
from odoo import SUPERUSER_ID, api

sys.path.insert(0, str(Path(__file__).resolve().parent))

import assign_recycle
from assign_check import check, expect
from assign_data import World
from assign_plain import PlainAssignment

NEEDS = ["suite", "plain"]
RUNS = 5


class Side:
    """A database, in a thread of its own: Odoo keeps a thread's environments in one place."""

    def __init__(self, database, suite, leads):
        self.thread = ThreadPoolExecutor(max_workers=1, initializer=api.Environment.manage().__enter__)
        self.call(self._open, database, suite, leads)

    def call(self, function, *args):
        return self.thread.submit(function, *args).result()

    def _open(self, database, suite, leads):
        self.env = api.Environment(odoo.registry(database).cursor(), SUPERUSER_ID, {})
        self.world = World(self.env, suite, leads)

    def close(self):
        self.call(self.env.cr.close)
        self.thread.shutdown()


def assign(side, lead_ids, last=False):
    """One run; returns seconds, queries and facts of the check."""
    env = side.world.env
    expect(side.world, lead_ids)
    env.clear()
    started, queries = time.perf_counter(), env.cr.sql_log_count
    env["crm.assignment.rule"]._assign(env["crm.lead"].browse(lead_ids))
    env["base"].flush()
    result = time.perf_counter() - started, env.cr.sql_log_count - queries
    facts = check(side.world)
    if last:
        started = time.perf_counter()
        env.cr.commit()
        facts["commit_s"] = time.perf_counter() - started
    else:
        env.cr.rollback()
    return (*result, facts)


def make_leads(side, number):
    ids = side.world.make_leads(number)
    side.env.cr.commit()
    side.env.cr.execute("ANALYZE crm_lead")
    side.env.cr.commit()
    return ids


def run_plain(side, lead_ids):
    """Leads per second of the loop on plain Odoo."""
    flow = PlainAssignment(side.world)
    started = time.perf_counter()
    flow.run(lead_ids)
    seconds = time.perf_counter() - started
    side.env.cr.rollback()
    side.env.clear()
    return len(lead_ids) / seconds


def run(options):
    suite, plain = Side(options.db, True, options.leads), Side(options.plain_db, False, options.leads)
    small = suite.call(make_leads, suite, options.leads // 10)
    rest = plain.call(make_leads, plain, options.leads // 10)[: options.plain_leads]
    suite.call(assign, suite, small)  # warm-up
    few = [suite.call(assign, suite, small) for _run in range(RUNS)]
    large = small + suite.call(make_leads, suite, options.leads - len(small))
    many, loops = [], []
    for number in range(options.runs):
        many.append(suite.call(assign, suite, large, number == options.runs - 1))
        loops.append(plain.call(run_plain, plain, rest))
        print("%d leads: %.1f s; plain Odoo %.1f/s" % (len(large), many[-1][0], loops[-1]), file=sys.stderr, flush=True)
    few_s, many_s = median(run[0] for run in few), median(run[0] for run in many)
    suite.close()
    plain.close()
    return {
        "assign_100k_s": many_s * 100_000 / options.leads,
        "assign_10k_s": few_s * 100_000 / options.leads,
        "growth_assign": math.log10(many_s / few_s),
        "assign_leads_per_s": len(large) / many_s,
        "odoo_leads_per_s": median(loops),
        "ratio": len(large) / many_s / median(loops),
        "assign_100k_queries": many[-1][1],
        "assign_10k_queries": few[-1][1],
        **many[-1][2],
        **assign_recycle.run(options),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", required=True, help="Odoo's configuration file")
    parser.add_argument("--db", required=True, help="database with the suite")
    parser.add_argument("--plain-db", required=True, help="database with the same Odoo modules without the suite")
    parser.add_argument("--data", help="not used: the leads are generated")
    parser.add_argument("--leads", type=int, default=100_000, help="size of the large run")
    parser.add_argument("--runs", type=int, default=3, help="large runs")
    parser.add_argument("--plain-leads", type=int, default=100, help="sample for the loop on plain Odoo")
    parser.add_argument("--recycle-leads", type=int, default=1_000_000, help="leads of the recycle run")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    odoo.tools.config.parse_config(["-c", options.config, "--log-level=warn"])
    figures = {name: round(figure, 3) for name, figure in run(options).items()}
    if options.json:
        print(json.dumps(figures))
    else:
        for name, figure in figures.items():
            print(name, figure, "s" if name.endswith("_s") and "per_s" not in name else "")


if __name__ == "__main__":
    main()
