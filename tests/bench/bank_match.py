#!/usr/bin/env python3
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Money comes in: 5,000 credits of known truth meet 6,000 open invoices, posted by two processes; OCA's tools beside it.

The set and its labels are bank_match_data.py's. The suite imports the lines, proposes, and posts by itself what is sure
enough; two processes share the jobs. A line counts as right when exactly the invoices and amounts of the truth were matched
with it. ``precision``: right ones of those posted; ``recall``: right ones of those that pay an invoice; ``matched_share``:
right ones of those that can be told from the books, the memo and the payer. Lines per second are those posted, of all
tools, over the time for matching and posting all lines given to them; ``…_handled_per_s`` is that for all lines given.

The run fails when the precision is below 0.999, when a line is neither fully matched nor untouched, when an invoice is
overpaid, or when the ledger and the lines do not tie.
"""

import argparse
import json
import multiprocessing
import random
import resource
import sys
import time
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path

import odoo
from odoo import SUPERUSER_ID, api
from psycopg2 import OperationalError

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bank_match_books import Books
from bank_match_data import CREDITS, FEES, LabelledSet
from bank_match_peers import Mass, Widget, install_mass

NEEDS = ["suite", "plain"]
PROCESSES = 2
SAMPLE = 300
PRECISION = 0.999
#: Seconds after which a process counts as stuck
PATIENCE = 1800
#: The next job of the queue, of which each goes to one process
TAKE = """
    UPDATE queue_job SET state = 'enqueued', date_enqueued = now() AT TIME ZONE 'UTC'
     WHERE id = (SELECT id FROM queue_job
                  WHERE state = 'pending' AND coalesce(eta, '2000-01-01') <= now() AT TIME ZONE 'UTC'
                  ORDER BY priority, date_created, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING uuid
"""


@contextmanager
def environment(database):
    with api.Environment.manage(), odoo.registry(database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
        yield env(user=env.ref("base.user_admin").id)


# -- the suite -------------------------------------------------------------------------------------------------------


def set_up_journals(books):
    """Fees are booked up to what banks keep."""
    accounts = books.env["account.account"].search([("user_type_id.internal_group", "=", "expense")], limit=1)
    for name, journal in books.journals.items():
        journal.write({"match_fee_tolerance": FEES[name] / 100, "match_fee_account_id": accounts.id})


def import_lines(books):
    """(statements, {line id: credit}, seconds)."""
    started, statements = time.perf_counter(), books.env["account.bank.statement"]
    for journal, lines in books.get_statement_lines(books.data.credits).items():
        statements |= statements.create_posted(journal, "Bank %s" % journal.code, lines)
    books.env["base"].flush()
    books.env.cr.commit()
    seconds = time.perf_counter() - started
    credits = {line.id: books.data.credits[int(line.import_key.partition(",")[2])] for line in statements.line_ids}
    wrong = [line for line in statements.line_ids if round(100 * line.amount) != credits[line.id].amount]
    if len(credits) != len(books.data.credits) or wrong:
        raise AssertionError("%d lines of %d imported, %d wrong" % (len(credits), len(books.data.credits), len(wrong)))
    return statements, credits, seconds


def work(database, number, gate, answers):
    """One of the processes: runs jobs as the queue's runner does, until there are none."""
    odoo.sql_db._Pool = None  # the parent's connections are the parent's
    gate.wait()
    done = 0
    while True:
        with environment(database) as env:
            uuid = take_job(env.cr)
            if uuid:
                done += run_job(env, uuid)
            elif not count_jobs(env.cr):
                break
        if not uuid:
            time.sleep(0.05)
    answers.put((number, done, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def take_job(cr):
    """The next job's UUID; None when there is none, or the other process was faster."""
    try:
        cr.execute(TAKE, log_exceptions=False)
        found = cr.fetchone()
        cr.commit()
        return found and found[0]
    except OperationalError:
        cr.rollback()
        return None


def count_jobs(cr):
    cr.execute("SELECT count(*) FROM queue_job WHERE state IN ('pending', 'enqueued', 'started')")
    return cr.fetchone()[0]


def run_job(env, uuid):
    """Whether the job was done; one that lost a race is pending again."""
    from odoo.addons.queue_job.exception import RetryableJobError  # importable once Odoo is configured
    from odoo.addons.queue_job.job import Job

    job = Job.load(env(user=SUPERUSER_ID), uuid)
    job.set_started()
    job.store()
    env.cr.commit()
    try:
        job.perform()
        env["base"].flush()
        job.set_done()
        job.store()
        env["base"].flush()
        env.cr.commit()
        enqueue_waiting(env, job)
        return True
    except (RetryableJobError, OperationalError):
        env.cr.rollback()
        env.clear()
        job = Job.load(env(user=SUPERUSER_ID), uuid)
        job.set_pending(reset_retry=False)
        job.store()
        env.cr.commit()
        return False


def enqueue_waiting(env, job):
    """Jobs that waited for this one; repeated when the other process touches them at the same moment, as the runner does."""
    while True:
        try:
            job.enqueue_waiting()
            env.cr.commit()
            return
        except OperationalError:
            env.cr.rollback()
            env.clear()


def run_workers(database):
    """Jobs done by each process, and the most memory one of them took."""
    odoo.sql_db.close_all()
    context = multiprocessing.get_context("fork")
    gate, answers = context.Barrier(PROCESSES), context.Queue()
    args = [(database, number, gate, answers) for number in range(PROCESSES)]
    processes = [context.Process(target=work, args=one, daemon=True) for one in args]
    for process in processes:
        process.start()
    for process in processes:
        process.join(PATIENCE)
        if process.exitcode != 0:
            raise AssertionError("a process ended with %s" % process.exitcode)
    found = [answers.get(timeout=60) for _process in processes]
    return [done for _number, done, _memory in found], max(memory for _number, _done, memory in found)


def run_suite(options, data):
    """(figures, {kind: [credits, matchable, posted, right]}) of the suite."""
    with environment(options.db) as env:
        env.cr.execute("DELETE FROM queue_job")
        books = Books(env, data, suite=True)
        set_up_journals(books)
        statements, credits, import_seconds = import_lines(books)
        started = time.perf_counter()
        proposals = statements.line_ids._get_proposals()
        propose_seconds = time.perf_counter() - started
        env.cr.rollback()
        env.clear()
        started = time.perf_counter()
        statements.action_match_invoices()
        env["base"].flush()
        env.cr.commit()
    done, memory = run_workers(options.db)
    seconds = time.perf_counter() - started
    with environment(options.db) as env:
        check_ledger(env.cr, list(credits))
        posted = read_matches(env.cr, list(credits))
        failed = env["queue.job"].search_count([("state", "=", "failed")])
    if failed:
        raise AssertionError("%d jobs failed" % failed)
    table, right, wrong = judge(data, books.items, credits, posted)
    for line_id in wrong[:20]:
        print("wrong: %s -> %s" % (credits[line_id], describe(posted[line_id], books)), file=sys.stderr)
    matchable = sum(row[1] for row in table.values())
    figures = {
        "precision": right / max(len(posted), 1),
        "recall": right / sum(bool(credit.parts) for credit in data.credits),
        "matched_share": sum(row[4] for row in table.values()) / matchable,
        "lines_per_s": len(posted) / seconds,
        "handled_per_s": len(credits) / seconds,
        "proposals_per_s": len(proposals) / propose_seconds,
        "import_lines_per_s": len(credits) / import_seconds,
        "posted": len(posted),
        "wrong": len(wrong),
        "matchable": matchable,
        "jobs_of_idlest_process": min(done),
        "peak_memory": memory,
    }
    return figures, table


# -- the judge -------------------------------------------------------------------------------------------------------


MATCHES = """
    SELECT {key}, part.debit_move_id, round(100 * sum(part.debit_amount_currency))
      FROM account_move_line AS item
      {join}
      JOIN account_partial_reconcile AS part ON part.credit_move_id = item.id
      JOIN account_move_line AS paid ON paid.id = part.debit_move_id
      JOIN res_company AS company ON company.id = paid.company_id AND paid.journal_id <> company.currency_exchange_journal_id
     WHERE {key} = ANY(%s)
     GROUP BY 1, 2
"""


def read_matches(cr, line_ids):
    """{line: {item: minor units of its currency}} of the reconciled lines, as the ledger has them."""
    join = "JOIN account_bank_statement_line AS line ON line.move_id = item.move_id AND line.is_reconciled"
    cr.execute(MATCHES.format(key="line.id", join=join), [line_ids])
    return collect(cr.fetchall())


def read_entries(cr, item_ids):
    """The same for journal items, by item."""
    cr.execute(MATCHES.format(key="item.id", join=""), [item_ids])
    return collect(cr.fetchall())


def collect(rows):
    found = defaultdict(dict)
    for key, item_id, amount in rows:
        found[key][item_id] = int(amount)
    return found


def judge(data, items, credits, posted):
    """({kind: [credits, matchable, posted, right, right of the matchable]}, right ones, keys of the wrong ones)."""
    table, wrong, right = defaultdict(lambda: [0] * 5), [], 0
    for key, credit in credits.items():
        truth = {items[index]: amount for index, amount in credit.parts}
        good = key in posted and posted[key] == truth
        row = table[credit.kind]
        for place, what in enumerate((True, credit.matchable, key in posted, good, good and credit.matchable)):
            row[place] += bool(what)
        right += good
        if key in posted and not good:
            wrong.append(key)
    return table, right, wrong


def describe(match, books):
    place = {item_id: index for index, item_id in enumerate(books.items)}
    return [(books.data.invoices[place[item_id]].number if item_id in place else item_id, amount) for item_id, amount in match.items()]


def check_ledger(cr, line_ids):
    """:raise AssertionError: unless each line is fully matched or untouched, and no invoice is overpaid"""
    checks = {
        "lines half matched": """
            SELECT line.id FROM account_bank_statement_line AS line
              JOIN account_move_line AS item ON item.move_id = line.move_id
              JOIN account_account AS account ON account.id = item.account_id AND account.internal_type = 'receivable'
             WHERE line.id = ANY(%s) AND (NOT line.is_reconciled OR NOT item.reconciled)""",
        "lines matched without an entry": """
            SELECT line.id FROM account_bank_statement_line AS line
             WHERE line.id = ANY(%s) AND line.is_reconciled AND NOT EXISTS (
                   SELECT FROM account_move_line AS item JOIN account_partial_reconcile AS part ON part.credit_move_id = item.id
                    WHERE item.move_id = line.move_id)""",
        "entries out of balance": """
            SELECT item.move_id FROM account_move_line AS item JOIN account_bank_statement_line AS line ON line.move_id = item.move_id
             WHERE line.id = ANY(%s) GROUP BY 1 HAVING abs(sum(item.balance)) > 0.001""",
        "open amounts that are not what the matches leave": """
            SELECT item.id FROM account_move_line AS item
              JOIN account_move AS move ON move.id = item.move_id AND move.move_type = 'out_invoice'
              JOIN account_account AS account ON account.id = item.account_id AND account.internal_type = 'receivable'
              LEFT JOIN LATERAL (SELECT sum(amount) AS amount FROM account_partial_reconcile WHERE debit_move_id = item.id) AS part ON TRUE
              LEFT JOIN LATERAL (SELECT sum(amount) AS amount FROM account_partial_reconcile WHERE credit_move_id = item.id) AS back ON TRUE
             WHERE %s IS NOT NULL AND (item.amount_residual < -0.001
                OR abs(item.balance - coalesce(part.amount, 0) + coalesce(back.amount, 0) - item.amount_residual) > 0.001)""",
    }
    for problem, query in checks.items():
        cr.execute(query, [line_ids])
        found = cr.fetchall()
        if found:
            raise AssertionError("%d %s: %s" % (len(found), problem, found[:5]))


# -- the peers -------------------------------------------------------------------------------------------------------


def run_peers(options, data):
    """Figures of both peers, each on a sample of its own of the same set."""
    with environment(options.plain_db) as env:
        install_mass(env)
    chosen = random.Random(7).sample(data.credits, min(2 * SAMPLE, len(data.credits)))
    half = len(chosen) // 2
    figures = {}
    with environment(options.plain_db) as env:
        books = Books(env, data, suite=False)
        widget = Widget(env, books, chosen[:half])
        credits = {line_id: chosen[place] for place, line_id in widget.lines.items()}
        figures.update(measure("widget", widget, data, books, credits, lambda keys: read_matches(env.cr, keys)))
        mass = Mass(env, books, chosen[half:])
        credits = dict(zip(mass.item_ids, chosen[half:]))
        figures.update(measure("mass", mass, data, books, credits, lambda keys: read_entries(env.cr, keys)))
    return figures


def measure(name, peer, data, books, credits, read):
    seconds = peer.run()
    posted = read(list(credits))
    table, right, _wrong = judge(data, books.items, credits, posted)
    show(name, table)
    matchable = sum(row[1] for row in table.values())
    return {
        name + "_lines_per_s": len(posted) / seconds,
        name + "_handled_per_s": len(credits) / seconds,
        name + "_precision": right / max(len(posted), 1),
        name + "_matched_share": sum(row[4] for row in table.values()) / matchable,
        name + "_sample": len(credits),
    }


def show(name, table):
    print("%s: kind, credits, matchable, posted, right" % name, file=sys.stderr)
    for kind, row in sorted(table.items()):
        print("  %-8s %5d %5d %5d %5d" % (kind, *row[:4]), file=sys.stderr, flush=True)


def run(options):
    data = LabelledSet(options.credits)
    figures, table = run_suite(options, data)
    show("suite", table)
    if not options.no_peers:
        figures.update(run_peers(options, data))
        for name in ("widget", "mass"):
            figures["ratio_" + name] = figures["lines_per_s"] / max(figures[name + "_lines_per_s"], 1e-9)
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", required=True, help="Odoo's configuration file")
    parser.add_argument("--db", required=True, help="database with the suite")
    parser.add_argument("--plain-db", required=True, help="database with the same Odoo modules without the suite")
    parser.add_argument("--data", help="not used: the set is generated")
    parser.add_argument("--credits", type=int, default=CREDITS)
    parser.add_argument("--no-peers", action="store_true", help="the suite alone, while working on it")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    odoo.tools.config.parse_config(["-c", options.config, "--log-level=critical"])
    figures = {name: round(figure, 4) for name, figure in run(options).items()}
    if options.json:
        print(json.dumps(figures))
    else:
        for name, figure in figures.items():
            print(name, figure)
    if figures["precision"] < PRECISION:
        raise SystemExit("precision %.4f is below %s" % (figures["precision"], PRECISION))


if __name__ == "__main__":
    main()
