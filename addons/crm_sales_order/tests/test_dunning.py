# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Reminders: who is told what, how often, and who is left alone."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests.common import SavepointCase, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..exceptions import SalesOrderError, SalesOrderValidationError


@tagged("post_install", "-at_install")
class TestDunning(SavepointCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True, no_reset_password=True))
        cls.today = fields.Date.today()
        groups = {"rep": "crm_core.group_sales_rep", "leader": "crm_core.group_team_leader", "other": "crm_core.group_sales_rep"}
        groups["finance"] = "crm_sales_order.group_finance"
        for name, group in groups.items():
            user = cls.env["res.users"].create(
                {"name": name, "login": "dunning-%s" % name, "groups_id": [(6, 0, cls.env.ref(group).ids)]}
            )
            setattr(cls, name, user)
        cls.team = cls.env["crm.team"].create({"name": "Dunning", "user_id": cls.leader.id})
        cls.rep.sale_team_id = cls.team
        cls.customer = cls.env["res.partner"].create({
            "name": "Slow Payer", "is_company": True, "user_id": cls.rep.id, "team_id": cls.team.id, "email": "slow@example.com",
        })  # fmt: skip
        cls.levels = cls.env["crm.dunning.level"]
        cls.levels.search([]).active = False
        cls.soon, cls.first, cls.last = (cls.env.ref("crm_sales_order.dunning_level_" + name) for name in ("before", "first", "final"))
        (cls.soon + cls.first + cls.last).active = True
        cls.env.company.dunning_auto_send = True

    @classmethod
    def invoice(cls, amount, late, **values):
        """Posted; past its due date for so many days."""
        date = cls.today - timedelta(days=late)
        invoice = cls.env["account.move"].create({
            "move_type": "out_invoice", "partner_id": cls.customer.id, "invoice_date_due": date,
            "invoice_date": date, "invoice_user_id": cls.rep.id, "team_id": cls.team.id, **values,
            "invoice_line_ids": [(0, 0, {"name": "Goods", "price_unit": amount, "tax_ids": [(5, 0, 0)]})],
        })  # fmt: skip
        invoice.action_post()
        return invoice

    def remind(self):
        """Notices about the customer that a run writes."""
        return self.levels._remind(self.env.company).filtered(lambda notice: notice.partner_id == self.customer)

    def mails(self):
        return self.env["mail.mail"].search([("recipient_ids", "in", self.customer.ids)])

    def told(self, user):
        return self.env["crm.notification"].search([("user_id", "=", user.id), ("key", "like", "crm.dunning%")])

    def test_each_amount_comes_to_each_level_once(self):
        soon, late, older = self.invoice(100.0, -3), self.invoice(200.0, 4), self.invoice(300.0, 9)
        notices = self.remind()
        self.assertEqual({notice.level_id: notice.line_ids.invoice_id for notice in notices},
                         {self.soon: soon, self.first: late + older})  # fmt: skip
        self.assertEqual(set(notices.mapped("state")), {"sent"})
        self.assertEqual(len(self.mails()), 2)  # one for each level, not for each invoice
        letter = self.mails().filtered(lambda mail: late.name in mail.body_html)
        self.assertIn(older.name, letter.body_html)
        self.assertNotIn(soon.name, letter.body_html)
        self.assertEqual(len(self.told(self.rep)), 2)
        self.assertIn("500.00", self.told(self.rep).filtered(lambda one: self.first.name in one.subject).subject)
        self.assertFalse(self.told(self.leader))
        self.assertFalse(self.remind())  # a second run finds nothing to do
        self.assertEqual((len(self.mails()), len(self.told(self.rep))), (2, 2))
        self.assertEqual(late.dunning_level_id, self.first)
        self.assertEqual(self.customer.dunning_notice_count, 2)

    def test_the_leader_is_told_at_the_last_level_and_nothing_comes_after_it(self):
        invoice = self.invoice(100.0, 45)  # reminding starts late: the lower levels are passed over
        self.assertEqual(self.remind().level_id, self.last)
        self.assertEqual(len(self.told(self.leader)), 1)
        self.assertEqual(invoice.dunning_line_ids.days_late, 45)
        self.assertFalse(self.remind())
        self.last.days = 44  # not the same level again because its day was changed
        self.assertFalse(self.remind())

    def test_letters_wait_for_finance_where_the_company_wants_it_so(self):
        self.env.company.dunning_auto_send = False
        invoice = self.invoice(100.0, 4)
        notice = self.remind()
        self.assertEqual((notice.state, len(self.mails())), ("to_send", 0))
        with self.assertRaisesRegex(SalesOrderError, "finance"):
            notice.with_user(self.rep).action_send()
        notice.with_user(self.finance).action_send()
        self.assertEqual((notice.state, len(self.mails())), ("sent", 1))
        self.assertIn(invoice.name, notice.body)
        with self.assertRaisesRegex(SalesOrderError, "None of these"):
            notice.with_user(self.finance).action_send()
        self.assertEqual(len(self.mails()), 1)

    def test_what_is_paid_or_waits_to_be_matched_is_not_asked_for(self):
        self.env.company.dunning_auto_send = False
        invoice = self.invoice(100.0, 4)
        notice = self.remind()
        invoice._reverse_moves([{"invoice_date": self.today}]).action_post()
        second = self.invoice(60.0, 31)  # 160 open, 100 of it covered by credit
        self.assertEqual(self.remind().line_ids.invoice_id, second)
        second._reverse_moves([{"invoice_date": self.today}]).action_post()
        self.invoice(0.5, 31)._reverse_moves([{"invoice_date": self.today}]).action_post()
        self.assertFalse(self.remind())  # all covered: it only waits to be matched
        items = self.env["account.move.line"].search([("partner_id", "=", self.customer.id)])
        items.filtered(lambda item: item.account_internal_type == "receivable").reconcile()
        notice.with_user(self.finance).action_send()
        self.assertEqual((notice.state, len(self.mails())), ("settled", 0))

    def test_without_an_address_the_letter_waits_for_one(self):
        self.customer.email = False
        self.invoice(100.0, 4)
        notice = self.remind()
        self.assertEqual(notice.state, "no_address")
        contact = self.env["res.partner"].create(
            {"name": "Books", "parent_id": self.customer.id, "type": "invoice", "email": "books@example.com"}
        )
        notice.with_user(self.finance).action_send()
        self.assertEqual((notice.state, notice.recipient_id), ("sent", contact))

    def test_a_disputed_invoice_and_a_customer_on_hold_are_left_alone(self):
        disputed, other = self.invoice(100.0, 4), self.invoice(50.0, 4)
        holds = self.env["crm.dunning.hold"]
        dispute = holds.with_user(self.rep).create({"invoice_id": disputed.id, "reason": "Two pumps leak"})
        self.assertEqual((dispute.partner_id, disputed.dispute), (self.customer, "Two pumps leak"))
        self.assertEqual(self.remind().line_ids.invoice_id, other)
        with self.assertRaisesRegex(SalesOrderError, "already"):
            holds.with_user(self.finance).create({"invoice_id": disputed.id, "reason": "Again"})
        with self.assertRaisesRegex(SalesOrderError, "finance"):
            holds.with_user(self.rep).create({"kind": "customer", "partner_id": self.customer.id, "reason": "A friend"})
        with self.assertRaisesRegex(SalesOrderError, "finance"):
            dispute.with_user(self.rep).action_release()
        hold = holds.with_user(self.finance).create({"kind": "customer", "partner_id": self.customer.id, "reason": "Insolvent"})
        dispute.with_user(self.finance).action_release()
        self.assertEqual((self.customer.dunning_hold, self.remind()), ("Insolvent", self.env["crm.dunning.notice"]))
        hold.date_until = self.today - timedelta(days=1)
        self.assertEqual(self.remind().line_ids.invoice_id, disputed)
        with self.assertRaisesRegex(SalesOrderValidationError, "why"):
            hold.with_user(self.finance).reason = "  "
        with self.assertRaisesRegex(SalesOrderError, "new one"):
            hold.with_user(self.finance).write({"partner_id": self.env.company.partner_id.id})

    def test_a_run_that_dies_on_the_way_leaves_nothing_behind(self):
        invoice = self.invoice(100.0, 4)
        dies = patch.object(type(self.env["mail.mail"]), "create", side_effect=MemoryError)
        with dies, self.assertRaises(MemoryError), self.env.cr.savepoint():
            self.remind()
        self.assertFalse(invoice.dunning_line_ids)
        self.assertFalse(self.told(self.rep))
        self.remind()
        self.assertEqual((len(self.mails()), len(self.told(self.rep))), (1, 1))

    def test_two_runs_at_once_cannot_both_remind(self):
        self.invoice(100.0, 4)
        line = self.remind().line_ids
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            line.copy({"notice_id": line.notice_id.id})

    def test_reps_read_what_their_customers_were_told_and_write_nothing(self):
        self.invoice(100.0, 4)
        notice = self.remind()
        self.assertEqual(notice.with_user(self.rep).line_ids.amount_open, 100.0)
        self.assertFalse(notice.with_user(self.other).search([("id", "=", notice.id)]))
        for user in (self.rep, self.finance):
            with self.assertRaises(AccessError):
                notice.with_user(user).write({"state": "sent"})
        with self.assertRaises(AccessError):
            self.first.with_user(self.rep).days = 0

    def test_levels_say_what_is_wrong(self):
        with self.assertRaisesRegex(SalesOrderValidationError, "already acts"):
            self.levels.create({"name": "Twin", "days": self.first.days})
        with self.assertRaisesRegex(SalesOrderValidationError, "nobody"):
            self.levels.create({"name": "Silent", "days": 99, "tell_rep": False})

    def test_a_run_costs_the_same_for_many_customers(self):
        self.env.company.dunning_auto_send = False
        self.invoice(100.0, 4)
        self.remind()
        counts = []
        for number in (1, 4):
            for index in range(number):
                customer = self.customer.copy({"name": "Payer %d %d" % (number, index), "is_company": True})
                self.invoice(100.0, 4, partner_id=customer.id)
            self.env["base"].flush()
            start = self.env.cr.sql_log_count
            self.levels._remind(self.env.company)
            self.env["base"].flush()
            counts.append(self.env.cr.sql_log_count - start)
        self.assertLessEqual(counts[1] - counts[0], 12)  # rows and names of three more customers, no search for each
