# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Next best action: what is suggested, on which facts, to whom, and what the button does."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests.common import tagged

from ..exceptions import CrmUserError, CrmValidationError
from .common import RolesCase


@tagged("post_install", "-at_install")
class TestAdvice(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.customer_ann
        cls.won = cls.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        cls.today = fields.Date.today()

    def rewind(self, record, **days):
        """Set date fields to so many days ago, behind the ORM."""
        record.flush()
        for name, number in days.items():
            query = 'UPDATE %s SET "%s" = %%s WHERE id = %%s' % (record._table, name)
            self.env.cr.execute(query, [fields.Datetime.now() - timedelta(days=number), record.id])
        record.invalidate_cache()

    def deal(self, customer, won=None, **vals):
        lead = self.env["crm.lead"].create(
            {"name": "Deal", "type": "opportunity", "partner_id": customer.id, "user_id": self.ann.id, **vals}
        )
        if won is not None:
            lead.stage_id = self.won
            self.rewind(lead, date_closed=won)
        return lead

    def plan(self, record, days):
        record.activity_schedule("mail.mail_activity_data_call", date_deadline=self.today + timedelta(days=days), user_id=self.ann.id)

    def advice(self, record=None, user=None):
        return (record or self.customer).with_user(user or self.ann).get_advice()["suggestions"]

    def first(self, customer):
        return self.env["crm.advice.rule"].browse(self.advice(customer)[0]["id"])

    # -- ten customers -----------------------------------------------------------------------------------------------

    def test_ten_customers_and_what_to_do_next(self):
        """Each suggestion names facts, and with these facts alone the rule says the same."""
        cases = {
            "advice_step_overdue": lambda customer: self.plan(customer, -2),
            "advice_closing_overdue": lambda customer: self.deal(customer, date_deadline=self.today - timedelta(days=3)),
            "advice_first_contact": lambda customer: self.rewind(customer, create_date=5),
            "advice_nothing_planned": lambda customer: self.deal(customer),
            "advice_qualify_lead": lambda customer: self.deal(customer, type="lead"),
            "advice_win_back": lambda customer: self.deal(customer, won=200),
            "advice_first_purchase": lambda customer: self.deal(customer, won=10),
            "advice_no_contact": lambda customer: self.rewind(customer, date_last_follow_up=40),
            "advice_learn_from_loss": lambda customer: [self.deal(customer).action_set_lost() for _deal in range(2)],
            "advice_recommendation": lambda customer: [self.deal(customer, won=30) for _deal in range(3)],
        }
        for name, story in cases.items():
            with self.subTest(name):
                customer = self._customer(self.ann, name)
                story(customer)
                suggestion = self.advice(customer)[0]
                self.assertEqual(self.env["crm.advice.rule"].browse(suggestion["id"]), self.env.ref("crm_core." + name))
                named = [fact["name"] for fact in suggestion["facts"]]
                self.assertTrue(named)
                facts = customer._get_customer_facts()[customer.id]
                alone = self.env["crm.advice.rule"]._advise("customer", {fact: facts[fact] for fact in named})
                self.assertIn(suggestion, alone)
                self.assertTrue(suggestion["action"])

    def test_nothing_to_say_about_somebody_new(self):
        self.assertEqual(self.advice(self._customer(self.ann, "New")), [])

    def test_facts_are_shown_as_people_write_them(self):
        self.rewind(self.customer, date_last_follow_up=40)
        (fact,) = self.advice()[0]["facts"]
        self.assertEqual(fact["label"], "Last contact")
        self.assertIn("40 days ago", fact["value"])

    def test_at_most_three_suggestions_the_most_urgent_first(self):
        self.plan(self.customer, -2)
        self.deal(self.customer, date_deadline=self.today - timedelta(days=3))
        for _deal in range(3):
            self.deal(self.customer, won=20)
        self.rewind(self.customer, date_last_follow_up=40)
        expected = ["advice_step_overdue", "advice_closing_overdue", "advice_no_contact"]
        self.assertEqual([one["id"] for one in self.advice()], [self.env.ref("crm_core." + name).id for name in expected])

    # -- leads -------------------------------------------------------------------------------------------------------

    def test_leads_have_advice_of_their_own(self):
        lead = self.deal(self.customer)
        self.assertEqual(self.advice(lead), [])
        self.rewind(lead, create_date=2)
        self.assertEqual(self.first(lead), self.env.ref("crm_core.advice_lead_first_contact"))
        self.rewind(lead, date_last_follow_up=1)
        self.assertEqual(self.first(lead), self.env.ref("crm_core.advice_lead_nothing_planned"))
        self.plan(lead, -1)
        self.assertEqual(self.first(lead), self.env.ref("crm_core.advice_lead_step_overdue"))
        lead.action_set_lost()
        self.assertEqual(self.advice(lead), [])

    # -- buttons -----------------------------------------------------------------------------------------------------

    def test_every_rule_has_a_button_that_opens_something_about_the_customer(self):
        for rule in self.env["crm.advice.rule"].search([]):
            record = self.deal(self.customer) if rule.subject == "lead" else self.customer
            action = record.with_user(self.ann).run_advice(rule.id)
            self.assertIn(action["type"], ("ir.actions.act_window", "ir.actions.server"))
            self.assertTrue(action["name"])

    def test_a_removed_rule_is_said(self):
        with self.assertRaisesRegex(CrmUserError, "Reload"):
            self.customer.with_user(self.ann).run_advice(0)

    # -- rules are data ----------------------------------------------------------------------------------------------

    def test_a_director_makes_a_rule(self):
        rule = (
            self.env["crm.advice.rule"]
            .with_user(self.director)
            .create(
                {
                    "name": "Send a present",
                    "sequence": 1,
                    "condition_ids": [
                        (0, 0, {"fact": "won_value", "operator": "at_least", "value": 1000}),
                        (0, 0, {"fact": "open_leads", "operator": "at_most", "value": 0}),
                    ],
                }
            )
        )
        self.assertEqual(rule.when, "Value of deals won ≥ 1,000; Open leads ≤ 0")
        self.deal(self.customer, won=1, expected_revenue=999.0)
        self.assertNotIn("Send a present", [one["title"] for one in self.advice()])
        self.deal(self.customer, won=1, expected_revenue=1.0)
        self.assertEqual(self.advice()[0]["title"], "Send a present")
        self.assertIn("1,000", self.advice()[0]["facts"][0]["value"])
        rule.condition_ids[0].value = 5000
        self.assertNotIn("Send a present", [one["title"] for one in self.advice()])
        rule.condition_ids[0].value = 1000
        rule.active = False
        self.assertNotIn("Send a present", [one["title"] for one in self.advice()])

    def test_a_rule_without_conditions_never_speaks(self):
        self.env["crm.advice.rule"].create({"name": "Always", "sequence": 1})
        self.assertNotIn("Always", [one["title"] for one in self.advice()])

    def test_comparisons_must_fit_the_fact(self):
        for vals in (
            {"fact": "won_value", "operator": "days_ago"},
            {"fact": "last_contact", "operator": "at_least"},
            {"fact": "last_contact", "operator": "days_ago", "value": -3},
            {"fact": "last_contact", "operator": "days_ago", "value": 1e9},
            {"fact": "stage_since", "operator": "known"},
        ):
            with self.assertRaises(CrmValidationError, msg=vals):
                self.env["crm.advice.rule"].create({"name": "R", "condition_ids": [(0, 0, vals)]})
        rule = self.env["crm.advice.rule"].create(
            {"name": "R", "subject": "lead", "condition_ids": [(0, 0, {"fact": "stage_since", "operator": "known"})]}
        )
        with self.assertRaises(CrmValidationError):
            rule.subject = "customer"

    # -- rights ------------------------------------------------------------------------------------------------------

    def test_only_those_who_sell_see_advice_and_only_about_whom_they_see(self):
        self.rewind(self.customer, date_last_follow_up=40)
        for user in (self.ann, self.eli, self.nora, self.director, self.executive, self.marketer):
            self.assertTrue(self.advice(user=user), user.login)
        self.assertEqual(self.advice(user=self.clerk), [])
        for user in (self.bob, self.sam):
            with self.assertRaises(AccessError):
                self.advice(user=user)

    def test_readers_have_no_buttons(self):
        rule = self.env.ref("crm_core.advice_no_contact")
        for user, act in ((self.ann, True), (self.director, True), (self.executive, False), (self.marketer, False)):
            self.assertEqual(self.customer.with_user(user).get_advice()["act"], act, user.login)
        for user in (self.executive, self.marketer, self.clerk):
            with self.assertRaises(CrmUserError):
                self.customer.with_user(user).run_advice(rule.id)
        with self.assertRaises(AccessError):
            self.customer.with_user(self.bob).run_advice(rule.id)

    def test_suppliers_get_none(self):
        self.rewind(self.supplier, create_date=99)
        self.assertEqual(self.advice(self.supplier), [])

    def test_rules_are_the_directors(self):
        for user in (self.marketer, self.executive):
            self.assertTrue(self.env["crm.advice.rule"].with_user(user).search([]).mapped("when"))
            with self.assertRaises(AccessError):
                self.env["crm.advice.rule"].with_user(user).create({"name": "R"})
        for user in (self.ann, self.nora, self.clerk):
            with self.assertRaises(AccessError):
                self.env["crm.advice.rule"].with_user(user).search([])
