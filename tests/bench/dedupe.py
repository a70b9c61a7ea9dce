#!/usr/bin/env python3
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Look-up of one lead among 1,000,000 leads and 200,000 customers, measured in the server, beside Odoo's own.

Each look-up is a call of ``crm.dedupe.find`` with a cursor of its own and empty caches, as a request makes it. Exact:
phone, e-mail, WeChat or company of somebody known, and of nobody. Fuzzy: a company's name as people mistype or shorten
it. Sizes a tenth and whole; five runs each, the median of the runs is reported. Recall and precision: the list in
crm_core's tests among all those companies. Odoo's own look-up (``_get_lead_duplicates``) knows e-mail only.
"""

import argparse
import json
import math
import random
import resource
import statistics
import sys
import time
from pathlib import Path

import odoo
from odoo import SUPERUSER_ID, api

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "addons/crm_core/tests/engine"))

import company_pairs
import dedupe_data as data

NEEDS = ["suite", "plain"]
SEED = 14
RUNS = 5
LOOK_UPS = 100
#: Distinct companies by lead, customers by lead
COMPANIES, CUSTOMERS = 0.35, 0.2
UNITS = {"fuzzy_recall": "share", "fuzzy_precision": "share", "growth_exact": "exponent", "growth_fuzzy": "exponent", "peak_memory": "MB"}


class Database:
    """One database; every look-up has a cursor of its own."""

    def __init__(self, name):
        self.registry = odoo.registry(name)

    def call(self, function, user_id=SUPERUSER_ID):
        with api.Environment.manage(), self.registry.cursor() as cr:
            return function(api.Environment(cr, user_id, {}))

    def time(self, function, user_id):
        """Milliseconds of ``function(env)`` by itself."""
        with api.Environment.manage(), self.registry.cursor() as cr:
            env = api.Environment(cr, user_id, {"allowed_company_ids": [1], "lang": "en_US"})  # as the web client
            started = time.perf_counter()
            function(env)
            return 1000 * (time.perf_counter() - started)


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, math.ceil(share * len(values)) - 1)]


def measure(database, look_ups, user_id):
    """(median of the runs' medians, median of the runs' p95) in ms."""
    for look_up in look_ups[:10]:
        database.time(look_up, user_id)
    runs = [[database.time(look_up, user_id) for look_up in look_ups] for _run in range(RUNS)]
    return [statistics.median(percentile(run, share) for run in runs) for share in (0.5, 0.95)]


# -- what is looked up -----------------------------------------------------------------------------------------------


def sample_leads(env, number, rng, size):
    env.cr.execute(
        "SELECT id, phone, email_from, partner_name FROM crm_lead WHERE name = ANY(%s)",
        [["咨询 %d" % rng.randint(1, size) for _each in range(number)]],
    )
    return env.cr.dictfetchall()


def exact_vals(leads, rng):
    """Mostly people who are known, by one key each or by all; every fifth is new."""
    for number, lead in enumerate(leads):
        known = {name: lead[name] for name in ("phone", "email_from", "partner_name") if lead[name]}
        if number % 5 == 0:
            yield {"phone": "1200000%04d" % number, "email_from": "nobody%d@example.org" % number}
        elif number % 5 == 1:
            yield known
        else:
            name = rng.choice(sorted(known))
            yield {name: known[name]}


def fuzzy_names(leads, rng):
    """Names of known companies, shortened, moved or with a wrong character, and some nobody has."""
    for number, lead in enumerate(leads):
        name = lead["partner_name"] or "深圳市%s科技有限公司" % "".join(rng.choices(data.BRANDS, k=4))
        body = name
        for place in data.PLACES:
            body = body[len(place) :] if body.startswith(place) else body
        for form in set(data.LEGAL):
            body = body[: -len(form)] if body.endswith(form) else body
        place = rng.randrange(len(body))
        yield (
            body,
            body[:4],
            body + "（深圳）有限公司",
            body[:place] + rng.choice(data.BRANDS) + body[place + 1 :] + "有限公司",
            name + "广州分公司",
        )[number % 5]


def find(vals, similar):
    def look_up(env):
        return env["crm.dedupe"].find(vals, similar=similar)

    look_up.vals = vals
    return look_up


# -- the suite -------------------------------------------------------------------------------------------------------


def measure_suite(database, size, user_id, figures, suffix):
    rng = random.Random(SEED)
    leads = database.call(lambda env: sample_leads(env, LOOK_UPS, rng, size))
    exact = [find(vals, similar=False) for vals in exact_vals(leads, rng)]
    fuzzy = [find({"partner_name": name}, similar=True) for name in fuzzy_names(leads, rng)]
    for number, look_up in enumerate(exact):
        hits = database.call(look_up)
        if bool(hits) != bool(number % 5):
            raise AssertionError("%s: %s records found" % (look_up.vals, len(hits)))
    figures["exact_p50_ms" + suffix], figures["exact_p95_ms" + suffix] = measure(database, exact, user_id)
    figures["fuzzy_p50_ms" + suffix], figures["fuzzy_p95_ms" + suffix] = measure(database, fuzzy, user_id)
    say(figures)


def check_keys(database):
    """The bulk keys are the ones the ORM would write."""

    def check(env):
        env.cr.execute("SELECT id FROM crm_lead ORDER BY hashint4(id) LIMIT 300")
        ids = [lead_id for (lead_id,) in env.cr.fetchall()]
        query = "SELECT * FROM crm_dedupe_key WHERE model = 'crm.lead' AND res_id = ANY(%s) ORDER BY res_id, kind, value"
        env.cr.execute(query, [ids])
        before = [row[1:] for row in env.cr.fetchall()]
        env.cr.execute("DELETE FROM crm_dedupe_key WHERE model = 'crm.lead' AND res_id = ANY(%s)", [ids])
        env["crm.dedupe.key"]._refresh("crm.lead", ids)
        env.cr.execute(query, [ids])
        after = [row[1:] for row in env.cr.fetchall()]
        env.cr.rollback()
        if len(before) < 300 or before != after:
            raise AssertionError("the keys of the bench are not those of the addon: %s" % list(zip(before, after))[:3])

    database.call(check)


def measure_recall(database):
    """Shares (recall, precision) on the hand-written pairs, their first names being leads among all the others."""

    def run(env):
        leads = env["crm.lead"].with_context(tracking_disable=True)
        from odoo.addons.crm_core.engine.company_name import parse_company

        firsts = sorted({pair[-2] for pair in company_pairs.SAME} | {pair[0] for pair in company_pairs.DIFFERENT})
        leads.create([{"name": name, "partner_name": name} for name in firsts])
        env["base"].flush()

        def is_found(name, other):
            """Whether the answer has a record of that company: another lead with the very same name will do."""
            key = parse_company(name).key
            hits = env["crm.dedupe"].find({"partner_name": other})
            found = leads.browse(hit["res_id"] for hit in hits if hit["model"] == "crm.lead")
            return any(parse_company(lead.partner_name).key == key for lead in found)

        missed = [(name, other) for _kind, name, other in company_pairs.SAME if not is_found(name, other)]
        wrong = [(name, other) for name, other in company_pairs.DIFFERENT if is_found(name, other)]
        env.cr.rollback()
        found = len(company_pairs.SAME) - len(missed)
        print("missed:", missed, "\nwrong:", wrong, file=sys.stderr)
        return found / len(company_pairs.SAME), found / (found + len(wrong))

    return database.call(run)


def explain(database, vals):
    """EXPLAIN of every statement of two look-ups, to stderr."""

    def run(env):
        statements = []
        execute = env.cr._obj.execute

        def note(query, params=None):
            if isinstance(query, str) and query.lstrip().upper().startswith("SELECT"):
                statements.append(env.cr._obj.mogrify(query, params).decode())
            return execute(query, params)

        env.cr._obj = type("Noted", (), {"execute": staticmethod(note), "__getattr__": lambda self, name: getattr(cursor, name)})()
        env["crm.dedupe"].find(vals)
        env.cr._obj = cursor
        for statement in statements:
            if "crm_dedupe_key" in statement:
                env.cr.execute("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) " + statement)
                print("\n".join(row[0] for row in env.cr.fetchall()), "\n", file=sys.stderr)

    with api.Environment.manage(), database.registry.cursor() as cr:
        cursor = cr._obj
        run(api.Environment(cr, SUPERUSER_ID, {}))


def make_rep(env):
    """A sales rep with leads of their own: record rules cost what they cost."""
    users = env["res.users"].with_context(no_reset_password=True)
    group = env.ref("crm_core.group_sales_rep")
    rep = users.create({"name": "Rep", "login": "bench_rep", "groups_id": [(6, 0, group.ids)]})
    env.cr.commit()
    return rep.id


# -- Odoo's own ------------------------------------------------------------------------------------------------------


def measure_plain(database, size, figures):
    rng = random.Random(SEED)
    leads = database.call(lambda env: sample_leads(env, LOOK_UPS, rng, size))
    emails = [lead["email_from"] for lead in leads if lead["email_from"]][:20]

    def look_up(email):
        return lambda env: env["crm.lead"]._get_lead_duplicates(email=email).ids

    looked = [look_up(email) for email in emails]
    if not all(database.call(each) for each in looked):
        raise AssertionError("Odoo's own look-up does not find its leads")
    figures["odoo_p50_ms"], figures["odoo_p95_ms"] = measure(database, looked, SUPERUSER_ID)
    ilike = [lambda env, name=lead["partner_name"]: env["crm.lead"].search([("partner_name", "ilike", name[2:6])], limit=5)
             for lead in leads if lead["partner_name"]][:10]  # fmt: skip
    figures["odoo_name_ilike_p50_ms"], figures["odoo_name_ilike_p95_ms"] = measure(database, ilike, SUPERUSER_ID)


def say(figures):
    print({name: round(value, 2) for name, value in figures.items()}, file=sys.stderr, flush=True)


def run(options):
    suite = Database(options.db)
    figures = {"roundtrip_p50_ms": measure(suite, [lambda env: env.cr.execute("SELECT 1")] * LOOK_UPS, SUPERUSER_ID)[0]}
    names = data.make_names(int(options.leads * COMPANIES), SEED)
    rep = suite.call(make_rep)
    small, first = options.leads // 10, 0
    for size, suffix in ((small, "_tenth"), (options.leads, "")):
        part = names[: int(size * COMPANIES)]
        customers = int(size * CUSTOMERS)
        figures["load_s" + suffix] = suite.call(lambda env: data.Loader(env, True).load(part, size, customers, first))  # noqa: B023
        check_keys(suite)
        measure_suite(suite, size, SUPERUSER_ID, figures, suffix)
        first = size
    measure_suite(suite, options.leads, rep, figures, "_rep")
    for kind in ("exact", "fuzzy"):
        growth = figures[kind + "_p50_ms"] / figures[kind + "_p50_ms_tenth"]
        figures["growth_" + kind] = math.log10(growth)
    figures["fuzzy_recall"], figures["fuzzy_precision"] = measure_recall(suite)
    explain(suite, {"phone": "13100007919", "partner_name": "华强电子科技"})
    if options.plain_db:
        plain = Database(options.plain_db)
        plain.call(lambda env: data.Loader(env, False).load(names, options.leads, int(options.leads * CUSTOMERS)))
        measure_plain(plain, options.leads, figures)
    figures["peak_memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", required=True, help="Odoo's configuration file")
    parser.add_argument("--db", required=True, help="database with the suite")
    parser.add_argument("--plain-db", help="database with the same Odoo modules without the suite")
    parser.add_argument("--data", help="not used")
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    odoo.tools.config.parse_config(["-c", options.config, "--log-level=warn"])
    figures = {name: round(figure, 3) for name, figure in run(options).items()}
    if options.json:
        print(json.dumps(figures))
    else:
        for name, figure in figures.items():
            print(name, figure, UNITS.get(name, "s" if name.startswith("load") else "ms"))


if __name__ == "__main__":
    main()
