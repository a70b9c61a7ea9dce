# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.exceptions import UserError
from odoo.tests.common import Form

from ..exceptions import SalesOrderValidationError
from .common import SalesOrderCase


class TestBankExchange(SalesOrderCase):
    """Invoices paid into an account in another currency: proposed, never booked by itself, the difference booked as Odoo does.

    A dollar is 5 yuan when the invoices are written, 4 when they are paid.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.yuan = cls.company.currency_id
        cls.usd = cls.env.ref("base.USD")
        cls.usd.active = True
        cls.env["res.currency.rate"].search([("currency_id", "in", (cls.usd.id, cls.yuan.id))]).unlink()
        cls.env["res.currency.rate"].create(
            [
                {"name": date, "rate": rate, "currency_id": cls.usd.id, "company_id": cls.company.id}
                for date, rate in (("2026-01-01", 0.2), ("2026-02-01", 0.25))
            ]
        )
        cls.customer.name = "深圳市华强电子有限公司"
        cls.finance = cls._create_user("exchange_finance", "crm_sales_order.group_finance", "base.group_multi_currency")
        cls.fee_account = cls.env["account.account"].search(
            [("internal_type", "=", "other"), ("internal_group", "=", "expense"), ("company_id", "=", cls.company.id)], limit=1
        )
        cls.bank = cls.env["account.journal"].create({"name": "Yuan", "code": "CNYX", "type": "bank", "match_threshold": 0.6})
        cls.usd_bank = cls.env["account.journal"].create(
            {"name": "Dollars", "code": "USDX", "type": "bank", "currency_id": cls.usd.id, "match_threshold": 0.6}
        )

    def _bill(self, *amounts, currency=None):
        invoices = self.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": self.customer.id,
                    "currency_id": (currency or self.usd).id,
                    "invoice_date": "2026-01-10",
                    "invoice_line_ids": [(0, 0, {"name": "Advice", "quantity": 1, "price_unit": amount, "tax_ids": False})],
                }
                for amount in amounts
            ]
        )
        invoices.action_post()
        return invoices

    def _receive(self, amount, memo="货款", payer="", journal=None):
        """An open payment after matching, as finance sees it."""
        vals = {"payment_ref": memo, "amount": amount, "partner_name": payer, "date": "2026-02-10"}
        statement = self.env["account.bank.statement"].create_posted(journal or self.bank, "Bank/exchange", [vals])
        statement.with_user(self.finance).action_match_invoices()
        return statement.line_ids.with_user(self.finance)

    def _read_state(self, line):
        """All that booking changes of a payment and its entry, to compare."""
        items = line.move_id.line_ids.sorted(lambda item: (item.account_id.id, item.debit))
        return [
            (line.is_reconciled, line.foreign_currency_id, line.amount_currency, line.amount_residual, line.move_id.state),
            *[(item.account_id, item.currency_id, item.amount_currency, item.balance, item.reconciled) for item in items],
        ]

    def _receivable(self, moves):
        return moves.line_ids.filtered(lambda item: item.account_internal_type == "receivable")

    def test_dollars_into_yuan_wait_are_booked_with_the_difference_and_undone(self):
        invoice = self._bill(1000.0)
        line = self._receive(3970.0, invoice.name, "somebody")
        self.assertEqual((line.is_reconciled, line.match_state), (False, "likely"), "never by itself, however sure")
        proposal = line.proposal_id
        self.assertEqual((proposal.currency_id, proposal.amount, proposal.bank_amount), (self.usd, 1000.0, 3970.0))
        self.assertEqual((proposal.part_ids.amount, proposal.amount_left), (1000.0, 0.0))
        rates = "changed by the bank at 1 USD = 3.9700 CNY; the rate of the day is 1 USD = 4.0000 CNY."
        self.assertIn("USD 1,000.00, " + rates, line.match_reasons)
        before = self._read_state(line)
        for _twice in range(2):
            line.action_accept_proposals()
            self.assertEqual((line.is_reconciled, invoice.payment_state, invoice.amount_residual), (True, "paid", 0.0))
            self.assertEqual((line.foreign_currency_id, line.amount_currency, line.partner_id), (self.usd, 1000.0, self.customer))
            item = self._receivable(invoice)
            difference = item.full_reconcile_id.exchange_move_id
            self.assertEqual(difference.journal_id, self.company.currency_exchange_journal_id)
            self.assertEqual(self._receivable(difference).balance, -1030.0, "5,000 in the books, 3,970 arrived")
            everything = self._receivable(invoice | line.move_id | difference)
            self.assertEqual((sum(everything.mapped("balance")), sum(everything.mapped("amount_residual"))), (0.0, 0.0))
            self.assertEqual(self.yuan.round(sum(line.move_id.line_ids.filtered(lambda one: one.debit).mapped("debit"))), 3970.0)
            line.button_undo_reconciliation()
            self.assertEqual(self._read_state(line), before)
            self.assertEqual((invoice.payment_state, invoice.amount_residual, item.amount_residual), ("not_paid", 1000.0, 5000.0))
            self.assertFalse(line.proposal_ids)
            line.statement_id.with_user(self.finance).action_match_invoices()
            self.assertEqual(line.match_state, "likely", "and proposed anew")

    def test_yuan_into_dollars(self):
        invoice = self._bill(4000.0, currency=self.yuan)
        line = self._receive(1005.0, invoice.name, journal=self.usd_bank)
        self.assertEqual((line.is_reconciled, line.match_state, line.proposal_id.amount), (False, "likely", 4000.0))
        self.assertIn("CNY 4,000.00, changed by the bank at 1 USD = 3.9801 CNY", line.match_reasons)
        before = self._read_state(line)
        line.action_accept_proposals()
        self.assertEqual((line.is_reconciled, invoice.payment_state), (True, "paid"))
        booked = {(item.currency_id, item.amount_currency, item.balance) for item in line.move_id.line_ids}
        self.assertEqual(booked, {(self.usd, 1005.0, 4000.0), (self.yuan, -4000.0, -4000.0)})
        self.assertFalse(self._receivable(invoice).full_reconcile_id.exchange_move_id, "the yuan are worth what they are")
        line.button_undo_reconciliation()
        self.assertEqual(self._read_state(line), before)
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_several_invoices_leave_no_cent_open(self):
        invoices = self._bill(333.33, 33.33, 66.67, 0.35)
        line = self._receive(1731.11, " ".join(invoices.mapped("name")))
        self.assertEqual(len(line.proposal_id.part_ids), 4)
        line.action_accept_proposals()
        self.assertEqual(set(invoices.mapped("payment_state")), {"paid"})
        everything = self._receivable(invoices | line.move_id)
        self.assertEqual((set(everything.mapped("reconciled")), len(everything)), ({True}, 8))
        self.assertEqual(self.yuan.round(sum(line.move_id.line_ids.mapped("balance"))), 0.0)

    def test_a_fee_beside_the_rate(self):
        self.bank.write({"match_fee_tolerance": 100.0, "match_fee_account_id": self.fee_account.id})
        invoice = self._bill(1000.0)
        line = self._receive(3850.0, invoice.name)
        self.assertEqual((line.proposal_id.fee, line.proposal_id.amount), (37.5, 962.5))
        self.assertIn("It is what is open less a bank fee.", line.match_reasons)
        line.action_accept_proposals()
        self.assertEqual(invoice.payment_state, "paid")
        fee = line.move_id.line_ids.filtered(lambda item: item.account_id == self.fee_account)
        self.assertEqual((fee.balance, fee.amount_currency), (150.0, 37.5))

    def test_a_part_and_too_much(self):
        invoice, other = self._bill(1000.0, 300.0)
        line = self._receive(2000.0, invoice.name)
        self.assertEqual((line.proposal_id.part_ids.amount, line.match_state), (500.0, "likely"))
        line.action_accept_proposals()
        self.assertEqual((invoice.payment_state, invoice.amount_residual), ("partial", 500.0))
        over = self._receive(2000.0, other.name)
        self.assertEqual((over.proposal_id.part_ids.amount, over.proposal_id.advance), (300.0, 200.0))
        over.action_accept_proposals()
        self.assertEqual(other.payment_state, "paid")
        self.assertEqual(sum(self._receivable(over.move_id).mapped("amount_residual_currency")), -200.0)

    def test_a_payer_alone_is_a_guess_and_refused_for_good(self):
        first, second = self._bill(1000.0, 1010.0)
        line = self._receive(4020.0, payer="华强电子")
        self.assertEqual(line.match_state, "guess")
        self.assertIn("But it fits other items just as well.", line.match_reasons)
        chosen = line.proposal_id.part_ids.move_id
        line.action_refuse_proposal()
        self.assertEqual((line.proposal_id.part_ids.move_id, line.foreign_currency_id.id), ((first | second) - chosen, False))
        self.assertEqual(self._receive(9999.0, payer="华强电子").match_state, "none", "nobody guesses without a number or an amount")
        self.assertEqual(self._receive(4000.0, "货款", "nobody").match_state, "none")

    def test_its_own_currency_comes_first(self):
        abroad, here = self._bill(1000.0)[0], self._bill(4000.0, currency=self.yuan)
        line = self._receive(4000.0, here.name)
        self.assertEqual((line.is_reconciled, here.payment_state, abroad.payment_state), (True, "paid", "not_paid"))
        self.assertFalse(line.foreign_currency_id)

    def test_two_payments_for_one_invoice_say_so(self):
        invoice = self._bill(1000.0)
        vals = [{"payment_ref": invoice.name, "amount": amount, "date": "2026-02-10"} for amount in (4000.0, 3990.0)]
        statement = self.env["account.bank.statement"].create_posted(self.bank, "Bank/twice", vals)
        statement.with_user(self.finance).action_match_invoices()
        first, second = statement.line_ids.with_user(self.finance)
        self.assertIn("another payment asks for the same", first.match_reasons)
        first.action_accept_proposals()
        self.assertEqual((first.is_reconciled, second.match_state), (True, "none"), "nothing is left to pay")

    def test_a_person_says_what_was_paid(self):
        invoice = self._bill(1000.0)
        line = self._receive(3500.0, "?", "nobody")
        self.assertEqual(line.match_state, "none")
        proposal = self.env["crm.bank.proposal"].with_user(self.finance).browse(line.action_choose()["res_id"])
        form = Form(proposal, view="crm_sales_order.crm_bank_proposal_view_form")
        form.partner_id = self.customer
        form.paid_currency_id = self.usd
        self.assertEqual(form.paid_amount, 875.0)
        form.paid_amount = 900.0
        with form.part_ids.edit(0) as part:
            part.amount = 900.0
        form.save()
        self.assertEqual((proposal.part_ids.move_id, proposal.amount_left), (invoice, 0.0))
        for values in ({"paid_amount": 0.0}, {"paid_amount": -5.0}, {"paid_currency_id": self.yuan.id}):
            with self.assertRaises(SalesOrderValidationError), self.env.cr.savepoint():
                proposal.write(values)
        line.action_accept_proposals()
        self.assertEqual((line.is_reconciled, invoice.amount_residual), (True, 100.0))

    def test_what_odoo_refuses_leaves_the_line_as_it_was(self):
        invoice = self._bill(1000.0)
        line = self._receive(3970.0, invoice.name)
        before = self._read_state(line)
        self.company.currency_exchange_journal_id = False
        with self.assertRaises(UserError), self.env.cr.savepoint():
            line.action_accept_proposals()
        self.assertEqual(line.proposal_id._book(), line.browse())
        self.assertEqual(self._read_state(line), before)

    def test_jobs_book_them_one_after_the_other(self):
        invoice = self._bill(1000.0)
        line = self._receive(3970.0, invoice.name)
        self.assertEqual(line._get_paid_in_other_currency(), line)
        line.proposal_id._queue()
        job = self.env["queue.job"].search([("method_name", "=", "_post_chunk")], order="id desc", limit=1)
        self.assertEqual(job.priority, 9, "with those whose exchange differences are numbered one by one")
        job.records._post_chunk(*job.args)
        line.invalidate_cache()
        self.assertEqual((line.is_reconciled, invoice.payment_state), (True, "paid"))

    def test_queries_do_not_grow_with_the_lines(self):
        self._bill(1000.0)
        lines = self.env["account.bank.statement"].create_posted(
            self.bank, "Bank/many", [{"payment_ref": "货款", "amount": 3900.0 + number, "date": "2026-02-10"} for number in range(20)]
        ).line_ids
        lines._get_proposals()
        counts = []
        for some in (lines[:1], lines):
            some.invalidate_cache()
            before = self.env.cr.sql_log_count
            some._get_proposals()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
