# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How a customer pays, from the ledger to the grade on the customer."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests.common import Form, SavepointCase, tagged


@tagged("post_install", "-at_install")
class TestPaymentBehaviour(SavepointCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True, no_reset_password=True))
        cls.today = fields.Date.today()
        cls.owner, cls.stranger = cls.env["res.users"].create([
            {"name": name, "login": name, "groups_id": [(6, 0, cls.env.ref("crm_core.group_sales_rep").ids)]}
            for name in ("behaviour-owner", "behaviour-stranger")
        ])  # fmt: skip
        cls.customer = cls.env["res.partner"].create({"name": "Payer", "is_company": True, "user_id": cls.owner.id})
        cls.journal = cls.env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", cls.env.company.id)], limit=1)

    def invoice(self, amount, due, move_type="out_invoice", **values):
        """Posted; due so many days from today."""
        date = self.today + timedelta(days=due)
        invoice = self.env["account.move"].create({
            "move_type": move_type, "partner_id": self.customer.id, "invoice_date": date, "invoice_date_due": date, **values,
            "invoice_line_ids": [(0, 0, {"name": "Goods", "price_unit": amount, "tax_ids": [(5, 0, 0)]})],
        })  # fmt: skip
        invoice.action_post()
        return invoice

    def pay(self, invoices, amount, days):
        """Money received so many days from today."""
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoices.ids)
        form = Form(wizard)
        form.payment_date = self.today + timedelta(days=days)
        form.amount = amount
        form.save()._create_payments()

    def behaviour(self):
        self.env["crm.payment.behaviour"]._refresh(self.customer)
        return self.env["crm.payment.behaviour"].search([("partner_id", "=", self.customer.id)])

    def test_days_are_weighted_by_the_money_that_came(self):
        first, second, third = self.invoice(1000.0, -60), self.invoice(3000.0, -50), self.invoice(500.0, -40)
        self.pay(first, 1000.0, -60)  # on the day
        self.pay(second, 1000.0, -40)  # 10 days late
        self.pay(second, 2000.0, -20)  # 30 days late
        self.pay(third, 500.0, -45)  # 5 days early
        behaviour = self.behaviour()
        self.assertEqual((behaviour.invoice_count, behaviour.amount_paid, behaviour.overdue_days), (3, 4500.0, 0))
        # a payment before the day of the invoice counts on that day: the match cannot be older than either of its sides
        self.assertAlmostEqual(behaviour.days_late, (0 * 1000 + 10 * 1000 + 30 * 2000) / 4500)
        self.assertAlmostEqual(behaviour.late_share, 3000 / 4500)
        self.assertEqual((behaviour.grade, behaviour.decided_by), ("c", "days"))
        self.assertIn("16 days late", behaviour.explanation)
        self.assertEqual(self.customer.payment_grade, "c")
        self.assertIn(self.customer, self.env["res.partner"].search([("payment_grade", "=", "c")]))
        self.assertNotIn(self.customer, self.env["res.partner"].search([("payment_grade", "=", False)]))

    def test_credit_notes_are_no_money_and_what_is_overdue_counts(self):
        invoice = self.invoice(1000.0, -100)
        refund = self.invoice(1000.0, -10, "out_refund")
        items = (invoice + refund).line_ids.filtered(lambda item: item.account_internal_type == "receivable")
        items.reconcile()
        self.assertFalse(self.behaviour())
        self.assertFalse(self.customer.payment_grade)
        late = self.invoice(200.0, -45)
        behaviour = self.behaviour()
        self.assertEqual((behaviour.invoice_count, behaviour.overdue_days, behaviour.grade), (1, 45, "c"))
        self.assertEqual(behaviour.decided_by, "overdue")
        late.button_draft()
        self.assertFalse(self.behaviour())

    def test_a_payment_is_noticed_within_a_minute_and_so_is_taking_it_back(self):
        invoice = self.invoice(100.0, -3)
        self.pay(invoice, 100.0, 0)
        self.env["crm.customer.change"]._cron_work_off()
        behaviour = self.customer.payment_behaviour_ids
        self.assertEqual((behaviour.days_late, behaviour.amount_paid, behaviour.grade), (3.0, 100.0, "c"))
        invoice.line_ids.remove_move_reconcile()
        self.env["crm.customer.change"]._cron_work_off()
        self.assertEqual((behaviour.amount_paid, behaviour.overdue_days), (0.0, 3))

    def test_any_number_of_customers_takes_three_queries(self):
        self.invoice(100.0, -3)
        behaviours = self.env["crm.payment.behaviour"]
        behaviours._refresh()
        with self.assertQueryCount(3):
            behaviours._refresh()

    def test_reps_read_of_own_customers_and_nobody_writes(self):
        self.invoice(100.0, -3)
        behaviour = self.behaviour()
        self.assertEqual(behaviour.with_user(self.owner).search([("partner_id", "=", self.customer.id)]), behaviour)
        self.assertFalse(behaviour.with_user(self.stranger).search([("partner_id", "=", self.customer.id)]))
        with self.assertRaises(AccessError):
            behaviour.with_user(self.owner).write({"grade": "a"})
