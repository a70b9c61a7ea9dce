# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests.common import Form

from ..exceptions import SalesOrderError, SalesOrderValidationError
from .common import SalesOrderCase


class TestBankProposals(SalesOrderCase):
    """What matching is not sure of waits for a person, with its reasons."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.name = "深圳市华强电子有限公司"
        cls.orders = cls._create_delivered_orders([810.0, 820.0, 820.0, 1000.0])
        cls.invoices = cls.orders.action_invoice_delivered()
        cls.finance = cls._create_user("match_finance", "crm_sales_order.group_finance")
        cls.journal = cls.env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1)
        cls.statements = cls.env["account.bank.statement"].with_user(cls.finance)

    def _receive(self, amount, memo="货款", payer="华强电子", **values):
        """An open payment after matching."""
        vals = {"payment_ref": memo, "amount": amount, "partner_name": payer, **values}
        statement = self.statements.browse(self.statements.create_posted(self.journal, "Bank/proposal", [vals]).id)
        statement.action_match_invoices()
        return statement.line_ids

    def _get_item(self, number):
        return self.invoices[number].line_ids.filtered(lambda item: item.account_internal_type == "receivable")

    def test_sure_ones_are_booked_and_say_why(self):
        line = self._receive(810.0)
        self.assertTrue(line.is_reconciled)
        self.assertEqual(line.partner_id, self.customer)
        self.assertEqual((line.proposal_ids.state, line.proposal_ids.part_ids.item_id), ("posted", self._get_item(0)))
        self.assertIn("“华强电子” is this customer's name without place and legal form.", line.proposal_ids.reasons)

    def test_the_journal_says_how_sure_it_must_be(self):
        self.journal.match_threshold = 1.0
        line = self._receive(810.0, self.orders[0].name)
        self.assertEqual((line.is_reconciled, line.match_state, line.match_partner_id), (False, "likely", self.customer))
        with self.assertRaises(SalesOrderValidationError):
            self.journal.match_threshold = 0.2

    def test_a_fee_within_the_limit_is_written_off(self):
        with self.assertRaises(SalesOrderValidationError):
            self.journal.match_fee_tolerance = 5.0
        expense = self.env["account.account"].search(
            [("company_id", "=", self.company.id), ("user_type_id.internal_group", "=", "expense")], limit=1
        )
        self.journal.write({"match_fee_tolerance": 5.0, "match_fee_account_id": expense.id})
        line = self._receive(807.0, self.orders[0].name)
        self.assertEqual((line.is_reconciled, line.proposal_ids.fee), (True, 3.0))
        self.assertEqual(line.move_id.line_ids.filtered(lambda item: item.account_id == expense).balance, 3.0)
        self.assertEqual(self.orders[0].payment_status, "paid")

    def test_the_same_amount_twice_waits_and_is_booked_by_a_person(self):
        line = self._receive(820.0)
        self.assertEqual((line.is_reconciled, line.match_state), (False, "guess"))
        self.assertIn("But it fits other items just as well.", line.match_reasons)
        line.action_accept_proposals()
        self.assertTrue(line.is_reconciled)
        self.assertEqual(line.proposal_ids.state, "posted")
        with self.assertRaisesRegex(SalesOrderError, "Nothing is proposed"):
            line.action_accept_proposals()

    def test_refused_is_not_proposed_again_but_the_next_best_is(self):
        line = self._receive(820.0)
        first = line.proposal_id.part_ids.item_id
        line.action_refuse_proposal()
        self.assertIn("But something else was refused for this payment.", line.match_reasons)
        line.statement_id.action_match_invoices()
        self.assertFalse(line.is_reconciled)
        second = line.proposal_id.part_ids.item_id
        self.assertEqual(first | second, self._get_item(1) | self._get_item(2))
        self.assertNotEqual(first, second)
        line.action_refuse_proposal()
        line.statement_id.action_match_invoices()
        self.assertNotIn(line.proposal_id.part_ids.item_id, first | second)

    def test_among_very_many_items_a_job_looks_for_the_next_best(self):
        line = self._receive(820.0)
        with patch("odoo.addons.crm_sales_order.models.crm_bank_proposal_decision.MANY_ITEMS", 2):
            line.action_refuse_proposal()
        self.assertEqual(line.match_state, "none")
        job = self.env["queue.job"].search([("method_name", "=", "_match")], order="id desc", limit=1)
        job.records._match()
        self.assertEqual(line.match_state, "guess")

    def test_a_person_chooses_other_items(self):
        line = self._receive(500.0, "thank you", "somebody")
        self.assertEqual(line.match_state, "none")
        action = line.action_choose()
        form = Form(self.env["crm.bank.proposal"].with_user(self.finance).browse(action["res_id"]))
        form.partner_id = self.customer
        self.assertEqual([part["amount"] for part in form.part_ids._records], [500.0])
        proposal = form.save()
        self.assertEqual((proposal.amount_left, proposal.reasons), (0.0, "match_finance chose it."))
        with self.assertRaises(SalesOrderValidationError):
            proposal.part_ids.amount = 5000.0
        proposal.action_accept()
        self.assertEqual((line.is_reconciled, self.orders[0].payment_status), (True, "partial"))

    def test_never_across_customers(self):
        other = self.env["res.partner"].create({"name": "上海蓝天机械有限公司", "is_company": True})
        line = self._receive(810.0, self.orders[0].name, other.name)
        self.assertFalse(line.is_reconciled)
        self.assertIn("But the payer is named “上海蓝天机械有限公司”.", line.match_reasons)
        with self.assertRaises(SalesOrderValidationError):
            line.proposal_id.partner_id = other
            line.proposal_id.part_ids.item_id = self._get_item(1)

    def test_what_one_payment_took_is_proposed_to_no_other(self):
        lines = self._receive(820.0), self._receive(820.0)
        self.assertEqual(lines[0].proposal_id.part_ids.item_id, lines[1].proposal_id.part_ids.item_id)
        lines[0].action_accept_proposals()
        lines[1].invalidate_cache()
        self.assertEqual(lines[1].proposal_id.part_ids.item_id, (self._get_item(1) | self._get_item(2)).filtered("amount_residual"))

    def _get_open_credit(self, line):
        return line.move_id.line_ids.filtered(lambda item: item.account_internal_type == "receivable" and not item.reconciled)

    def test_what_is_paid_too_much_stays_the_customers_once_a_person_agrees(self):
        line = self._receive(850.0, self.orders[0].name)
        self.assertEqual((line.is_reconciled, line.match_state, line.proposal_id.advance), (False, "likely", 40.0))
        self.assertIn("what is left over stays the customer's advance", line.match_reasons)
        line.action_accept_proposals()
        self.assertEqual((line.is_reconciled, self.orders[0].payment_status), (True, "paid"))
        credit = self._get_open_credit(line)
        self.assertEqual((credit.amount_residual, credit.partner_id), (-40.0, self.customer))
        line.button_undo_reconciliation()
        self.assertEqual((line.is_reconciled, self.invoices[0].amount_residual), (False, 810.0))
        self.assertFalse(self._get_open_credit(line))

    def test_money_for_an_order_not_invoiced_yet_waits_as_an_advance(self):
        order = self.orders[0].copy()
        order.action_confirm()
        line = self._receive(300.0, "订单%s预付30%%" % order.name, "somebody")
        self.assertEqual((line.match_partner_id, line.match_items), (self.customer, "Advance"))
        self.assertIn("Nothing is owed for this order yet", line.match_reasons)
        line.action_accept_proposals()
        self.assertTrue(line.is_reconciled)
        self.assertEqual(self._get_open_credit(line).amount_residual, -300.0)
        self.assertEqual(line.partner_id, self.customer)
        line.button_undo_reconciliation()
        line.statement_id.action_match_invoices()
        self.assertEqual(line.proposal_id.advance, 300.0)
        line.action_refuse_proposal()
        self.assertFalse(line.proposal_id.advance)

    def test_undone_is_forgotten_and_open_again(self):
        line = self._receive(810.0)
        line.button_undo_reconciliation()
        self.assertFalse(line.proposal_ids)
        line.statement_id.action_match_invoices()
        self.assertTrue(line.is_reconciled)

    def test_in_dollars_and_only_in_dollars(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        other = self.env.ref("base.EUR") if self.company.currency_id == dollar else dollar
        other.active = True
        self.assertTrue(self._receive(810.0).is_reconciled)
        invoice = self.invoices[0].copy({"currency_id": other.id})
        invoice.action_post()
        bank = self.env["account.journal"].create({"name": "Foreign", "code": "FRGN", "type": "bank", "currency_id": other.id})
        self.assertFalse(self._receive(invoice.amount_total, invoice.name).is_reconciled)
        self.journal = bank
        line = self._receive(invoice.amount_total, invoice.name)
        self.assertEqual((line.is_reconciled, invoice.payment_state), (True, "paid"))

    def test_many_are_shared_out_to_jobs_and_can_be_stopped(self):
        lines = self._receive(810.0, "", "nobody") | self._receive(1000.0, "", "nobody")
        for line, number in zip(lines, (0, 3)):
            line.partner_name = "华强电子"
            line.payment_ref = self.orders[number].name
        lines._match(queue=True)
        self.assertEqual(lines.mapped("match_state"), ["queued", "queued"])
        self.assertEqual(lines.statement_id.mapped("match_queued_count"), [1, 1])
        lines[1].statement_id.action_stop_matching()
        for job in self.env["queue.job"].search([("method_name", "=", "_post_chunk")], order="id desc", limit=1):
            job.records._post_chunk(*job.args)
        lines.invalidate_cache()
        self.assertEqual(lines.mapped("is_reconciled"), [True, False])
        self.assertEqual(lines[1].match_state, "likely")

    def test_every_night_what_is_open_is_matched_anew(self):
        line = self._receive(4321.0, "", "华强电子", account_number="6222 0001 0002")
        self.assertEqual(line.match_state, "none")
        booked = self._receive(810.0, account_number="6222000100029")
        self.assertEqual(booked.partner_bank_id.partner_id, self.customer)
        account = self.invoices[0].invoice_line_ids[:1].account_id
        vals = {"name": "More", "price_unit": 4321.0, "account_id": account.id, "tax_ids": [(5, 0, 0)]}
        invoice = {"move_type": "out_invoice", "partner_id": self.customer.id, "invoice_line_ids": [(0, 0, vals)]}
        self.env["account.move"].create(invoice).action_post()
        self.env["account.bank.statement.line"]._cron_match()
        job = self.env["queue.job"].search([("method_name", "=", "_match")], order="id desc", limit=1)
        self.assertIn(line.id, job.records.ids)
        self.assertNotIn(booked.id, job.records.ids)
        self.assertEqual(job.records._match(), line)

    def test_rights(self):
        line = self._receive(820.0)
        proposal = line.proposal_id
        for values in ({"state": "posted"}, {"confidence": 1.0}, {"reason_codes": json.dumps([["number", []]])}):
            with self.assertRaises(AccessError):
                proposal.write(values)
        executive = self._create_user("match_executive", "crm_core.group_executive")
        self.assertEqual(proposal.with_user(executive).partner_id, self.customer)
        rep = self._create_user("match_rep", "crm_core.group_sales_rep")
        for user in (executive, rep):
            for method in ("action_accept_proposals", "action_refuse_proposal", "action_choose"):
                with self.assertRaises(AccessError):
                    getattr(line.with_user(user), method)()
            with self.assertRaises(AccessError):
                line.statement_id.with_user(user).action_match_invoices()
        with self.assertRaises(AccessError):
            proposal.with_user(rep).read(["confidence"])

    def test_queries_do_not_grow_with_the_lines(self):
        """Proposing costs the same handful of queries for one line and for twenty."""
        self.journal.match_threshold = 1.0
        lines = self.env["account.bank.statement"].create_posted(
            self.journal, "Bank/many", [{"payment_ref": "货款", "amount": 820.0 + number, "partner_name": "华强"} for number in range(20)]
        ).line_ids
        lines._get_proposals()
        counts = []
        for some in (lines[:1], lines):
            some.invalidate_cache()
            before = self.env.cr.sql_log_count
            some._get_proposals()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
