# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Recycling over a million leads, part of the assignment benchmark: the rules of a company, a hundred owners, every batch
committed. What it did is held, lead by lead on a sample, against the engine's one-record rule (``recycle.decide``)."""

import math
import random
import sys
import time

import odoo
from odoo import SUPERUSER_ID, api

MARK = "recycle-bench"
OWNERS = 100
SAMPLE = 5000
#: grade, days, days of warning before
RULES = (("A", 7, 2), ("B", 14, 3), ("C", 30, 3), ("D", 60, 3))

LEADS = """
    WITH lead AS (
        INSERT INTO crm_lead (name, referred, type, active, company_id, stage_id, user_id, grade, probability,
                              automated_probability, recycle_protected, create_date, write_date, create_uid, write_uid,
                              date_open, date_last_follow_up, recycle_warned_at)
        SELECT 'Lead ' || i, %(mark)s, 'opportunity', TRUE, %(company)s, %(stage)s,
               (%(owners)s::int[])[1 + floor(r[1] * cardinality(%(owners)s::int[]))::int],
               (ARRAY['A', 'B', 'C', 'D'])[1 + floor(4 * sqrt(r[2]))::int], 10, 10, r[3] < 0.02,
               made, made, 1, 1, made + r[4] * (%(now)s - made),
               CASE WHEN r[5] < 0.8 THEN made + sqrt(r[6]) * (%(now)s - made) END,
               CASE WHEN r[7] < 0.5 THEN %(now)s - r[8] * interval '10 days' END
          FROM (SELECT i, r, date_trunc('second', %(now)s - r[9] * interval '100 days') AS made
                  FROM (SELECT i, ARRAY(SELECT random() FROM generate_series(1, 9) WHERE i = i) AS r
                          FROM generate_series(1, %(number)s) AS i OFFSET 0) AS dice) AS dated
        RETURNING id, user_id)
    INSERT INTO mail_followers (res_model, res_id, partner_id)
    SELECT 'crm.lead', lead.id, owner.partner_id FROM lead JOIN res_users AS owner ON owner.id = lead.user_id
"""


def run(options):
    """:return: seconds of both sizes, their growth, and what was counted"""
    with api.Environment.manage(), odoo.registry(options.db).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True, "no_reset_password": True})
        owners = _set_up(env)
        few = _measure(env, owners, options.recycle_leads // 10)
        many = _measure(env, owners, options.recycle_leads)
    return {
        "recycle_1m_s": many["seconds"] * 1_000_000 / options.recycle_leads,
        "recycle_100k_s": few["seconds"] * 1_000_000 / options.recycle_leads,
        "growth_recycle": math.log10(many["seconds"] / few["seconds"]),
        **{"recycle_" + name: many[name] for name in ("taken", "warned", "batches", "queries", "checked", "wrong")},
    }


def _set_up(env):
    """Owners, three of whom have left, one pool and the rules. Committed."""
    group = env.ref("crm_core.group_sales_rep")
    vals = [
        {"name": "Owner %d" % n, "login": "%s-%d" % (MARK, n), "groups_id": [(6, 0, group.ids)]} for n in range(OWNERS)
    ]
    logins = [row["login"] for row in vals]
    found = env["res.users"].with_context(active_test=False).search([("login", "in", logins)])
    owners = found or env["res.users"].create(vals)
    owners[:3].active = False
    env["crm.pool.rule"].search([]).active = False
    domain = str([("referred", "=", MARK)])
    for grade, days, warn_days in RULES:
        vals = {"name": MARK, "grade": grade, "days": days, "warn_days": warn_days, "domain": domain}
        env["crm.pool.rule"].create(vals)
    env["crm.pool.rule"].create({"name": MARK, "trigger": "owner_gone", "domain": domain})
    env["crm.pool"].create({"name": MARK, "domain": domain, "sequence": -1})
    env.cr.commit()
    return owners


def _measure(env, owners, number):
    """Make the leads, let all rules run over them, check, take them away."""
    started = time.perf_counter()
    company, stage = env.company.id, env["crm.stage"].search([], limit=1).id
    cr = env.cr
    cr.execute("SELECT setseed(0.5)")
    cr.execute("SELECT date_trunc('second', now() AT TIME ZONE 'UTC')")
    params = {"mark": MARK, "company": company, "stage": stage, "owners": owners.ids, "now": cr.fetchone()[0]}
    cr.execute(LEADS, {**params, "number": number})
    cr.commit()
    cr.execute("ANALYZE crm_lead")
    cr.commit()
    made = time.perf_counter() - started
    result = _run_rules(env, _read_sample(env, number))
    print("recycle: %d leads made in %.1f s: %s" % (number, made, result), file=sys.stderr, flush=True)
    leads = "(SELECT id FROM crm_lead WHERE referred = %s)"
    cr.execute("DELETE FROM crm_holding WHERE lead_id IN " + leads, (MARK,))
    for table in ("mail_activity", "mail_followers"):
        cr.execute("DELETE FROM %s WHERE res_model = 'crm.lead' AND res_id IN " % table + leads, (MARK,))
    cr.execute("UPDATE crm_lead SET active = FALSE, pool_id = NULL, user_id = NULL, referred = NULL WHERE referred = %s", (MARK,))
    cr.commit()
    env.clear()
    return result


def _run_rules(env, sample):
    rules = env["crm.pool.rule"].search([("name", "=", MARK)])
    run = env["crm.recycle.run"].create({"rule_ids": [(6, 0, rules.ids)], "rule_count": len(rules)})
    env.cr.commit()
    env.clear()
    started, queries, batches = time.perf_counter(), env.cr.sql_log_count, 0
    while run._step():
        env["base"].flush()
        env.cr.commit()
        env.clear()
        batches += 1
    env["base"].flush()
    env.cr.commit()
    seconds = time.perf_counter() - started
    wrong = _check(env, sample, run.date_start)
    return {
        "seconds": seconds,
        "taken": run.recycled,
        "warned": run.warned,
        "batches": batches,
        "queries": env.cr.sql_log_count - queries,
        "checked": len(sample),
        "wrong": wrong,
    }


def _read_sample(env, number):
    """{lead id: (grade, the engine's record)} as things stand before the run."""
    from odoo.addons.crm_core.engine import recycle

    env.cr.execute(
        "SELECT lead.id, lead.grade, lead.create_date, owner.active, lead.date_open, lead.date_last_follow_up, NULL,"
        " lead.recycle_warned_at, lead.recycle_protected FROM crm_lead AS lead JOIN res_users AS owner"
        " ON owner.id = lead.user_id WHERE lead.referred = %s ORDER BY lead.id",
        (MARK,),
    )
    rows = env.cr.fetchall()
    chosen = random.Random(number).sample(rows, min(SAMPLE, len(rows)))
    return {row[0]: (row[1], recycle.Record(*row[2:])) for row in chosen}


def _check(env, sample, moment):
    """How many of the sample are not where the engine says."""
    from odoo.addons.crm_core.engine import recycle

    rules = {grade: [recycle.Rule("no_follow_up", days, warn), recycle.Rule("owner_gone")] for grade, days, warn in RULES}
    env.cr.execute(
        "SELECT id, pool_id IS NOT NULL AND user_id IS NULL, recycle_warned_at FROM crm_lead WHERE id = ANY(%s)",
        (list(sample),),
    )
    wrong = 0
    for lead_id, pooled, warned_at in env.cr.fetchall():
        grade, record = sample[lead_id]
        verdict = recycle.decide(record, rules[grade], moment)
        warned = not pooled and warned_at == moment
        wrong += {recycle.RECYCLE: pooled, recycle.WARN: warned, recycle.KEEP: not pooled and not warned}[verdict] is not True
    return wrong
