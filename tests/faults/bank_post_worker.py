# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Processes that book payments, for test_bank_match.py to kill. Odoo's Python runs this: ``bank_post_worker.py CONFIG DATABASE``.

Told by its standard input: ``run`` forks a process that books all that is proposed, a transaction for a few customers at a
time, and says ``pid N``, ``chunk`` at the beginning of each transaction, and ``done N`` lines booked. ``check`` answers with
the number of lines booked, or what is wrong with the books.
"""

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))

import bank_match
import odoo
from bank_match_books import Books
from bank_match_data import LabelledSet
from psycopg2 import OperationalError

CREDITS = 240
CHUNK = 6

HALF = """
    SELECT line.id FROM account_bank_statement_line AS line
      JOIN account_move AS move ON move.id = line.move_id
      JOIN account_journal AS journal ON journal.id = move.journal_id
     WHERE line.is_reconciled = EXISTS (SELECT FROM account_move_line AS item
                                         WHERE item.move_id = move.id AND item.account_id = journal.suspense_account_id)
        OR line.is_reconciled <> EXISTS (SELECT FROM account_move_line AS item
                                           JOIN account_partial_reconcile AS part ON part.credit_move_id = item.id
                                          WHERE item.move_id = move.id)
        OR line.is_reconciled AND move.partner_id IS NULL
"""
ORDERS = """
    SELECT sale.id FROM sale_order AS sale
      JOIN (SELECT sale_line.order_id, sum(DISTINCT move.amount_residual + move.id * 1e9) - sum(DISTINCT move.id * 1e9) AS open
              FROM sale_order_line AS sale_line
              JOIN sale_order_line_invoice_rel AS link ON link.order_line_id = sale_line.id
              JOIN account_move_line AS item ON item.id = link.invoice_line_id
              JOIN account_move AS move ON move.id = item.move_id
             GROUP BY 1) AS ledger ON ledger.order_id = sale.id
     WHERE abs(sale.amount_open - ledger.open) > 0.001
"""


class World:
    def __init__(self, database):
        self.database = database
        data = LabelledSet(CREDITS)
        with bank_match.environment(database) as env:
            books = Books(env, data, suite=True)
            bank_match.set_up_journals(books)
            _statements, credits, _seconds = bank_match.import_lines(books)
            self.lines = list(credits)
            self.chunks = self.get_chunks(env, books, credits)
            env.cr.commit()

    def get_chunks(self, env, books, credits):
        from odoo.addons.crm_sales_order.engine.bank_match import Proposal
        from odoo.addons.crm_sales_order.models import account_bank_statement_line_job as job

        job.CHUNK = CHUNK
        proposals = [
            Proposal(
                line,
                books.partners[books.data.invoices[credit.parts[0][0]].customer].id,
                tuple((books.items[index], amount) for index, amount in credit.parts),
                credit.fee,
            )
            for line, credit in credits.items()
            if credit.parts
        ]
        return env["account.bank.statement.line"]._get_posting_chunks(proposals)

    def run(self):
        """In a process of its own: book all chunks that are not."""
        with bank_match.environment(self.database) as env:
            env.cr.execute("SELECT id FROM account_bank_statement_line WHERE is_reconciled")
            known = {line for (line,) in env.cr.fetchall()}
        booked = 0
        for chunk in self.chunks:
            if not known.issuperset(proposal.line for proposal in chunk):
                say("chunk")
                booked += self.post(chunk)
        say("done %d" % booked)

    def post(self, chunk):
        while True:
            try:
                with bank_match.environment(self.database) as env:
                    done = env["account.bank.statement.line"]._post_proposals(chunk)
                    env["base"].flush()
                    return len(done)
            except OperationalError as error:
                if not error.pgcode or not error.pgcode.startswith("40001"):
                    raise

    def fork(self):
        odoo.sql_db.close_all()
        pid = os.fork()
        if not pid:
            odoo.sql_db._Pool = None  # the parent's connections are the parent's
            try:
                self.run()
            finally:
                os._exit(0)
        say("pid %d" % pid)

    def check(self):
        with bank_match.environment(self.database) as env:
            bank_match.check_ledger(env.cr, self.lines)
            for problem, query in (("half booked", HALF), ("orders that say something else", ORDERS)):
                env.cr.execute(query)
                found = env.cr.fetchall()
                if found:
                    raise AssertionError("%s: %s" % (problem, found[:5]))
            env.cr.execute("SELECT count(*) FROM account_bank_statement_line WHERE is_reconciled AND id = ANY(%s)", [self.lines])
            return env.cr.fetchone()[0]


def say(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main():
    config, database = sys.argv[1:]
    odoo.tools.config.parse_config(["-c", config, "--log-level=critical"])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that are killed
    world = World(database)
    say("ready %d" % sum(map(len, world.chunks)))
    for command in sys.stdin:
        if command.strip() == "run":
            world.fork()
        else:
            try:
                say("booked %d" % world.check())
            except AssertionError as error:
                say("wrong %s" % error)


if __name__ == "__main__":
    main()
