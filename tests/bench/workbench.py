#!/usr/bin/env python3
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The first page of the day: ``crm.workbench.get_page`` of rep, leader, director and marketing, measured in the server.

20 teams of 10 reps below one department, leads of three years (most of them lost, a sixth won, a tenth in a pool; of the
last four months two in five still open), 40 promised actions a rep, targets of rep, team and company for the running
month. Each page has a cursor of its own and empty caches, as a request has. Sizes a tenth and whole; the median of five
runs. Checked: every count equals the ``search_count`` of what its tile opens, and the queries are as many at both sizes.
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

NEEDS = ["suite"]
RUNS, PAGES = 5, 6
TEAMS, REPS = 20, 10
QUIET = {"tracking_disable": True, "no_reset_password": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}

LEADS = """
    INSERT INTO crm_lead (name, type, active, company_id, stage_id, user_id, team_id, pool_id, pooled_since, expected_revenue,
                          probability, automated_probability, create_date, write_date, create_uid, write_uid, date_open,
                          date_last_stage_update, date_last_follow_up, date_closed, date_deadline, source_id, grade, score)
    SELECT '咨询 ' || i, 'opportunity', kind.state <> 'lost', %(company)s,
           CASE WHEN kind.state = 'won' THEN %(won)s ELSE (%(stages)s::int[])[1 + i %% cardinality(%(stages)s::int[])] END,
           CASE WHEN kind.state <> 'pool' THEN (%(reps)s::int[])[1 + rep.number] END,
           (%(teams)s::int[])[1 + rep.number / %(per_team)s],
           CASE WHEN kind.state = 'pool' THEN (%(pools)s::int[])[1 + rep.number / %(per_team)s] END,
           CASE WHEN kind.state = 'pool' THEN age.day END,
           1000 + i::bigint * 7919 %% 90000, CASE kind.state WHEN 'won' THEN 100 WHEN 'lost' THEN 0 ELSE 20 END, 20,
           age.day, age.day, 1, 1, age.day, age.day + interval '3 days',
           CASE WHEN i %% 10 > 0 OR kind.state IN ('won', 'lost') THEN age.day + interval '4 days' END,
           CASE WHEN kind.state IN ('won', 'lost') THEN age.day + interval '20 days' END,
           CASE WHEN kind.state = 'open' THEN (age.day + interval '60 days')::date END,
           (%(sources)s::int[])[1 + i %% cardinality(%(sources)s::int[])],
           (ARRAY['A', 'B', 'C', 'D'])[1 + i %% 4], 50
      FROM generate_series(%(first)s, %(last)s) AS i
     CROSS JOIN LATERAL (SELECT (i::bigint * 7919 %% %(rep_count)s)::int AS number) AS rep
     CROSS JOIN LATERAL (SELECT (i::bigint * 104729 %% 1095)::int AS days) AS past
     CROSS JOIN LATERAL (SELECT now() AT TIME ZONE 'UTC' - past.days * interval '1 day' AS day) AS age
     CROSS JOIN LATERAL (SELECT CASE WHEN past.days < 120 AND i %% 100 < 40 THEN 'open' WHEN i %% 100 < 75 THEN 'lost'
                                     WHEN i %% 100 < 90 THEN 'won' ELSE 'pool' END AS state) AS kind
"""


class Database:
    """One database; every page has a cursor of its own."""

    def __init__(self, name):
        self.registry = odoo.registry(name)

    def call(self, function, user_id=SUPERUSER_ID):
        with api.Environment.manage(), self.registry.cursor() as cr:
            result = function(api.Environment(cr, user_id, dict(QUIET, allowed_company_ids=[1], lang="en_US", tz="Asia/Shanghai")))
            cr.commit()
            return result

    def page(self, user_id):
        """(milliseconds, queries, page)"""

        def get(env):
            before, started = env.cr.sql_log_count, time.perf_counter()
            page = env["crm.workbench"].get_page()
            return 1000 * (time.perf_counter() - started), env.cr.sql_log_count - before, page

        return self.call(get, user_id)


def make_people(env):
    """Teams, their leaders, reps and pools; who looks at the page."""

    def user(login, group):
        vals = {"name": login, "login": login, "groups_id": [(6, 0, env.ref(group).ids)], "tz": "Asia/Shanghai"}
        return env["res.users"].create(vals)

    director = user("bench_director", "crm_core.group_sales_director")
    top = env["crm.team"].create({"name": "Bench department", "user_id": director.id})
    teams, reps, leaders = [], [], []
    for number in range(TEAMS):
        leaders.append(user(f"bench_leader_{number}", "crm_core.group_team_leader"))
        members = [user(f"bench_rep_{number}_{place}", "crm_core.group_sales_rep") for place in range(REPS)]
        vals = {"name": f"Bench team {number}", "parent_id": top.id, "user_id": leaders[-1].id}
        teams.append(env["crm.team"].create({**vals, "member_ids": [(6, 0, [member.id for member in members])]}))
        reps += members
    pools = [env["crm.pool"].create({"name": team.name, "team_id": team.id, "company_id": env.company.id}) for team in teams]
    stages = env["crm.stage"].search([("is_won", "=", False), ("team_id", "=", False)])
    sources = [env["utm.source"].create({"name": f"Bench {number}"}).id for number in range(8)]
    return {
        "company": env.company.id,
        "teams": [team.id for team in teams],
        "reps": [rep.id for rep in reps],
        "rep_count": len(reps),
        "per_team": REPS,
        "pools": [pool.id for pool in pools],
        "stages": stages.ids,
        "won": env["crm.stage"].search([("is_won", "=", True)], limit=1).id,
        "sources": sources,
        "viewers": {
            "rep": reps[0].id,
            "leader": leaders[0].id,
            "director": director.id,
            "marketing": user("bench_marketing", "crm_core.group_marketing").id,
        },
    }


def make_work(env, world):
    """Forty promised actions a rep, and targets of the running month for rep, team and company."""
    kind, model = env.ref("mail.mail_activity_data_call").id, env["ir.model"]._get_id("crm.lead")
    env.cr.execute(
        """
        INSERT INTO mail_activity (res_model_id, res_model, res_id, res_name, user_id, activity_type_id, date_deadline, create_uid,
                                   write_uid, create_date, write_date, automated)
        SELECT %s, 'crm.lead', lead.id, lead.name, lead.user_id, %s, current_date - (lead.id %% 40) + 35, 1, 1, now(), now(), FALSE
          FROM (SELECT id, name, user_id, row_number() OVER (PARTITION BY user_id ORDER BY id) AS place
                  FROM crm_lead WHERE active AND user_id = ANY(%s)) AS lead
         WHERE lead.place <= 40
        """,
        [model, kind, world["reps"]],
    )
    measures = env["crm.bi.measure"].search([("code", "in", ("new_leads", "won_value"))])
    owners = [{}, *({"team_id": team} for team in world["teams"]), *({"user_id": rep} for rep in world["reps"])]
    env["crm.target"].create([{"measure_id": measure.id, "goal": 100, **owner} for measure in measures for owner in owners])


def fill(database, world, first, last):
    started = time.perf_counter()

    def insert(env):
        env.cr.execute("SET LOCAL synchronous_commit = off")
        env.cr.execute(LEADS, {**{k: v for k, v in world.items() if k != "viewers"}, "first": first + 1, "last": last})

    database.call(insert)
    with database.registry.cursor() as cr:
        cr._cnx.autocommit = True
        cr.execute("VACUUM ANALYZE crm_lead")
        cr._cnx.autocommit = False
    return time.perf_counter() - started


def check(database, user_id, page):
    """Every count is that of the records its tile opens. Returns the number of tiles."""

    def count(env):
        for tile in page["tiles"]:
            if tile["error"]:
                raise SystemExit(f"{tile['key']}: {tile['error']}")
            action = tile["action"]
            records = env[action["res_model"]].with_context(**action["context"])
            if tile["unit"] == "count" and records.search_count(action["domain"]) != tile["value"]:
                raise SystemExit(f"{tile['key']} shows {tile['value']}, and opens {records.search_count(action['domain'])}")

    database.call(count, user_id)
    return len(page["tiles"])


def slowest(database, user_id):
    """{tile: ms} of the slowest three."""

    def each(env):
        found = {}
        for tile in env["crm.workbench"]._get_arranged()[0]:
            started = time.perf_counter()
            env["crm.workbench"]._get_tiles_data(tile)
            found[tile.key] = round(1000 * (time.perf_counter() - started), 1)
        return dict(sorted(found.items(), key=lambda item: -item[1])[:3])

    database.call(each, user_id)
    return database.call(each, user_id)


def measure(database, world, size, figures):
    for role, user_id in world["viewers"].items():
        database.page(user_id)
        runs = [[database.page(user_id) for _page in range(PAGES)] for _run in range(RUNS)]
        medians = [statistics.median(ms for ms, _queries, _page in run) for run in runs]
        tiles = check(database, user_id, runs[-1][-1][2])
        figures[f"ms_{role}_{size}"] = round(statistics.median(medians), 1)
        slow = [sorted(ms for ms, *_rest in run)[math.ceil(0.95 * PAGES) - 1] for run in runs]
        figures[f"p95_ms_{role}_{size}"] = round(statistics.median(slow), 1)
        figures[f"queries_{role}_{size}"] = runs[-1][-1][1]
        line = f"{size:>9,} leads  {role:<10} {figures[f'ms_{role}_{size}']:>7} ms  {runs[-1][-1][1]:>4} queries  {tiles} tiles"
        print(line, slowest(database, user_id), file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", required=True)
    parser.add_argument("--db", required=True)
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    odoo.tools.config.parse_config(["-c", options.config, "-d", options.db, "--log-level=error"])
    database = Database(options.db)
    world = database.call(make_people)
    figures, done = {}, 0
    for number, size in enumerate((options.leads // 10, options.leads)):
        seconds = fill(database, world, done, size)
        print(f"{size - done:,} leads written in {seconds:.0f} s", file=sys.stderr)
        if not number:
            database.call(lambda env: make_work(env, world))
        done = size
        measure(database, world, size, figures)
    for role in world["viewers"]:
        small, large = (figures[f"ms_{role}_{size}"] for size in (options.leads // 10, options.leads))
        figures[f"growth_{role}"] = round(math.log(large / small, 10), 2)
        if abs(figures[f"queries_{role}_{options.leads}"] - figures[f"queries_{role}_{options.leads // 10}"]) > 5:
            raise SystemExit(f"the page of {role} takes more queries with more leads")
    figures["peak_memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(figures) if options.json else "\n".join(f"{name}: {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
