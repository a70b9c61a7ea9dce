# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Second half of the intake benchmark: a backlog of submissions becomes leads, by two processes.

Everything on the way is on: reading, places, duplicates, leads, touchpoints, score, assignment under rules. The processes
run what the jobs run (``crm.touchpoint._drain_batch``), one transaction a batch. What is counted in the end: each person
one lead, nothing left, nothing twice, and a random sample of the leads beside those the ORM's ``create`` makes.

Run as a script it is one of the processes: it loads Odoo, says so, waits for a line, works and reports as JSON.
"""

import json
import math
import random
import resource
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import odoo
from odoo import SUPERUSER_ID, api
from psycopg2 import OperationalError

SEED = 31
PROCESSES = 2
SHARES = (0.1, 1.0)
SAMPLE = 80
ACCEPTED_AT_ONCE = 1000
DUPLICATES = 0.15
UNREADABLE = 0.002
#: Set by later steps than the creation, or different for each lead
LATER = {
    *("id", "create_date", "write_date", "write_uid", "date_last_stage_update", "user_id", "team_id", "pool_id", "date_open"),
    *("day_open", "score", "grade", "score_reason_data", "score_version_id", "probability", "automated_probability"),
    *("prorated_revenue", "date_action_last", "assignment_rule_id", "assigned_at", "first_response_due", "first_responded_at"),
}
SURNAMES, CITIES = "王李张刘陈杨黄赵吴周", ["深圳", "广州", "北京", "上海", "杭州", "成都"]
TRADES, FORMS = ["电子", "机电", "精密制造", "自动化", "泵业", "贸易"], ["有限公司", "股份有限公司", "有限责任公司", ""]


@contextmanager
def environment(config, database):
    """An environment of the superuser, as jobs have it."""
    odoo.tools.config.parse_config(["-c", config])
    with api.Environment.manage(), odoo.registry(database).cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})


# -- the backlog -----------------------------------------------------------------------------------------------------


class Backlog:
    """Life-like submissions: skewed sources, formats as people type them, some sent by people who are known already."""

    def __init__(self, prefix):
        self.rng = random.Random(SEED + prefix)
        self.prefix, self.people, self.unreadable = prefix, 0, 0

    def rows(self, number):
        for count in range(number):
            if self.rng.random() < UNREADABLE:
                self.unreadable += 1
                payload = "{not JSON"
            else:
                payload = self._person(self._choose())
            yield {"payload": payload, "idempotency_key": f"bench-{self.prefix}-{count}"}

    def _choose(self):
        """A new person, or one from before: mostly somebody of the last minutes, who pressed the button twice."""
        if self.people and self.rng.random() < DUPLICATES:
            recent = self.rng.random() < 0.6
            return self.rng.randrange(max(0, self.people - 300) if recent else 0, self.people)
        self.people += 1
        return self.people - 1

    def _person(self, person):
        rng = random.Random(person * 1000 + self.prefix)
        digits = f"19{self.prefix}{person:08d}"
        data = {
            "name": rng.choice(SURNAMES) + "工",
            "phone": self.rng.choice([digits, f"+86 {digits}", f"{digits[:3]}-{digits[3:7]}-{digits[7:]}"]),
        }
        if rng.random() < 0.4:
            data["email"] = f"b{self.prefix}.{person}@example.com"
        if rng.random() < 0.5:
            data["company"] = f"{rng.choice(CITIES)}{person % 7919}{rng.choice(TRADES)}{rng.choice(FORMS)}"
        if rng.random() < 0.3:
            data.update(province="广东", city=rng.choice(CITIES[:2]))
        if rng.random() < 0.1:
            data["wechat"] = f"wx{self.prefix}{person}"
        data["message"] = f"想了解产品，数量 {self.rng.randrange(1, 50)} 台"
        data["page"] = f"https://example.com/p/{int(self.rng.paretovariate(1.2)) % 40}"
        data["utm_source"] = self.rng.choices(["bench-baidu", "bench-douyin", "bench-wechat"], [6, 3, 1])[0]
        data["utm_term"] = self.rng.choice(["离心泵", "电机", "传感器"])
        data["ip"] = f"203.0.113.{self.rng.randrange(256)}"
        return data


def set_up(env):
    """A channel, and twelve reps under three rules with their strategies."""
    channel = env["crm.intake.channel"].create({"name": "Backlog", "kind": "json", "rate_limit": 0})
    env["utm.source"].create([{"name": name} for name in ("bench-baidu", "bench-douyin", "bench-wechat")])
    group = env.ref("crm_core.group_sales_rep").ids
    team = env["crm.team"].create({"name": "Backlog"})
    users = env["res.users"].with_context(no_reset_password=True)
    reps = users.create([
        {"name": f"Rep {number}", "login": f"backlog-{number}", "groups_id": [(6, 0, group)], "sale_team_id": team.id}
        for number in range(12)
    ])  # fmt: skip
    domains = ("[('city', 'in', ['深圳', '广州'])]", "[('partner_name', '!=', False)]", "[]")
    env["crm.assignment.rule"].search([]).active = False
    env["crm.assignment.rule"].create([
        {
            "name": f"Backlog {number}", "sequence": number, "domain": domain, "strategy": strategy, "only_at_work": False,
            "member_ids": [(0, 0, {"user_id": rep.id, "weight": 1 + rep.id % 3}) for rep in reps[number * 4 : number * 4 + 4]],
        }
        for number, (domain, strategy) in enumerate(zip(domains, ("round_robin", "weighted", "least_loaded")))
    ])  # fmt: skip
    env.cr.commit()
    return channel


def fill(env, channel, backlog, number):
    """Store the backlog as sent; returns the first id."""
    rows = list(backlog.rows(number))
    first = None
    for start in range(0, number, ACCEPTED_AT_ONCE):
        ids = env["crm.touchpoint"]._accept_rows(channel, rows[start : start + ACCEPTED_AT_ONCE])
        first = first or ids[0]
        env.cr.commit()
    return first


# -- the processes ---------------------------------------------------------------------------------------------------


def work(config, database):
    """Be one of the processes: ready → a line → work → report."""
    with environment(config, database) as env:
        touchpoints = env["crm.touchpoint"]
        print("ready", flush=True)
        sys.stdin.readline()
        done, batches, start, cpu = 0, 0, time.time(), time.process_time()
        taken = touchpoints._drain_batch()
        while taken is not None:
            done, batches = done + taken, batches + 1
            taken = touchpoints._drain_batch()
        assign_rest(env)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        report = {"done": done, "batches": batches, "end": time.time(), "seconds": time.time() - start, "memory": memory}
        print(json.dumps({**report, "cpu": time.process_time() - cpu}), flush=True)


def assign_rest(env):
    """What the assignment left to its job: leads of a batch whose reps were being given leads by the other process."""
    from odoo.addons.queue_job.exception import RetryableJobError  # importable once Odoo is configured

    if not env["queue.job"].search_count([("method_name", "=", "_run_job"), ("state", "=", "pending")]):
        return
    while True:
        try:
            env["crm.assignment.rule"]._run_job([])
            return env.cr.commit()
        except (RetryableJobError, OperationalError):
            env.cr.rollback()
            env.clear()
            time.sleep(0.2)


def drain(options):
    """Let the processes empty the backlog; returns (seconds until the last one is done, their reports)."""
    command = [sys.executable, str(Path(__file__).resolve()), options.config, options.db]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)]
    for process in processes:
        while process.stdout.readline().strip() != "ready":
            if process.poll() is not None:
                raise SystemExit("a process of the backlog died")
    start = time.time()
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    reports = [json.loads(process.communicate()[0].splitlines()[-1]) for process in processes]
    return max(report["end"] for report in reports) - start, reports


# -- the check -------------------------------------------------------------------------------------------------------


def check(env, first, number, backlog):
    """(lost, duplicated): submissions without the outcome due to them, leads more than one for a person."""
    env.cr.execute(
        """
        SELECT count(*) FILTER (WHERE state = 'done' AND lead_id IS NOT NULL), count(*) FILTER (WHERE state = 'dead'),
               count(DISTINCT lead_id), count(*)
          FROM crm_touchpoint WHERE id >= %s
        """,
        [first],
    )
    done, dead, leads, stored = env.cr.fetchone()
    lost = (number - stored) + abs(dead - backlog.unreadable) + (stored - done - dead) + max(0, backlog.people - leads)
    env.cr.execute(
        """
        SELECT coalesce(sum(number - 1), 0) FROM (
            SELECT count(*) AS number FROM crm_lead
             WHERE id IN (SELECT lead_id FROM crm_touchpoint WHERE id >= %s) GROUP BY phone_sanitized
        ) AS person WHERE number > 1
        """,
        [first],
    )
    return lost, int(env.cr.fetchone()[0]) + max(0, leads - backlog.people)


def check_sample(env, first):
    """Columns in which leads of the pipeline differ from those ``create`` makes of the same submissions; rolled back."""
    env.cr.execute("SELECT id FROM crm_touchpoint WHERE id >= %s AND outcome = 'created' ORDER BY md5(id::text) LIMIT %s", [first, SAMPLE])
    touchpoints = env["crm.touchpoint"].browse([row[0] for row in env.cr.fetchall()])
    parsed = touchpoints._parse_submissions()
    vals_list = [dict(parsed[touchpoint.id]) for touchpoint in touchpoints]
    env["crm.enrichment"]._fill_offline(vals_list, [touchpoint.visitor_ip for touchpoint in touchpoints])
    leads = touchpoints.mapped("lead_id")
    assert len(leads) == len(touchpoints), "each created a lead of its own"
    differing = set()
    for touchpoint, vals in zip(touchpoints, vals_list):
        twin = env["crm.lead"].with_context(tracking_disable=True).create(vals)
        twin.flush()
        env.cr.execute("SELECT * FROM crm_lead WHERE id IN %s", [(touchpoint.lead_id.id, twin.id)])
        mine, orm = sorted(env.cr.dictfetchall(), key=lambda row: row["id"])
        differing |= {name for name in mine.keys() - LATER if mine[name] != orm[name]}
        differing |= {"tag_ids"} if touchpoint.lead_id.tag_ids != twin.tag_ids else set()
    env.cr.rollback()
    env.clear()
    return sorted(differing)


def run(options):
    """Process backlogs of a tenth and of the whole ``options.backlog``; returns metric → value."""
    found, rates = {"lost": 0, "duplicated": 0}, []
    with environment(options.config, options.db) as env:
        channel = set_up(env)
        drain(options)  # what the first half left, as warm-up
        for number, share in enumerate(SHARES, 1):
            size = max(1, int(options.backlog * share))
            backlog = Backlog(number)
            first = fill(env, channel, backlog, size)
            seconds, reports = drain(options)
            env.cr.commit()
            env.clear()
            lost, duplicated = check(env, first, size, backlog)
            rates.append(seconds / size)
            found["lost"] += lost
            found["duplicated"] += duplicated
            for report in reports:
                print(f"backlog {size}: {json.dumps(report)}", file=sys.stderr)
        differing = check_sample(env, first)
        if differing:
            raise SystemExit(f"leads of the pipeline differ from create's in {', '.join(differing)}")
        env.cr.execute(
            "SELECT avg((user_id IS NOT NULL)::int) FROM crm_lead WHERE id IN (SELECT lead_id FROM crm_touchpoint WHERE id >= %s)", [first]
        )
        found["assigned_share"] = float(env.cr.fetchone()[0])
    found["processed_per_s"] = 1 / rates[-1]
    found["processed_per_s_tenth"] = 1 / rates[0]
    found["growth_process"] = 1 + math.log(rates[-1] / rates[0]) / math.log(SHARES[-1] / SHARES[0])
    found["process_memory_mb"] = max(report["memory"] for report in reports)
    found["sampled_leads"] = SAMPLE
    return found


if __name__ == "__main__":
    work(*sys.argv[1:])
