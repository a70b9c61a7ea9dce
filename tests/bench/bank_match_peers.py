# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The peers on a database without the suite: OCA's reconciliation widget, and OCA's account_mass_reconcile.

Both see all open invoices of the set and a sample of its credits, and get the best of conditions: the widget is asked for
ten lines at a time, as its screen does (2,000 at once never came to an end), with its rule's limit of months, whose SQL is
broken, taken off; every proposal whose sum is the line's amount is accepted at once. Mass reconciling cannot take statement
lines: it gets journal entries that are posted beforehand, with the true customer filled in.
"""

import time

from psycopg2 import Error

BATCH = 10
METHODS = ("advanced.ref", "simple.reference", "simple.name", "simple.partner")


class Widget:
    """The methods behind the screen, in the order its script calls them."""

    def __init__(self, env, books, credits):
        self.env = env
        self.widget = env["account.reconciliation.widget"]
        rules = env["account.reconcile.model"].search([("rule_type", "=", "invoice_matching")])
        rules.write({"past_months_limit": 0, "auto_reconcile": False})
        self.lines = {}
        for journal, lines in books.get_statement_lines(credits).items():
            statement = env["account.bank.statement"].create(
                {"journal_id": journal.id, "name": "Peer", "line_ids": [(0, 0, line) for line in lines]}
            )
            statement.balance_end_real = statement.balance_end
            statement.button_post()
            self.lines.update({line.sequence: line.id for line in statement.line_ids})
        self.line_ids = list(self.lines.values())
        env.cr.commit()

    def run(self):
        """Seconds of matching and posting all lines."""
        started = time.perf_counter()
        for start in range(0, len(self.line_ids), BATCH):
            found = self.widget.get_bank_statement_line_data(self.line_ids[start : start + BATCH])
            for line in found["lines"]:
                self._accept(line)
            self.env.cr.commit()
        return time.perf_counter() - started

    def _accept(self, line):
        """The Validate button, which the screen offers when the proposal makes up the amount."""
        parts = [self._format(part) for part in line["reconciliation_proposition"]]
        rest = line["st_line"]["amount"] - sum(part["credit"] - part["debit"] for part in parts)
        if not parts or abs(rest) > 0.004:
            return
        datum = {"counterpart_aml_dicts": parts, "payment_aml_ids": [], "new_aml_dicts": []}
        if line.get("partner_id"):
            datum["partner_id"] = line["partner_id"]
        try:
            with self.env.cr.savepoint():
                self.widget.process_bank_statement_line([line["st_line"]["id"]], [datum])
        except Error:
            raise
        except Exception as error:  # what it cannot post stays open, as on the screen
            print("widget: %s" % str(error).splitlines()[0])
            self.env.cache.invalidate()

    def _format(self, part):
        amount = part["debit"] - part["credit"]
        return {"counterpart_aml_id": part["id"], "name": part["name"], "debit": max(-amount, 0), "credit": max(amount, 0)}


class Mass:
    """Payments as entries on the bank's account, then one run of the reconciling task."""

    def __init__(self, env, books, credits):
        self.env = env
        self.account = env["account.move.line"].browse(books.items[0]).account_id
        moves = env["account.move"].create([self._get_entry(books, credit) for credit in credits])
        moves._post()
        self.item_ids = [move.line_ids.filtered(lambda item: item.account_id == self.account).id for move in moves]
        self.task = env["account.mass.reconcile"].create({
            "name": "Peer", "account": self.account.id,
            "reconcile_method": [(0, 0, {"name": "mass.reconcile." + name}) for name in METHODS],
        })  # fmt: skip
        env.cr.commit()

    def _get_entry(self, books, credit):
        journal, currency = books.journals[credit.currency], books.currencies[credit.currency]
        own = books._to_company(credit.amount, currency, credit.date)
        partner_id = books.partners[books.data.invoices[credit.parts[0][0]].customer].id if credit.parts else False
        common = {"name": credit.memo or "-", "partner_id": partner_id, "currency_id": currency.id}
        amount = credit.amount / 100
        return {
            "journal_id": journal.id, "date": credit.date, "ref": credit.memo, "move_type": "entry",
            "line_ids": [
                (0, 0, {**common, "account_id": journal.default_account_id.id, "debit": own, "amount_currency": amount}),
                (0, 0, {**common, "account_id": self.account.id, "credit": own, "amount_currency": -amount}),
            ],
        }  # fmt: skip

    def run(self):
        """Seconds of matching and reconciling all entries."""
        started = time.perf_counter()
        self.task.run_reconcile()
        self.env.cr.commit()
        return time.perf_counter() - started


def install_mass(env):
    """On a database that does not know it yet."""
    modules = env["ir.module.module"]
    modules.update_list()
    module = modules.search([("name", "=", "account_mass_reconcile")])
    if not module:
        raise AssertionError("account_mass_reconcile is not there to be measured")
    if module.state != "installed":
        module.button_immediate_install()
