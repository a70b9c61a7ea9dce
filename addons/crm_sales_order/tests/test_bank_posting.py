# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from unittest.mock import patch

from odoo import fields

from ..engine.bank_match.proposal import Proposal
from ..exceptions import BankPostingError
from ..models.account_bank_statement_line_lock import CUSTOMER_LOCK
from .common import SalesOrderCase

LOG = {"id", "create_uid", "create_date", "write_uid", "write_date", "name_searchable"}


class PostingCase(SalesOrderCase):
    """Ten invoices of one customer over 810, 820, … 900, a bank, and people with a rep."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rep = cls._create_user("posting_rep", "sales_team.group_sale_salesman")
        cls.service = cls._create_product("Advice", 100.0, type="service", invoice_policy="order")
        cls.journal = cls.env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1)
        cls.orders = cls._create_orders([810.0 + 10 * number for number in range(10)])
        cls.orders.action_confirm()
        cls.invoices = cls.orders.action_invoice_delivered()
        cls._create_foreign()
        cls.contact = cls.env["res.partner"].create({"name": "Ms Li", "parent_id": cls.customer.id})

    @classmethod
    def _create_orders(cls, amounts, **values):
        return cls.env["sale.order"].create(
            [
                {
                    "partner_id": cls.customer.id,
                    "user_id": cls.rep.id,
                    "order_line": [(0, 0, {"product_id": cls.service.id, "product_uom_qty": 1, "price_unit": amount})],
                    **values,
                }
                for amount in amounts
            ]
        )

    @classmethod
    def _create_foreign(cls):
        """Invoices over 100, 60, 33.33 and 33.33 dollars at 5 yuan, and payments of 100, 40 and 66.33 at 4."""
        usd = cls.env.ref("base.USD")
        usd.active = True
        rates = {"2026-01-01": 0.2, "2026-02-01": 0.2503}
        cls.env["res.currency.rate"].search([("currency_id", "=", usd.id)]).unlink()
        cls.env["res.currency.rate"].create(
            [{"name": date, "rate": rate, "currency_id": usd.id, "company_id": cls.company.id} for date, rate in rates.items()]
        )
        cls.fee_account = cls.env["account.account"].search(
            [("internal_type", "=", "other"), ("internal_group", "=", "expense"), ("company_id", "=", cls.company.id)], limit=1
        )
        cls.usd_bank = cls.env["account.journal"].create(
            {"name": "USD", "code": "USDX", "type": "bank", "currency_id": usd.id, "match_fee_account_id": cls.fee_account.id}
        )
        cls.foreign = cls.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": cls.customer.id,
                    "currency_id": usd.id,
                    "invoice_date": "2026-01-10",
                    "invoice_line_ids": [(0, 0, {"name": "Advice", "quantity": 1, "price_unit": amount, "tax_ids": False})],
                }
                for amount in (100.0, 60.0, 33.33, 33.33)
            ]
        )
        cls.foreign.action_post()
        cls.dollars = cls.env["account.bank.statement"].create_posted(
            cls.usd_bank,
            "USD",
            [{"payment_ref": "usd", "amount": amount, "date": "2026-02-10"} for amount in (100.0, 40.0, 66.33, 20.0)],
        )

    def _item(self, number):
        return self.invoices[number].line_ids.filtered(lambda item: item.account_internal_type == "receivable")

    def _propose(self, line, *parts, fee=0.0):
        """Parts: (number of the invoice, amount)"""
        cents = tuple((self._item(number).id, round(amount * 100)) for number, amount in parts)
        return Proposal(line.id, self.customer.id, cents, round(fee * 100))

    def _post(self, *proposals, **options):
        return self.env["account.bank.statement.line"]._post_proposals(list(proposals), **options)


class TestBankPosting(PostingCase):
    """Booking many payments at once leaves what Odoo's own reconciliation leaves, payment by payment."""

    def _create_payments(self):
        """In full, by an unknown account, several at once, in part, the rest, less a fee, after a part, by a contact; in dollars."""
        self.journal.match_fee_account_id = self.fee_account
        self.statement = self._create_statement(
            [
                ("full", 810.0, self.customer),
                ("unknown", 820.0, False),
                ("several", 1670.0, self.customer),
                ("part", 300.0, self.customer),
                ("rest", 550.0, self.customer),
                ("fee", 845.5, self.customer),
                ("first", 70.0, self.customer),
                ("after", 800.0, self.customer),
                ("contact", 880.0, self.contact),
                ("open", 100.0, False),
            ]
        )
        lines = self.statement.line_ids.sorted("id")
        lines[1].account_number = "6222 0000 1111"
        first = lines[6]
        first.reconcile([{"id": self._item(6).id, "balance": -70.0}])
        parts = [
            [(0, 810.0)],
            [(1, 820.0)],
            [(2, 830.0), (3, 840.0)],
            [(4, 300.0)],
            [(4, 550.0)],
            [(5, 860.0)],
            None,
            [(6, 800.0)],
            [(7, 880.0)],
            [(8, 100.0)],
        ]
        fees = {5: 14.5}
        foreign = self.foreign.line_ids.filtered(lambda item: item.account_internal_type == "receivable").sorted("id")
        dollars = zip(self.dollars.line_ids.sorted("id"), ((foreign[0], 10000), (foreign[1], 4000), None, (foreign[1], 2000)))
        return [self._propose(lines[number], *paid, fee=fees.get(number, 0.0)) for number, paid in enumerate(parts) if paid] + [
            Proposal(line.id, self.customer.id, ((paid[0].id, paid[1]),)) for line, paid in dollars if paid
        ]

    def test_each_field_is_what_odoos_own_reconciliation_stores(self):
        proposals = self._create_payments()
        self.env["base"].flush()
        self.env.cr.execute("SAVEPOINT compared")
        for proposal in proposals:
            line = self.env["account.bank.statement.line"].browse(proposal.line)
            if not line.partner_id:
                line.partner_id = self.customer
            line.reconcile(line._prepare_reconcile_vals(proposal))
        odoo = self._snapshot()
        self.env.cr.execute("ROLLBACK TO SAVEPOINT compared")
        self.env.cache.invalidate()
        self.assertEqual(len(self._post(*proposals)), len(proposals))
        suite = self._snapshot()
        self.maxDiff = None
        for table, rows in odoo.items():
            self.assertEqual(len(rows), len(suite[table]), table)
            other = [
                (table, column, one[column], two[column])
                for one, two in zip(rows, suite[table])
                for column in one
                if one[column] != two[column]
            ]
            self.assertEqual(other, [])
        self.assertTrue(all(odoo.values()))

    def _snapshot(self):
        """All columns of all rows around the payments; ids of new rows are replaced by what tells them apart."""
        self.env["base"].flush()
        lines = self._rows("account_bank_statement_line", "statement_id IN %s", tuple((self.statement + self.dollars).ids))
        moves = [line["move_id"] for line in lines] + self.invoices.ids + self.foreign.ids
        exchanges = self.env["account.full.reconcile"].search([("exchange_move_id.date", "=", "2026-02-10")]).exchange_move_id
        moves += exchanges.ids
        items = self._rows("account_move_line", "move_id = ANY(%s)", moves)
        for item in items:
            if item["move_id"] in exchanges.ids:
                item.update(move_id="exchange", move_name="exchange")
        alias = {item["id"]: "%(move_id)s/%(account_id)s/%(balance)s/%(name)s" % item for item in items}
        partials = self._rows("account_partial_reconcile", "debit_move_id = ANY(%s)", list(alias))
        closed = {}
        for item in items:
            closed.setdefault(item["full_reconcile_id"], []).append(alias[item["id"]])
        closed = {full: full and ", ".join(sorted(names)) for full, names in closed.items()}
        for row in items + partials:
            row["full_reconcile_id"] = closed[row["full_reconcile_id"]]
            if row.get("matching_number") not in (None, "P"):
                row["matching_number"] = "number"
        for row in partials:
            row["debit_move_id"], row["credit_move_id"] = alias[row["debit_move_id"]], alias[row["credit_move_id"]]
        entries = self._rows("account_move", "id = ANY(%s)", moves)
        for row in entries:
            row["partner_bank_id"] = bool(row["partner_bank_id"])
            if row["id"] in exchanges.ids:
                row.update(name="exchange", sequence_number=0)
        tables = {
            "lines": lines,
            "entries": entries,
            "items": items,
            "partials": partials,
            "orders": self._rows("sale_order", "id = ANY(%s)", self.orders.ids),
            "accounts": self._rows("res_partner_bank", "partner_id = %s", self.customer.id),
            "notes": [
                {"res_id": row["res_id"], "body": row["body"].replace("<p>", "").replace("</p>", "")}
                for row in self._rows("mail_message", "model = 'sale.order' AND body LIKE '%%paid%%'")
            ],
        }
        for rows in tables.values():
            names = ("res_id", "move_id", "debit_move_id", "balance", "name")
            rows.sort(key=lambda row: (str([row.get(name) for name in names]), row["id"] if "id" in row else 0))
        return {name: [{key: row[key] for key in row if key not in LOG} for row in rows] for name, rows in tables.items()}

    def _rows(self, table, where, *params):
        # Only this test's own table names and conditions
        self.env.cr.execute("SELECT * FROM {} WHERE {}".format(table, where), params)  # pylint: disable=sql-injection
        return self.env.cr.dictfetchall()

    def test_parts_in_a_foreign_currency_leave_no_cent_open(self):
        lines = self.dollars.line_ids.sorted("id")
        items = self.foreign.line_ids.filtered(lambda item: item.account_internal_type == "receivable").sorted("id")
        proposal = Proposal(lines[2].id, self.customer.id, ((items[2].id, 3333), (items[3].id, 3333)), 33)
        self.assertEqual(self._post(proposal), lines[2])
        self.assertAlmostEqual(sum(lines[2].line_ids.mapped("balance")), 0.0)
        self.assertEqual(len(lines[2].line_ids), 4)
        self.assertEqual(items[2:].mapped("amount_residual"), [0.0, 0.0])
        self.assertEqual(set(items[2:].move_id.mapped("payment_state")), {"paid"})
        self.assertTrue(all(item.full_reconcile_id.exchange_move_id for item in items[2:]))

    def test_what_does_not_hold_any_more_is_left_and_said(self):
        lines = self._create_statement([("payment", 810.0, False), ("other", 820.0, False)]).line_ids.sorted("id")
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        good = self._propose(lines[0], (0, 810.0))
        bad = {
            "another customer": Proposal(good.line, stranger.id, good.parts),
            "less open": self._propose(lines[0], (0, 811.0)),
            "do not sum": self._propose(lines[0], (0, 809.0)),
            "bank fees": self._propose(lines[0], (1, 820.0), fee=10.0),
        }
        for words, proposal in bad.items():
            with self.assertRaisesRegex(BankPostingError, words):
                self._post(proposal, strict=True)
        self.assertEqual(self._post(*bad.values(), good, good), lines[0])
        with self.assertRaisesRegex(BankPostingError, "booked already"):
            self._post(good, strict=True)
        with self.assertRaisesRegex(BankPostingError, "paid already"):
            self._post(self._propose(lines[1], (0, 820.0)), strict=True)
        locked = patch.object(type(self.company), "_get_user_fiscal_lock_date", lambda _company: fields.Date.today())
        with locked, self.assertRaisesRegex(BankPostingError, "locked"):
            self._post(self._propose(lines[1], (1, 820.0)), strict=True)
        self.assertFalse(lines[1].is_reconciled)

    def test_one_item_is_not_paid_twice_in_one_go(self):
        lines = self._create_statement([("once", 810.0, False), ("twice", 810.0, False)]).line_ids.sorted("id")
        self.assertEqual(self._post(*(self._propose(line, (0, 810.0)) for line in lines)), lines[0])

    def test_a_customer_somebody_else_books_is_left(self):
        line = self._create_statement([("payment", 810.0, False)]).line_ids
        with self.registry.cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock(%s, %s)", [CUSTOMER_LOCK, self.customer.id])
            self.assertFalse(self._post(self._propose(line, (0, 810.0))))
        self.assertEqual(self._post(self._propose(line, (0, 810.0))), line)

    def test_queries_hardly_grow_with_the_payments(self):
        amounts = self.invoices.mapped("amount_total")
        lines = self._create_statement([("payment", amount, False) for amount in amounts]).line_ids
        proposals = [self._propose(line, (number, line.amount)) for number, line in enumerate(lines.sorted("id"))]
        few, many = (self._count_queries(*part) for part in (proposals[:3], proposals[3:]))
        self.assertLessEqual(many - few, (7 - 3) * 6)

    def _count_queries(self, *proposals):
        before = self.env.cr.sql_log_count
        self._post(*proposals)
        self.env["base"].flush()
        return self.env.cr.sql_log_count - before

    def test_the_rep_is_told_once_for_a_run(self):
        lines = self._create_statement([("a", 810.0, False), ("b", 820.0, False), ("c", 30.0, False)]).line_ids.sorted("id")
        Notification = self.env["crm.notification"]
        before = Notification.search([("user_id", "=", self.rep.id)])
        jobs = self.env["account.bank.statement.line"].with_context(test_queue_job_no_delay=True)
        proposals = [self._propose(line, (number, line.amount)) for number, line in enumerate(lines)]
        self.assertEqual(jobs._delay_posting(proposals), 1)
        self.assertTrue(all(lines.mapped("is_reconciled")))
        message = Notification.search([("user_id", "=", self.rep.id)]) - before
        self.assertEqual(len(message), 1)
        self.assertEqual(message.subject, "Payments on 3 of your invoices")
        self.assertIn(self.orders[2].name, message.body)
        self.assertRegex(message.body, "800.00.* still open")

    def test_customers_are_never_split_between_jobs(self):
        proposals = [Proposal(number, number % 7, ((number, 1),)) for number in range(600)]
        chunks = self.env["account.bank.statement.line"]._get_posting_chunks(proposals)
        self.assertGreater(len(chunks), 1)
        self.assertEqual(sum(map(len, chunks)), 600)
        self.assertEqual(sum(len({one.partner for one in chunk}) for chunk in chunks), 7)
