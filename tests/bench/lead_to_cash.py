#!/usr/bin/env python3
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Lead to cash: the suite's batches beside plain Odoo's buttons, in one process, slice by slice in turn.

Every won deal of the imported pipeline goes through quotation, stock check, order, purchase and receipt or drop-ship,
delivery (some with a work order), invoice, bank statement and matched payment. Plain Odoo does a random sample of
the same deals. The figures count only if the value ties: source file = orders = revenue = bank, receivables zero.
Products carry no tax here, so that a deal's value is its invoice's total.
"""

import argparse
import json
import random
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import odoo
from odoo import SUPERUSER_ID, api

sys.path.insert(0, str(Path(__file__).resolve().parent))

import lead_to_cash_deals as data
from lead_to_cash_check import check_suite
from lead_to_cash_plain import PlainFlow
from lead_to_cash_suite import SuiteFlow

NEEDS = ["maven", "plain"]
SEED = 14
CHUNK = 200
WARM_UP = 10
UNITS = {
    "suite_deals_per_s": "deals/s",
    "odoo_deals_per_s": "deals/s",
    "ratio": "times",
    "suite_queries_per_deal": "queries",
    "odoo_queries_per_deal": "queries",
    "matched": "deals",
    "won_value": "value",
    "bought": "deals",
    "drop_shipped": "deals",
    "work_orders": "orders",
    "suite_python_ms_per_deal": "ms",
    "odoo_python_ms_per_deal": "ms",
    "odoo_sample": "deals",
    "peak_memory": "MB",
}


class Side:
    """One of the two installations, with its clock.

    Odoo keeps the environments of a thread in one place and takes them for one database's: so each side lives in
    a thread of its own. They take turns, never running at the same time.
    """

    def __init__(self, database, flow_class, stock):
        self.thread = ThreadPoolExecutor(max_workers=1, initializer=api.Environment.manage().__enter__)
        self.seconds = self.cpu = self.queries = self.deals = 0
        self.call(self._open, database, flow_class, stock)

    def call(self, function, *args):
        return self.thread.submit(function, *args).result()

    def _open(self, database, flow_class, stock):
        cr = odoo.registry(database).cursor()
        env = api.Environment(cr, SUPERUSER_ID, {})
        self.env = env(user=env.ref("base.user_admin").id)
        self.masters = data.Masters(self.env, stock)
        self.flow = flow_class(self.masters)
        cr.commit()

    def create_opportunities(self, deals):
        leads = self.masters.create_opportunities(deals)
        self.env.cr.commit()
        return leads

    def run_slice(self, leads):
        """Time the flow of ``leads`` (as the flow wants them) up to the commit; the cache is dropped afterwards to bound memory."""
        started, cpu, queries = time.perf_counter(), time.thread_time(), self.env.cr.sql_log_count
        result = self.flow.run(leads)
        self.env["base"].flush()
        self.env.cr.commit()
        self.seconds += time.perf_counter() - started
        self.cpu += time.thread_time() - cpu
        self.queries += self.env.cr.sql_log_count - queries
        self.deals += len(leads)
        self.env.clear()
        return result

    def forget(self):
        self.seconds = self.cpu = self.queries = self.deals = 0

    @property
    def speed(self):
        return self.deals / self.seconds

    def close(self):
        self.call(self.env.cr.close)
        self.thread.shutdown()


def find_leads(side, deals):
    """Ids of the imported opportunities of ``deals`` in their order; made here when nothing was imported."""
    Lead = side.env["crm.lead"]
    leads = Lead.search([("external_ref", "in", [deal.ref for deal in deals]), ("order_ids", "=", False)])
    if not leads:
        return [lead.id for lead in side.create_opportunities(deals).values()]
    if len(leads) != len(deals):
        raise AssertionError("%s of %s deals are in the database: use a fresh one" % (len(leads), len(deals)))
    by_ref = {lead.external_ref: lead.id for lead in leads}
    return [by_ref[deal.ref] for deal in deals]


def warm_up(suite, plain):
    deals = data.generate_won_deals(WARM_UP, SEED)
    suite.call(suite.run_slice, [lead.id for lead in suite.call(suite.create_opportunities, deals).values()])
    plain.call(plain.run_slice, plain.call(plain.create_opportunities, deals))
    suite.forget()
    plain.forget()


def run_slices(suite, plain, lead_ids, plain_leads):
    """A chunk of the suite's deals, then a few of plain Odoo's, and so on: noise hits both alike.

    :returns: ids of the suite's orders
    """
    order_ids = []
    starts = range(0, len(lead_ids), CHUNK)
    size = -(-len(plain_leads) // len(starts))
    sample = list(plain_leads.items())
    for number, start in enumerate(starts):
        order_ids += suite.call(suite.run_slice, lead_ids[start : start + CHUNK])
        part = dict(sample[number * size : (number + 1) * size])
        if part:
            plain.call(plain.run_slice, part)
        state = (suite.deals, len(lead_ids), suite.speed, plain.speed)
        print("%s of %s deals: suite %.1f/s, plain Odoo %.1f/s" % state, file=sys.stderr, flush=True)
    return order_ids


def run(options):
    deals = data.get_won_deals(options.data, options.deals)
    suite = Side(options.db, SuiteFlow, 10 * len(deals))
    plain = Side(options.plain_db, PlainFlow, 10 * len(deals))
    warm_up(suite, plain)
    lead_ids = suite.call(find_leads, suite, deals)
    sample = random.Random(SEED).sample(deals, min(options.plain_deals, len(deals)))
    plain_leads = plain.call(plain.create_opportunities, sample)
    order_ids = run_slices(suite, plain, lead_ids, plain_leads)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    facts = suite.call(lambda: check_suite(suite.env["sale.order"].browse(order_ids), deals))
    suite.close()
    plain.close()
    return {
        "suite_deals_per_s": suite.speed,
        "odoo_deals_per_s": plain.speed,
        "ratio": suite.speed / plain.speed,
        "suite_queries_per_deal": suite.queries / suite.deals,
        "odoo_queries_per_deal": plain.queries / plain.deals,
        **facts,
        "suite_python_ms_per_deal": 1000 * suite.cpu / suite.deals,
        "odoo_python_ms_per_deal": 1000 * plain.cpu / plain.deals,
        "odoo_sample": plain.deals,
        "peak_memory": peak,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", required=True, help="Odoo's configuration file")
    parser.add_argument("--db", required=True, help="database with the suite, the pipeline imported")
    parser.add_argument("--plain-db", required=True, help="database with the same Odoo modules without the suite")
    parser.add_argument("--data", help="folder of the real deals; generated ones without it")
    parser.add_argument("--deals", type=int, default=4238, help="deals for the suite")
    parser.add_argument("--plain-deals", type=int, default=200, help="deals for plain Odoo")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    odoo.tools.config.parse_config(["-c", options.config, "--log-level=warn"])
    figures = {name: round(figure, 2) for name, figure in run(options).items()}
    if options.json:
        print(json.dumps(figures))
    else:
        for name, figure in figures.items():
            print(name, figure, UNITS[name])


if __name__ == "__main__":
    main()
