#!/usr/bin/env python3
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The month end of finance: ``crm.month.end.get_page``, measured in the server, beside what plain Odoo has for the same figures.

Open customer invoices of 2,000 customers (few buy much), due over the last half year and the next two months, beside as many that
are paid. Plain Odoo 14 has no aged balance: its user groups open journal items by customer once for every age and every week, which
is what ``ms_plain`` measures (``read_group`` on ``account.move.line``, without draft invoices, bank lines and the rest of the page).
Each page has a cursor of its own and empty caches. A tenth and the whole; the median of five runs of three pages. Checked: ages and
total equal plain Odoo's, the total is the ledger's, and the queries are as many at both sizes.
"""

import argparse
import datetime
import json
import math
import resource
import statistics
import sys
import time

import odoo
from odoo import SUPERUSER_ID, api, fields

NEEDS = ["suite"]
RUNS, PAGES, CUSTOMERS = 5, 3, 2000
QUIET = {"tracking_disable": True, "no_reset_password": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}
#: A copy of one invoice posted by Odoo per number, but for these columns; the even ones are paid
MOVES = {
    "id": "%(base)s + i",
    "name": "'BENCH/' || i",
    "sequence_number": "i",
    "access_token": "NULL",
    "partner_id": "customer.id",
    "commercial_partner_id": "customer.id",
    "date": "day.due - 30",
    "invoice_date": "day.due - 30",
    "invoice_date_due": "day.due",
    "payment_state": "CASE WHEN i %% 2 = 0 THEN 'paid' ELSE 'not_paid' END",
    "amount_residual": "CASE WHEN i %% 2 = 0 THEN 0 ELSE pattern.amount_total END",
    "amount_residual_signed": "CASE WHEN i %% 2 = 0 THEN 0 ELSE pattern.amount_total END",
}
FROM_MOVES = """
      FROM account_move AS pattern
     CROSS JOIN generate_series(%(first)s, %(last)s) AS i
     CROSS JOIN LATERAL (SELECT (%(customers)s::int[])[1 + floor(%(count)s * power((i::bigint * 7919 %% 10007) / 10007.0, 3))::int] AS id)
           AS customer
     CROSS JOIN LATERAL (SELECT %(today)s::date + 60 - (i::bigint * 104729 %% 240)::int AS due) AS day
     WHERE pattern.id = %(pattern)s
"""
LINES = {
    "id": "%(line_base)s + (move.id - %(base)s) * 2 + (pattern.amount_residual <> 0)::int",
    "move_id": "move.id",
    "move_name": "move.name",
    "partner_id": "move.partner_id",
    "date": "move.date",
    "date_maturity": "CASE WHEN pattern.amount_residual <> 0 THEN move.invoice_date_due END",
    "reconciled": "pattern.amount_residual <> 0 AND move.payment_state = 'paid'",
    "amount_residual": "CASE WHEN pattern.amount_residual <> 0 THEN move.amount_residual ELSE 0 END",
    "amount_residual_currency": "CASE WHEN pattern.amount_residual <> 0 THEN move.amount_residual ELSE 0 END",
}
FROM_LINES = """
      FROM account_move_line AS pattern
      JOIN account_move AS move ON move.id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s
     WHERE pattern.move_id = %(pattern)s
"""
BEHAVIOUR = """
    INSERT INTO crm_payment_behaviour (partner_id, company_id, invoice_count, amount_paid, days_late, late_share, overdue_days, grade, date)
    SELECT id, %(company)s, 5, 1000, id %% 40 - 5, 0.3, 0, 'b', current_date FROM unnest(%(customers)s) AS id
"""


class Database:
    """One database; every page has a cursor of its own."""

    def __init__(self, name):
        self.registry = odoo.registry(name)

    def call(self, function, user_id=SUPERUSER_ID):
        with api.Environment.manage(), self.registry.cursor() as cr:
            result = function(api.Environment(cr, user_id, dict(QUIET, allowed_company_ids=[1], lang="en_US", tz="UTC")))
            cr.commit()
            return result

    def measure(self, function, user_id):
        """(milliseconds, queries, what it returned)"""

        def get(env):
            before, started = env.cr.sql_log_count, time.perf_counter()
            result = function(env)
            return 1000 * (time.perf_counter() - started), env.cr.sql_log_count - before, result

        return self.call(get, user_id)


def make_world(env):
    """Customers, one posted invoice to copy, and finance."""
    customers = env["res.partner"].create([{"name": f"客户 {number}", "is_company": True} for number in range(CUSTOMERS)])
    line = {"name": "泵", "quantity": 1, "price_unit": 1130.0, "tax_ids": [(5,)]}
    move = env["account.move"].create({"move_type": "out_invoice", "partner_id": customers[0].id, "invoice_line_ids": [(0, 0, line)]})
    move.action_post()
    finance = env["res.users"].create(
        {"name": "finance", "login": "bench_finance", "groups_id": [(6, 0, env.ref("crm_sales_order.group_finance").ids)]}
    )
    world = {"company": env.company.id, "customers": customers.ids, "count": CUSTOMERS, "pattern": move.id}
    env.cr.execute(BEHAVIOUR, world)
    env.cr.execute("SELECT max(id) + 1000 FROM account_move")
    world["base"] = env.cr.fetchone()[0]
    env.cr.execute("SELECT max(id) + 1000 FROM account_move_line")
    world["line_base"] = env.cr.fetchone()[0]
    return dict(world, finance=finance.id, today=fields.Date.today())


def fill(database, world, first, last):
    def insert(env):
        env.cr.execute("SET LOCAL synchronous_commit = off")
        for table, changed, source in (("account_move", MOVES, FROM_MOVES), ("account_move_line", LINES, FROM_LINES)):
            env.cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
            values = {name: changed.get(name, f'pattern."{name}"') for (name,) in env.cr.fetchall()}
            query = "INSERT INTO {} ({}) SELECT {} {}".format(
                table, ", ".join(f'"{name}"' for name in values), ", ".join(values.values()), source
            )
            env.cr.execute(query, {**world, "first": first + 1, "last": last})

    database.call(insert)
    with database.registry.cursor() as cr:
        cr._cnx.autocommit = True
        for table in ("account_move", "account_move_line", "crm_payment_behaviour"):
            cr.execute(f"VACUUM ANALYZE {table}")
        cr._cnx.autocommit = False


def plain(env):
    """What a user of plain Odoo groups by hand: open items by customer, for each age and each week. {age: amount}, total."""
    items, today = env["account.move.line"], fields.Date.today()
    opened = [("account_id.internal_type", "=", "receivable"), ("parent_state", "=", "posted"), ("reconciled", "=", False)]
    day = lambda number: fields.Date.to_string(today + datetime.timedelta(days=number))  # noqa: E731
    ages = {
        "Not Due": [("date_maturity", ">=", day(0))],
        "1–30 Days": [("date_maturity", "<", day(0)), ("date_maturity", ">=", day(-30))],
        "31–60 Days": [("date_maturity", "<", day(-30)), ("date_maturity", ">=", day(-60))],
        "61–90 Days": [("date_maturity", "<", day(-60)), ("date_maturity", ">=", day(-90))],
        "Over 90 Days": [("date_maturity", "<", day(-90))],
    }
    found = {}
    for label, domain in ages.items():
        groups = items.read_group(opened + domain, ["amount_residual"], ["partner_id"])
        found[label] = round(sum(group["amount_residual"] for group in groups), 2)
    items.read_group(opened, ["amount_residual"], ["date_maturity:week"])
    return found


def page(env):
    return {section["key"]: section for section in env["crm.month.end"].get_page()["sections"]}


def check(database, world, shown, found):
    """The page says what plain Odoo says, and what the ledger says."""
    amounts = {row["label"]: round(row["amount"], 2) for row in shown["ageing"]["rows"] if not row["apart"]}
    for label, amount in found.items():
        if abs(amounts[label] - amount) > 0.005:
            raise SystemExit(f"{label}: the page says {amounts[label]}, plain Odoo {amount}")

    def balance(env):
        env.cr.execute(
            "SELECT sum(amount_residual) FROM account_move_line item JOIN account_account account ON account.id = item.account_id"
            " WHERE account.internal_type = 'receivable' AND parent_state = 'posted' AND item.company_id = %s",
            [world["company"]],
        )
        return float(env.cr.fetchone()[0])

    if abs(shown["ageing"]["total"]["amount"] - database.call(balance)) > 0.005:
        raise SystemExit("the total of the page is not that of the ledger")


def measure(database, world, size, figures):
    past = fields.Date.to_string(world["today"].replace(day=1) - datetime.timedelta(days=1))
    doors = {"month_end": page, "month_end_past": lambda env: env["crm.month.end"].get_page(past), "plain": plain}
    results = {}
    for name, door in doors.items():
        database.measure(door, world["finance"])
        runs = [[database.measure(door, world["finance"]) for _page in range(PAGES)] for _run in range(RUNS)]
        figures[f"ms_{name}_{size}"] = round(statistics.median(statistics.median(ms for ms, *_rest in run) for run in runs), 1)
        figures[f"queries_{name}_{size}"] = runs[-1][-1][1]
        results[name] = runs[-1][-1][2]
        print(f"{size:>9,} open  {name:<15} {figures[f'ms_{name}_{size}']:>8} ms {runs[-1][-1][1]:>4} queries", file=sys.stderr)
    check(database, world, results["month_end"], results["plain"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", required=True)
    parser.add_argument("--db", required=True)
    parser.add_argument("--data")
    parser.add_argument("--items", type=int, default=100_000, help="open invoices; as many are paid")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    odoo.tools.config.parse_config(["-c", options.config, "-d", options.db, "--log-level=error"])
    database = Database(options.db)
    world = database.call(make_world)
    figures, done, sizes = {}, 0, (options.items // 10, options.items)
    for size in sizes:
        started = time.perf_counter()
        fill(database, world, 2 * done, 2 * size)
        print(f"{2 * (size - done):,} invoices written in {time.perf_counter() - started:.0f} s", file=sys.stderr)
        done = size
        measure(database, world, size, figures)
    for name in ("month_end", "plain"):
        small, large = (figures[f"ms_{name}_{size}"] for size in sizes)
        figures[f"growth_{name}"] = round(math.log(large / small, 10), 2)
    if figures[f"queries_month_end_{sizes[0]}"] != figures[f"queries_month_end_{sizes[1]}"]:
        raise SystemExit("the page takes more queries with more open items")
    figures.update(ms_month_end=figures[f"ms_month_end_{sizes[1]}"], ms_plain=figures[f"ms_plain_{sizes[1]}"])
    figures["peak_memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(figures) if options.json else "\n".join(f"{name}: {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
