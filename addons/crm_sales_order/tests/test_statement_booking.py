# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import date, timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests.common import SavepointCase

from ..models import account_bank_statement_booking as booking

#: Columns that tell one record from another; all others must be equal
OWN = {"id", "move_id", "statement_id", "statement_line_id", "create_date", "write_date", "import_key"}


class TestStatementBooking(SavepointCase):
    """Long statements are booked by copying rows: the same rows, column by column, as Odoo books line by line."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.partner = cls.env["res.partner"].create({"name": "Payer", "is_company": True})
        cls.dollar = cls.env.ref("base.USD")
        if cls.company.currency_id == cls.dollar:
            cls.dollar = cls.env.ref("base.EUR")
        cls.dollar.active = True
        rates = [{"currency_id": cls.dollar.id, "name": day, "rate": rate} for day, rate in (("2026-01-01", 0.14), ("2026-02-10", 0.137))]
        cls.env["res.currency.rate"].create(rates)

    def _create_journal(self, code, currency=None):
        return self.env["account.journal"].create(
            {"name": code, "code": code, "type": "bank", "currency_id": currency.id if currency else False}
        )

    def _prepare_lines(self, count):
        """Payments in and out over three months, some with all that a bank tells."""
        return [
            {
                "payment_ref": "payment %d" % number,
                "amount": (-1) ** number * (number * 7.13 + 0.01),
                "date": date(2026, 1, 5) + timedelta(days=number * 2),
                **({"partner_id": self.partner.id, "ref": "R%d" % number} if number % 3 == 0 else {}),
                **({"account_number": "62220212%d" % number, "partner_name": "Payer %d" % number} if number % 4 == 0 else {}),
                **({"narration": "note", "transaction_type": "transfer"} if number % 5 == 0 else {}),
            }
            for number in range(1, count + 1)
        ]

    def _book(self, journal, lines, few):
        """(statement, rows per table) of lines of which up to ``few`` are left to Odoo."""
        with patch.object(booking, "FEW", few):
            statement = self.env["account.bank.statement"].create_posted(journal, "Statement", lines)
        statement.flush()
        moves = statement.line_ids.move_id
        rows = {}
        for records, order in (
            (moves, "date, id"),
            (moves.line_ids, "date, move_id, account_id"),
            (statement.line_ids, "(SELECT date FROM account_move WHERE id = move_id), id"),
        ):
            query = "SELECT * FROM %s WHERE id = ANY(%%s) ORDER BY %s" % (records._table, order)
            self.env.cr.execute(query, [records.ids])
            rows[records._name] = [
                {name: value for name, value in row.items() if name not in OWN} for row in self.env.cr.dictfetchall()
            ]
        return statement, rows

    def _compare(self, currency=None):
        lines = self._prepare_lines(40)
        slow_journal = self._create_journal("SLOW", currency)
        slow, expected = self._book(slow_journal, lines, few=1000)
        fast_journal = self._create_journal("FAST", currency)
        accounts = {
            slow_journal.default_account_id.id: fast_journal.default_account_id.id,
            slow_journal.suspense_account_id.id: fast_journal.suspense_account_id.id,
        }
        fast, rows = self._book(fast_journal, lines, few=10)
        for model, wanted in expected.items():
            for row in wanted:
                row["journal_id"] = row.get("journal_id") and fast_journal.id
                row["account_id"] = accounts.get(row.get("account_id"))
                for name in ("name", "move_name", "sequence_prefix"):
                    if (row.get(name) or "").startswith("SLOW"):
                        row[name] = row[name].replace("SLOW", "FAST")
            for row in rows[model]:
                row.setdefault("journal_id", None)
                row.setdefault("account_id", None)
            self.assertEqual(rows[model], wanted, model)
        for name in ("balance_start", "balance_end", "balance_end_real", "difference", "state", "currency_id"):
            self.assertEqual(fast[name], slow[name], name)
        self.assertEqual(len(fast.line_ids), 40)
        return fast

    def test_rows_equal_odoos_column_by_column(self):
        statement = self._compare()
        moves = statement.line_ids.move_id
        numbers = sorted((move.sequence_prefix, move.sequence_number) for move in moves)
        by_month = {}
        for prefix, number in numbers:
            by_month.setdefault(prefix, []).append(number)
        self.assertTrue(all(found == list(range(1, len(found) + 1)) for found in by_month.values()), by_month)
        self.assertFalse(statement.line_ids.filtered("is_reconciled"))
        self.env["account.bank.statement.line"].browse(statement.line_ids.ids[-1:]).button_undo_reconciliation()

    def test_rows_equal_odoos_in_a_foreign_currency(self):
        self._compare(self.dollar)

    def test_a_locked_day_books_nothing(self):
        self.company.fiscalyear_lock_date = "2026-01-31"
        journal = self._create_journal("LOCK")
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self._book(journal, self._prepare_lines(40), few=10)
        self.assertFalse(self.env["account.bank.statement"].search([("journal_id", "=", journal.id)]))

    def test_queries_do_not_grow_with_the_lines(self):
        journal = self._create_journal("MANY")
        counts = []
        for count in (60, 120):
            lines = [dict(line, date=date(2026, 3, 1 + number % 28)) for number, line in enumerate(self._prepare_lines(count))]
            before = self.env.cr.sql_log_count
            self._book(journal, lines, few=10)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLess(counts[1], counts[0] * 1.3, counts)
