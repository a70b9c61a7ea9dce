#!/usr/bin/env python3
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""First page of a customer's timeline among 1,000,000 events, measured in the server, beside what plain Odoo gives.

Each page is a call of ``crm.timeline.get_page`` as the sales rep to whom the customer belongs, with a cursor of its own
and empty caches, as a request makes it: for the customer with 5,000 events, for ordinary customers, for leads, for a customer
with 2,000 contacts, and deep in the history. Sizes a tenth and whole; five runs each, the median of the runs is reported.
Plain Odoo: the chatter's first page and one search_read for each list a user would look at (leads, orders, deliveries,
invoices, tickets, mailings), which is neither one list nor has the messages of the customer's leads.
"""

import argparse
import json
import math
import resource
import statistics
import sys
import time
from pathlib import Path

import odoo
from odoo import SUPERUSER_ID, api

sys.path.insert(0, str(Path(__file__).resolve().parent))

import timeline_data as data

NEEDS = ["suite", "plain"]
RUNS = 5
LOOKS = 20
EVENTS = 1_000_000
OWNERS = 10
UNITS = {"queries": "queries", "growth": "exponent", "peak_memory": "MB", "load": "s"}


class Database:
    """One database; every call has a cursor of its own and empty caches of records."""

    def __init__(self, name):
        self.registry = odoo.registry(name)

    def call(self, function, user_id=SUPERUSER_ID):
        with api.Environment.manage(), self.registry.cursor() as cr:
            return function(api.Environment(cr, user_id, {"allowed_company_ids": [1], "lang": "en_US"}))

    def time(self, function, user_id):
        """(milliseconds, queries) of ``function(env)`` by itself."""
        with api.Environment.manage(), self.registry.cursor() as cr:
            env = api.Environment(cr, user_id, {"allowed_company_ids": [1], "lang": "en_US"})  # as the web client
            cr.execute("SELECT 1")
            before, started = cr.sql_log_count, time.perf_counter()
            function(env)
            return 1000 * (time.perf_counter() - started), cr.sql_log_count - before


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, math.ceil(share * len(values)) - 1)]


def measure(database, calls, user_id):
    """Median of the runs' medians and of the runs' p95, in ms, and the most queries of one call."""
    for call in calls[:10]:
        database.time(call, user_id)
    runs = [[database.time(call, user_id) for call in calls] for _run in range(RUNS)]
    times = [[ms for ms, _queries in run] for run in runs]
    figures = [statistics.median(percentile(run, share) for run in times) for share in (0.5, 0.95)]
    return [*figures, max(queries for run in runs for _ms, queries in run)]


def page(model, number, **options):
    return lambda env: env["crm.timeline"].get_page(model, number, **options)


# -- who -------------------------------------------------------------------------------------------------------------


def make_owners(group):
    def make(env):
        users = env["res.users"].with_context(no_reset_password=True)
        vals = {"groups_id": [(6, 0, env.ref(group).ids)]}
        owners = users.create([{"name": "Rep %d" % one, "login": "timeline%d" % one, **vals} for one in range(OWNERS)])
        env.cr.commit()
        return owners.ids

    return make


def sample_customers(env, owner):
    """Ids: (the big one, the one with 2,000 contacts, ordinary ones of the first batch)."""
    env.cr.execute("SELECT id FROM bench_customer WHERE rank IN (0, 1) ORDER BY rank")
    (big,), (wide,) = env.cr.fetchall()
    env.cr.execute("SELECT id FROM bench_customer WHERE owner = %s AND rank BETWEEN 2 AND 2000 ORDER BY rank LIMIT %s", [owner, LOOKS])
    return big, wide, [number for (number,) in env.cr.fetchall()]


def sample_leads(env, owner):
    env.cr.execute("SELECT id FROM bench_lead WHERE owner = %s AND rank > 0 ORDER BY rank LIMIT %s", [owner, LOOKS])
    return [number for (number,) in env.cr.fetchall()]


# -- the suite -------------------------------------------------------------------------------------------------------


def measure_suite(database, owner, figures, suffix):
    big, wide, ordinary = database.call(lambda env: sample_customers(env, owner))
    leads = database.call(lambda env: sample_leads(env, owner))
    middle = database.call(lambda env: walk(env, big, 25)[1], owner)
    second = database.call(page("res.partner", big), owner)["next"]
    calls = {
        "5000": [page("res.partner", big)] * LOOKS,
        "ordinary": [page("res.partner", number) for number in ordinary],
        "contacts_2000": [page("res.partner", wide)] * LOOKS,
        "second_page": [page("res.partner", big, before=second)] * LOOKS,
        "middle_page": [page("res.partner", big, before=middle)] * LOOKS,
        "lead": [page("crm.lead", number) for number in leads],
    }
    queries = {}
    for name, looks in calls.items():
        figures["p50_ms_%s%s" % (name, suffix)], figures["p95_ms_%s%s" % (name, suffix)], queries[name] = measure(database, looks, owner)
    figures["queries_first_page" + suffix] = queries["5000"]
    figures["queries_ordinary" + suffix] = queries["ordinary"]
    figures["queries_middle_page" + suffix] = queries["middle_page"]
    numbers = [lambda env, number=number: env["res.partner"].browse(number).get_card_numbers() for number in ordinary]
    figures["card_p50_ms" + suffix], figures["card_p95_ms" + suffix], figures["queries_card" + suffix] = measure(database, numbers, owner)
    say(figures)


def walk(env, number, pages=None):
    """All entries (or those of so many pages) of a customer's timeline, and where the next page begins."""
    entries, before = [], None
    while pages is None or pages > 0:
        answer = env["crm.timeline"].get_page("res.partner", number, before=before, limit=100)
        entries += answer["entries"]
        before = answer["next"]
        if not before:
            break
        pages = pages and pages - 1
    return entries, before


def check(database, owner, events):
    """The big customer's timeline has all of its events, each once, newest first; the rep's has what a rep may see."""
    big = database.call(lambda env: sample_customers(env, owner))[0]
    of_big = {name: events // 10 * share // 1000 // data.BIG for name, share in data.SHARES.items()}
    unseen = of_big["helpdesk.ticket"] + of_big["crm.service.order"]  # of others: neither followed nor of own orders
    for user_id, expected in ((SUPERUSER_ID, sum(of_big.values())), (owner, sum(of_big.values()) - unseen)):
        entries = database.call(lambda env: walk(env, big)[0], user_id)
        dates = [entry["date"] for entry in entries]
        found = len({entry["id"] for entry in entries})
        if not (found == len(entries) == expected) or dates != sorted(dates, reverse=True):
            raise AssertionError("%s events of %s, %s of them different" % (len(entries), expected, found))


def explain(database, owner):
    """The plan of the page's one query over all kinds, to stderr."""

    def run(env):
        timeline, statements = env["crm.timeline"], []
        big = sample_customers(env(user=SUPERUSER_ID), owner)[0]
        execute = type(env.cr._obj).execute

        class Noting:
            def __getattr__(self, name):
                return getattr(cursor, name)

            def execute(self, query, params=None):
                statements.append(cursor.mogrify(query, params))
                return execute(cursor, query, params)

        cursor = env.cr._obj
        env.cr._obj = Noting()
        timeline.get_page("res.partner", big)
        env.cr._obj = cursor
        cursor.execute(b"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) " + next(each for each in statements if b"UNION ALL" in each))
        print("\n".join(row[0] for row in cursor.fetchall()), file=sys.stderr)

    database.call(run, owner)


# -- plain Odoo ------------------------------------------------------------------------------------------------------

LISTS = {
    "crm.lead": ("name", "stage_id", "expected_revenue", "user_id"),
    "sale.order": ("name", "date_order", "amount_total", "state", "user_id"),
    "stock.picking": ("name", "date_done", "state", "origin"),
    "account.move": ("name", "invoice_date", "amount_total", "payment_state"),
    "helpdesk.ticket": ("number", "name", "stage_id", "user_id"),
}


def plain_form(number):
    """What a user reads who opens a customer and then each of the lists behind its buttons."""

    def read(env):
        env["mail.message"].message_fetch([("model", "=", "res.partner"), ("res_id", "=", number)], limit=30)
        for name, fields in LISTS.items():
            env[name].search_read([("partner_id", "child_of", number)], fields, limit=20)
        env["mailing.trace"].search_read([("model", "=", "res.partner"), ("res_id", "=", number)], ["sent", "state"], limit=20)

    return read


def measure_plain(database, owner, figures):
    big, _wide, ordinary = database.call(lambda env: sample_customers(env, owner))
    looks = {"5000": [plain_form(big)] * LOOKS, "ordinary": [plain_form(number) for number in ordinary]}
    for name, calls in looks.items():
        found = measure(database, calls, owner)
        figures["odoo_p50_ms_" + name], figures["odoo_p95_ms_" + name], figures["odoo_queries_" + name] = found


def say(figures):
    print({name: round(value, 2) for name, value in figures.items()}, file=sys.stderr, flush=True)


def run(options):
    suite = Database(options.db)
    figures = {"roundtrip_p50_ms": measure(suite, [lambda env: env.cr.execute("SELECT 1")] * LOOKS, SUPERUSER_ID)[0]}
    owners = suite.call(make_owners("crm_core.group_sales_rep"))
    with api.Environment.manage(), suite.registry.cursor() as cr:
        loader = data.Loader(api.Environment(cr, SUPERUSER_ID, {"allowed_company_ids": [1]}), True, owners)
        for events, suffix in ((options.events // 10, "_tenth"), (options.events, "")):
            figures["load_s" + suffix] = loader.load(events)
            measure_suite(suite, owners[0], figures, suffix)
    check(suite, owners[0], options.events)
    figures["growth"] = math.log10(figures["p50_ms_5000"] / figures["p50_ms_5000_tenth"])
    figures["growth_ordinary"] = math.log10(figures["p50_ms_ordinary"] / figures["p50_ms_ordinary_tenth"])
    explain(suite, owners[0])
    if options.plain_db:
        plain = Database(options.plain_db)
        owners = plain.call(make_owners("sales_team.group_sale_salesman_all_leads"))
        with api.Environment.manage(), plain.registry.cursor() as cr:
            loader = data.Loader(api.Environment(cr, SUPERUSER_ID, {"allowed_company_ids": [1]}), False, owners)
            for events in (options.events // 10, options.events):
                loader.load(events)
        measure_plain(plain, owners[0], figures)
    figures["peak_memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", required=True, help="Odoo's configuration file")
    parser.add_argument("--db", required=True, help="database with the suite")
    parser.add_argument("--plain-db", help="database with the same Odoo modules without the suite")
    parser.add_argument("--data", help="not used")
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    odoo.tools.config.parse_config(["-c", options.config, "--log-level=warn"])
    figures = {name: round(figure, 3) for name, figure in run(options).items()}
    if options.json:
        print(json.dumps(figures))
    else:
        for name, figure in figures.items():
            print(name, figure, next((unit for start, unit in UNITS.items() if start in name), "ms"))


if __name__ == "__main__":
    main()
