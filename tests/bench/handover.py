#!/usr/bin/env python3
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Handover of one person with 3,000 customers and 10,000 open records to five others, rules by region and evenly.

Preview and handover are timed apart, each with a cursor and empty caches of its own, as a request has them; a tenth of
the size gives the growth. Five runs, the median counts; each is checked record by record, then rolled back. The peer is
Odoo's own way: selecting leads and quotations in the list and writing another salesperson, on a sample, per record.
"""

import argparse
import json
import math
import resource
import statistics
import sys
import time

import odoo
from odoo import SUPERUSER_ID, api

NEEDS = ["suite", "plain"]
RUNS = 5
CUSTOMERS = 3000
RECEIVERS = 5
#: Open records by kind for every 3,000 customers; 10,000 together
OPEN = {"lead": 6000, "quotation": 1500, "order": 500, "ticket": 300, "work_order": 200, "activity": 1500}
SAMPLE = {"crm.lead": 300, "sale.order": 100}
ROLES = (
    "crm_core.group_sales_rep",
    "crm_service.group_service_agent",
    "crm_service.group_technician",
)

PARTNERS = """
    INSERT INTO res_partner (name, display_name, active, is_company, type, lang, company_id, state_id, create_date{columns})
    SELECT 'Customer ' || i, 'Customer ' || i, TRUE, TRUE, 'contact', 'en_US', %(company)s,
           CASE WHEN i %% 4 = 0 THEN %(state)s END, now(){values} FROM generate_series(1, %(number)s) AS i RETURNING id
"""
SUITE = (", is_customer, user_id, owner_since", ", TRUE, %(giver)s, now()")
LEADS = """
    INSERT INTO crm_lead (name, type, active, company_id, stage_id, user_id, team_id, probability, automated_probability,
                          partner_id, create_date{columns})
    SELECT 'Lead ' || i, 'opportunity', TRUE, %(company)s, %(stage)s, %(giver)s, %(team)s, 10, 10,
           p.id, now(){values} FROM generate_series(1, %(number)s) AS i
      LEFT JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM unnest(%(partners)s) AS id) AS p
        ON i %% 3 <> 0 AND p.n = 1 + i %% cardinality(%(partners)s)
    RETURNING id
"""
ORDERS = """
    WITH made AS (
        INSERT INTO sale_order (name, state, date_order, partner_id, partner_invoice_id, partner_shipping_id, pricelist_id,
                                company_id, picking_policy, warehouse_id, user_id, team_id, create_date, invoice_status)
        SELECT %(state)s || i, %(state)s, now(), p, p, p, %(pricelist)s, %(company)s, 'direct', %(warehouse)s, %(giver)s,
               %(team)s, now(), %(status)s
          FROM (SELECT i, (%(partners)s)[1 + i %% cardinality(%(partners)s)] AS p FROM generate_series(1, %(number)s) AS i) AS row
        RETURNING id)
    INSERT INTO sale_order_line (order_id, name, price_unit, product_uom_qty, customer_lead, display_type, salesman_id, company_id)
    SELECT made.id, 'Line', 0, 0, 0, 'line_note', %(giver)s, %(company)s FROM made CROSS JOIN generate_series(1, 2)
    RETURNING order_id
"""
TICKETS = """
    INSERT INTO helpdesk_ticket (name, description, number, active, company_id, stage_id, user_id, partner_id, rating_status)
    SELECT 'Ticket ' || i, 'x', 'T' || i, TRUE, %(company)s, %(ticket_stage)s, %(giver)s,
           (%(partners)s)[1 + i %% cardinality(%(partners)s)], 'stage' FROM generate_series(1, %(number)s) AS i RETURNING id
"""
WORK_ORDERS = """
    INSERT INTO crm_service_order (name, kind, state, company_id, technician_id, partner_id)
    SELECT 'W' || i, 'on_site', 'planned', %(company)s, %(giver)s, (%(partners)s)[1 + i %% cardinality(%(partners)s)]
      FROM generate_series(1, %(number)s) AS i RETURNING id
"""
ACTIVITIES = """
    INSERT INTO mail_activity (res_model_id, res_model, res_id, res_name, date_deadline, user_id, summary, activity_type_id)
    SELECT %(model)s, 'crm.lead', (%(leads)s)[1 + i %% cardinality(%(leads)s)], 'Lead', now()::date, %(giver)s, 'Call', %(kind)s
      FROM generate_series(1, %(number)s) AS i RETURNING id
"""


class Company:
    """One person's work, in SQL; committed."""

    def __init__(self, env, size, suite):
        self.env, self.suite = env, suite
        xmlids = ROLES if suite else ("sales_team.group_sale_salesman",)
        groups = [(6, 0, [env.ref(xmlid).id for xmlid in xmlids])]
        people = env["res.users"].create(
            [{"name": "P%d-%d" % (size, n), "login": "p%d-%d" % (size, n), "groups_id": groups} for n in range(RECEIVERS + 1)]
        )
        self.giver, self.receivers = people[0], people[1:]
        self.state = env.ref("base.state_cn_GD")
        stages = env["helpdesk.ticket.stage"].search([("closed", "=", False)], limit=1) if suite else env["res.users"]
        self.values = {
            "company": env.company.id,
            "giver": self.giver.id,
            "state": self.state.id,
            "stage": env["crm.stage"].search([], limit=1).id,
            "team": env["crm.team"].search([], limit=1).id,
            "pricelist": env["product.pricelist"].search([], limit=1).id,
            "warehouse": env["stock.warehouse"].search([], limit=1).id,
            "ticket_stage": stages.id,
            "model": env["ir.model"]._get_id("crm.lead"),
            "kind": env.ref("mail.mail_activity_data_call").id,
        }
        columns, values = SUITE if suite else ("", "")
        self.partners = self.insert(PARTNERS.format(columns=columns, values=values), size)
        env.cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE id = ANY(%s)", (self.partners,))

    def insert(self, query, number, **values):
        self.env.cr.execute(query, {**self.values, "partners": getattr(self, "partners", None), "number": number, **values})
        return [record_id for (record_id,) in self.env.cr.fetchall()]

    def fill(self, share):
        """``share``: of :data:`OPEN`."""
        columns, values = (", commercial_partner_id", ", p.id") if self.suite else ("", "")
        leads = self.insert(LEADS.format(columns=columns, values=values), int(OPEN["lead"] * share))
        self.insert(ORDERS, int(OPEN["quotation"] * share), state="draft", status="no")
        self.insert(ORDERS, int(OPEN["order"] * share), state="sale", status="to invoice")
        if self.suite:
            self.insert(TICKETS, int(OPEN["ticket"] * share))
            self.insert(WORK_ORDERS, int(OPEN["work_order"] * share))
        self.insert(ACTIVITIES, int(OPEN["activity"] * share), leads=leads)
        for model in ("res.partner", "crm.lead", "sale.order"):
            self.env.cr.execute(
                "INSERT INTO mail_followers (res_model, res_id, partner_id) SELECT %s, id, %s FROM {} WHERE user_id = %s"
                " ON CONFLICT DO NOTHING".format(self.env[model]._table),
                (model, self.giver.partner_id.id, self.giver.id),
            )
        self.env.cr.commit()
        self.env.cr.execute("ANALYZE")
        self.env.cr.commit()
        return self


def timed(name, user_id, call, commit=True):
    """(seconds, statements, answer) of ``call(env)`` with a cursor of its own."""
    with api.Environment.manage(), odoo.registry(name).cursor() as cr:
        env = api.Environment(cr, user_id, {"lang": "en_US", "allowed_company_ids": [1]})
        started, before = time.perf_counter(), cr.sql_log_count
        answer = call(env)
        env["base"].flush()
        figures = time.perf_counter() - started, cr.sql_log_count - before
        if commit:
            cr.commit()
        else:
            cr.rollback()
    return (*figures, answer)


def make_handover(env, company):
    region, evenly = company.receivers[:2].ids, company.receivers[2:].ids
    rules = [{"state_ids": [(6, 0, company.state.ids)], "receiver_ids": [(6, 0, region)]}, {"receiver_ids": [(6, 0, evenly)]}]
    vals = {"from_user_id": company.giver.id, "rule_ids": [(0, 0, {"sequence": n, **rule}) for n, rule in enumerate(rules)]}
    return env["crm.handover"].create(vals).id


def check(env, handover_id, giver_id, expected):
    """All of it moved, nothing is left, one customer's records have one owner; region by region."""
    env["base"].flush()
    left = env["crm.handover"]._count_open_of(env["res.users"].browse(giver_id))
    env.cr.execute("SELECT kind, count(*), count(to_user_id) FROM crm_handover_move WHERE handover_id = %s GROUP BY kind", (handover_id,))
    moved = {kind: (number, given) for kind, number, given in env.cr.fetchall()}
    env.cr.execute(
        "SELECT count(*) FROM crm_handover_move m JOIN crm_lead l ON m.kind = 'lead' AND l.id = m.res_id"
        " LEFT JOIN res_partner p ON p.id = l.partner_id"
        " WHERE m.handover_id = %s AND (l.user_id <> m.to_user_id OR p.user_id <> l.user_id)",
        (handover_id,),
    )
    wrong = env.cr.fetchone()[0]
    env.cr.execute("SELECT count(*) FROM sale_order_line l JOIN sale_order o ON o.id = l.order_id WHERE l.salesman_id <> o.user_id")
    wrong += env.cr.fetchone()[0]
    if left or wrong or moved != {kind: (number, number) for kind, number in expected.items()}:
        raise AssertionError("left: %s, wrong: %d, moved: %s" % (left, wrong, moved))


def measure(name, share):
    """(median seconds of the preview, of the handover, statements of both, records) at a share of the whole size."""
    with api.Environment.manage(), odoo.registry(name).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True, "no_reset_password": True})
        company = Company(env, int(CUSTOMERS * share), suite=True).fill(share)
        giver_id = company.giver.id
        handover_id = make_handover(env, company)
        cr.commit()
    expected = {"customer": int(CUSTOMERS * share), **{kind: int(number * share) for kind, number in OPEN.items()}}

    def hand_over(env):
        env["crm.handover"].browse(handover_id).action_hand_over()

    def hand_over_and_check(env):
        hand_over(env)
        check(env, handover_id, giver_id, expected)

    previews = [timed(name, 2, lambda env: env["crm.handover"].browse(handover_id).action_preview()) for _run in range(RUNS)]
    handovers = [timed(name, 2, hand_over, commit=False) for _run in range(RUNS)]
    timed(name, 2, hand_over_and_check, commit=True)
    return {
        "preview_s": statistics.median(run[0] for run in previews),
        "handover_s": statistics.median(run[0] for run in handovers),
        "queries": max(run[1] for run in handovers) + max(run[1] for run in previews),
        "records": sum(expected.values()),
    }


def measure_plain(name):
    """Seconds per record of writing the salesperson in Odoo's list."""
    with api.Environment.manage(), odoo.registry(name).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True, "no_reset_password": True})
        company = Company(env, 100, suite=False).fill(0.1)
        giver_id, receiver_id = company.giver.id, company.receivers[0].id
    seconds = 0.0
    for model, number in SAMPLE.items():

        def write(env, model=model, number=number):
            env[model].search([("user_id", "=", giver_id)], limit=number).write({"user_id": receiver_id})

        seconds += timed(name, 2, write, commit=False)[0]
    return seconds / sum(SAMPLE.values())


def run(options):
    tenth, whole = measure(options.db, 0.1), measure(options.db, 1)
    figures = {
        **whole,
        "growth": math.log10(whole["handover_s"] / tenth["handover_s"]),
        "queries_tenth": tenth["queries"],
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    if options.plain_db:
        figures["odoo_ms_per_record"] = 1000 * measure_plain(options.plain_db)
        figures["suite_ms_per_record"] = 1000 * whole["handover_s"] / whole["records"]
        figures["ratio"] = figures["odoo_ms_per_record"] / figures["suite_ms_per_record"]
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", required=True, help="Odoo's configuration file")
    parser.add_argument("--db", required=True, help="database with the suite")
    parser.add_argument("--plain-db", help="database with the same Odoo modules without the suite")
    parser.add_argument("--data", help="not used")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    odoo.tools.config.parse_config(["-c", options.config, "--log-level=error"])
    figures = {name: round(figure, 3) for name, figure in run(options).items()}
    if options.json:
        print(json.dumps(figures))
        return
    for name, figure in figures.items():
        print(name, figure, "s" if name.endswith("_s") else "")


if __name__ == "__main__":
    sys.exit(main())
