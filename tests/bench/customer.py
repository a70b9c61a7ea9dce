#!/usr/bin/env python3
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Lifecycle, purchases, RFM cell, grade and tags of 200,000 customers: from scratch, again, one after a change.

Customers and deals are written by SQL with a fixed seed and life-like skew (a third never bought). What is timed is what the
nightly job and the scheduled action call. Peer: the usual RFM query with NTILE over the same deals, which gives equal
values different scores.
Sizes a tenth and whole. Correctness, checked in the same run: purchases add up, equal values have equal scores.
"""

import argparse
import json
import math
import resource
import sys
import time

import odoo
from odoo import SUPERUSER_ID, api

NEEDS = ["suite"]
CUSTOMERS = 200_000
CHANGES = 20

CUSTOMERS_SQL = """
    INSERT INTO res_partner (name, display_name, active, is_company, type, is_customer, lang, create_date, write_date)
    SELECT 'Bench ' || n, 'Bench ' || n, TRUE, TRUE, 'contact', TRUE, 'en_US', now() - interval '2 years' * random(), now()
      FROM generate_series(1, %s) AS n;
    UPDATE res_partner SET commercial_partner_id = id WHERE commercial_partner_id IS NULL;
"""
DEALS_SQL = """
    INSERT INTO crm_lead (name, type, active, probability, stage_id, partner_id, commercial_partner_id, expected_revenue, date_closed,
                          company_id, product_id, create_date, write_date)
    SELECT 'Deal', 'opportunity', TRUE, CASE WHEN random() < 0.85 THEN 100 ELSE 30 END, %(stage)s, id, id,
           round((100 * exp(6 * random()))::numeric, -2), now() at time zone 'UTC' - interval '700 days' * random() ^ 2,
           %(company)s, CASE WHEN random() < 0.2 THEN %(product)s END, now(), now()
      FROM (SELECT id, generate_series(1, CASE WHEN random() < 0.33 THEN 0 ELSE ceil(-2.5 * ln(random()))::int END)
              FROM res_partner WHERE name LIKE 'Bench %%') AS buyer
"""
NTILE_SQL = """
    CREATE TEMP TABLE bench_ntile AS
    SELECT id, ntile(5) OVER (ORDER BY last) AS r, ntile(5) OVER (ORDER BY count) AS f, ntile(5) OVER (ORDER BY value) AS m
      FROM (SELECT commercial_partner_id AS id, max(date_closed) AS last, count(*) AS count, sum(expected_revenue) AS value
              FROM crm_lead WHERE probability = 100 AND active GROUP BY 1) AS bought
"""


def say(text):
    print(text, file=sys.stderr, flush=True)


def prepare(env, customers):
    """More customers up to ``customers`` in all, with their deals."""
    env.cr.execute("DELETE FROM crm_lead WHERE name = 'Deal'")
    env.cr.execute("SELECT count(*) FROM res_partner WHERE name LIKE 'Bench %'")
    there = env.cr.fetchone()[0]
    env.cr.execute("SELECT setseed(0.14)")
    env.cr.execute(CUSTOMERS_SQL, [customers - there])
    product = env["product.product"].create({"name": "Bench pump"})
    tag = env["res.partner.category"].create({"name": "Bench"})
    env["crm.customer.tag.rule"].create({"name": "Bench", "tag_id": tag.id, "product_ids": [(6, 0, product.ids)]})
    stage = env["crm.stage"].search([("is_won", "=", True)], limit=1)
    env.cr.execute(DEALS_SQL, {"stage": stage.id, "company": env.company.id, "product": product.id})
    deals = env.cr.rowcount
    env.cr.commit()
    for table in ("res_partner", "crm_lead"):
        env.cr.execute("ANALYZE %s" % table)
    env.cr.commit()
    return deals


def run_all(env):
    """What the nightly job does, its pages one after the other in this process."""
    env["res.partner"].with_context(test_queue_job_no_delay=True)._run_customer_states()
    env.cr.commit()


def timed(env, function):
    before, started = env.cr.sql_log_count, time.perf_counter()
    function()
    return time.perf_counter() - started, env.cr.sql_log_count - before


def check(env):
    """Raise where figures are wrong."""
    env.cr.execute(
        "SELECT count(*) FROM res_partner AS partner LEFT JOIN (SELECT commercial_partner_id AS id, count(*) AS count,"
        " sum(expected_revenue) AS value FROM crm_lead WHERE active AND probability = 100 GROUP BY 1) AS bought USING (id)"
        " WHERE partner.name LIKE 'Bench %' AND (coalesce(partner.purchase_count, 0), coalesce(partner.purchase_value, 0))"
        " IS DISTINCT FROM (coalesce(bought.count, 0), coalesce(bought.value, 0))"
    )
    assert env.cr.fetchone()[0] == 0, "purchases do not add up"
    for position, column in ((1, "last_purchase_date"), (2, "purchase_count"), (3, "purchase_value")):
        env.cr.execute(
            f"SELECT count(*) FROM (SELECT {column} FROM res_partner WHERE rfm_cell IS NOT NULL GROUP BY 1"
            f" HAVING count(DISTINCT split_part(rfm_cell, '-', {position})) > 1) AS torn"
        )
        assert env.cr.fetchone()[0] == 0, "equal values with different scores: %s" % column


def measure(env, customers, figures, suffix):
    figures["deals" + suffix] = prepare(env, customers)
    say("%d customers, %d deals" % (customers, figures["deals" + suffix]))
    figures["scratch_s" + suffix], figures["scratch_queries" + suffix] = timed(env, lambda: run_all(env))
    check(env)
    figures["again_s" + suffix], _queries = timed(env, lambda: run_all(env))
    figures["rfm_and_grades_s" + suffix], _queries = timed(env, lambda: env["res.partner"].browse()._update_grades())
    env.cr.commit()
    figures["ntile_s" + suffix], _queries = timed(env, lambda: env.cr.execute(NTILE_SQL))
    env.cr.execute("DROP TABLE bench_ntile")
    env.cr.execute("SELECT id FROM res_partner WHERE name LIKE 'Bench %%' ORDER BY id LIMIT %s", [CHANGES])
    times, queries = [], 0
    for (partner_id,) in env.cr.fetchall():
        env["crm.customer.change"]._note([partner_id])
        env.clear()
        seconds, queries = timed(env, env["crm.customer.change"]._cron_work_off)
        times.append(seconds)
    env.cr.commit()
    figures["one_ms" + suffix], figures["one_queries" + suffix] = 1000 * sorted(times)[len(times) // 2], queries
    say(figures)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", required=True)
    parser.add_argument("--db", required=True)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    options = parser.parse_args()
    odoo.tools.config.parse_config(["-c", options.config, "--log-level=error"])
    figures = {}
    with api.Environment.manage(), odoo.registry(options.db).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        measure(env, options.customers // 10, figures, "_tenth")
        measure(env, options.customers, figures, "")
    figures["growth"] = math.log10(figures["scratch_s"] / figures["scratch_s_tenth"])
    figures["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {name: round(value, 3) for name, value in figures.items()}
    print(json.dumps(figures) if options.json else "\n".join("%-28s %s" % item for item in figures.items()))


if __name__ == "__main__":
    main()
