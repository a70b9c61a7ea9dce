# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Where customers stand: lifecycle, purchases, RFM cell and grade follow from facts."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests.common import tagged

from ..exceptions import CrmValidationError
from .common import RolesCase


@tagged("post_install", "-at_install")
class TestCustomerState(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, test_queue_job_no_delay=True))
        cls.customer = cls.customer_ann.with_env(cls.env)
        cls.won = cls.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        cls.today = fields.Date.today()

    def deal(self, customer=None, days=None, **vals):
        """An opportunity of the customer; won so many days ago, if ``days`` are given."""
        vals = {"name": "Deal", "type": "opportunity", "partner_id": (customer or self.customer).id, **vals}
        lead = self.env["crm.lead"].create(vals)
        if days is not None:
            lead.stage_id = self.won
            lead.flush()
            self.env.cr.execute(
                "UPDATE crm_lead SET date_closed = %s WHERE id = %s", [fields.Datetime.now() - timedelta(days=days), lead.id]
            )
            lead.invalidate_cache()
        return lead

    def work_off(self):
        self.env["crm.customer.change"]._cron_work_off()

    def stage(self):
        self.work_off()
        return self.customer.lifecycle

    # -- facts -------------------------------------------------------------------------------------------------------

    def test_facts_of_somebody_new_are_nothing(self):
        partner = self.env["res.partner"].create({"name": "New"})
        facts = partner._get_customer_facts()[partner.id]
        self.assertEqual(set(facts), set(partner._get_fact_definitions()))
        self.assertEqual(facts.pop("created"), self.today)
        self.assertFalse(any(facts.values()))

    def test_facts_are_counted_over_leads_of_company_and_contacts(self):
        contact = self.env["res.partner"].create({"name": "Li", "parent_id": self.customer.id})
        self.deal(contact, type="lead")
        self.deal(date_deadline=self.today + timedelta(days=9))
        self.deal(days=20, expected_revenue=700.0)
        self.deal(contact, days=10, expected_revenue=300.0)
        self.deal().action_set_lost()
        self.deal().activity_schedule("mail.mail_activity_data_call", date_deadline=self.today + timedelta(days=3))
        contact.activity_schedule("mail.mail_activity_data_call", date_deadline=self.today + timedelta(days=2))
        expected = {
            "open_leads": 1,
            "open_opportunities": 2,
            "next_closing_date": self.today + timedelta(days=9),
            "won_count": 2,
            "won_value": 1000.0,
            "last_won_date": self.today - timedelta(days=10),
            "lost_count": 1,
            "next_activity_date": self.today + timedelta(days=2),
        }
        for partner in self.customer, contact:
            facts = partner._get_customer_facts()[partner.id]
            self.assertEqual({name: facts[name] for name in expected}, expected)

    def test_money_is_in_the_currency_of_the_company(self):
        euro = self.env.ref("base.EUR")
        if euro == self.env.company.currency_id:
            euro = self.env.ref("base.USD")
        euro.active = True
        abroad = self.env["res.company"].create({"name": "Abroad", "currency_id": euro.id})
        rate = self.env["res.currency"]._get_conversion_rate(euro, self.env.company.currency_id, self.env.company, self.today)
        self.deal(days=1, expected_revenue=100.0, company_id=abroad.id, team_id=False, user_id=False)
        facts = self.customer._get_customer_facts()[self.customer.id]
        self.assertAlmostEqual(facts["won_value"], 100.0 * rate, 2)

    # -- lifecycle ---------------------------------------------------------------------------------------------------

    def test_a_customer_goes_its_way_by_what_happens(self):
        self.assertEqual(self.stage(), "nurture")
        lead = self.deal(type="lead")
        self.assertEqual(self.stage(), "need")
        lead.type = "opportunity"
        self.assertEqual(self.stage(), "negotiation")
        lead.action_set_won()
        self.assertEqual(self.stage(), "won")
        self.deal(days=0)
        self.assertEqual(self.stage(), "repeat")
        self.assertEqual(self.customer.lifecycle_since, self.today)

    def test_a_lost_deal_is_back_to_nurture(self):
        deal = self.deal()
        self.assertEqual(self.stage(), "negotiation")
        deal.action_set_lost()
        self.assertEqual(self.stage(), "nurture")

    def test_time_moves_customers_at_night(self):
        self.deal(days=200)
        self.env["res.partner"]._schedule_customer_states()
        self.assertEqual(self.customer.lifecycle, "dormant")
        self.env["crm.customer.lifecycle"].search([("name", "=", "dormant")]).with_user(self.director).days = 201
        self.assertEqual(self.customer.lifecycle, "won")

    def test_whoever_is_seen_for_the_first_time_is_there_since_the_facts_say(self):
        self.deal(days=200)
        self.assertEqual((self.stage(), self.customer.lifecycle_since), ("dormant", self.today - timedelta(days=20)))

    def test_a_deleted_lead_no_longer_counts(self):
        lead = self.deal(type="lead")
        self.assertEqual(self.stage(), "need")
        lead.unlink()
        self.assertEqual(self.stage(), "nurture")

    def test_a_lead_that_changes_customers_moves_both(self):
        lead = self.deal(type="lead")
        self.work_off()
        lead.partner_id = self.customer_bob
        self.assertEqual((self.stage(), self.customer_bob.lifecycle), ("nurture", "need"))

    def test_dormant_comes_before_lost(self):
        with self.assertRaises(CrmValidationError):
            self.env["crm.customer.lifecycle"].search([("name", "=", "lost")]).days = 10

    def test_suppliers_and_contacts_have_no_stage(self):
        contact = self.env["res.partner"].create({"name": "Li", "parent_id": self.customer.id})
        (self.supplier | contact)._update_customer_state()
        self.assertFalse(self.supplier.lifecycle or contact.lifecycle)
        self.assertTrue(self.customer.lifecycle)

    def test_nobody_moves_a_customer_by_hand(self):
        for vals in ({"lifecycle": "won"}, {"customer_grade": "vip"}, {"rfm_cell": "5-5-5"}, {"purchase_value": 1.0}):
            with self.assertRaises(AccessError):
                self.customer.with_user(self.director).write(vals)
            with self.assertRaises(AccessError):
                self.env["res.partner"].with_user(self.director).create({"name": "New", **vals})

    def test_purchases_are_masked_as_contact_details_are(self):
        self.deal(days=1, expected_revenue=900.0)
        self.work_off()
        self.assertEqual(self.customer.with_user(self.ann).read(["purchase_value"])[0]["purchase_value"], 900.0)
        self.assertFalse(self.customer.with_user(self.clerk).read(["purchase_value"])[0]["purchase_value"])
        with self.assertRaises(AccessError):
            self.env["res.partner"].with_user(self.clerk).search([("purchase_value", ">", 1.0)])

    # -- RFM and grade -----------------------------------------------------------------------------------------------

    def test_equal_values_have_equal_scores(self):
        # scores compare with all customers: here there are none but these
        self.env.cr.execute("UPDATE res_partner SET is_customer = FALSE WHERE NOT id = ANY(%s)", [self.customer_bob.ids])
        customers = self.env["res.partner"]
        for number, count in enumerate((1, 1, 1, 1, 1, 1, 2, 2, 3, 9)):
            customer = self._customer(self.ann, "C%d" % number)
            for _deal in range(count):
                self.deal(customer, days=10 if number < 9 else 1, expected_revenue=100.0)
            customers |= customer
        self.env["res.partner"]._schedule_customer_states()
        scores = [tuple(map(int, customer.rfm_cell.split("-"))) for customer in customers]
        self.assertEqual(scores, [(1, 1, 1)] * 6 + [(1, 4, 4)] * 2 + [(1, 5, 5)] + [(5, 5, 5)])
        self.assertFalse(self.customer_bob.rfm_cell)

    def test_grades_by_value_count_rfm_or_condition_best_first(self):
        grades = {grade.name: grade for grade in self.env["crm.customer.grade"].search([])}
        none = {"minimum_value": 0, "minimum_count": 0, "minimum_rfm": 0, "use_domain": False}
        for grade in grades.values():
            grade.write(none)
        grades["vip"].minimum_value = 1000
        grades["high"].write({"use_domain": True, "domain": "[('city', '=', 'Beijing')]"})
        grades["medium"].minimum_count = 2
        self.deal(days=1, expected_revenue=999.0)
        self.work_off()
        self.assertEqual(self.customer.customer_grade, "low")
        self.deal(days=1, expected_revenue=0.5)
        self.work_off()
        self.assertEqual(self.customer.customer_grade, "medium")
        self.customer.city = "Beijing"
        self.work_off()
        self.assertEqual(self.customer.customer_grade, "high")
        self.deal(days=1, expected_revenue=0.5)
        self.work_off()
        self.assertEqual(self.customer.customer_grade, "vip")

    def test_a_condition_that_cannot_be_used_is_refused(self):
        grade = self.env["crm.customer.grade"].search([("name", "=", "vip")])
        for domain in ("[('no_such_field', '=', 1)]", "[(", "__import__('os')", "[]"):
            with self.assertRaises(CrmValidationError):
                grade.write({"use_domain": True, "domain": domain})

    def test_an_automation_hears_of_a_new_grade(self):
        model = self.env.ref("base.model_res_partner")
        code = "records.write({'ref': 'was told'})"
        self.env["base.automation"].create(
            {
                "name": "VIP",
                "model_id": model.id,
                "trigger": "on_write",
                "trigger_field_ids": [(6, 0, self.env["ir.model.fields"]._get("res.partner", "customer_grade").ids)],
                "filter_domain": "[('customer_grade', '=', 'vip')]",
                "state": "code",
                "code": code,
            }
        )
        self.deal(days=1, expected_revenue=100.0)
        self.deal(self.customer_bob, days=1, expected_revenue=10000000.0)
        self.work_off()
        self.assertEqual((self.customer.ref, self.customer_bob.ref), (False, "was told"))

    # -- cost --------------------------------------------------------------------------------------------------------

    def test_the_number_of_queries_does_not_grow_with_customers(self):
        def count(customers):
            for customer in customers:
                self.deal(customer, days=3, expected_revenue=5.0)
            customers.flush()
            customers.invalidate_cache()
            self.env["res.company"].search([]).mapped("currency_id.rounding")
            start = self.cr.sql_log_count
            customers._update_customer_state()
            return self.cr.sql_log_count - start

        few = self._customer(self.ann, "A") | self._customer(self.ann, "B")
        many = self.env["res.partner"].browse().union(*(self._customer(self.ann, "M%d" % number) for number in range(30)))
        count(few)
        self.assertLessEqual(count(many), count(few) + 1)

    def test_roles(self):
        for user, may_write in ((self.director, True), (self.marketer, False), (self.executive, False)):
            grade = self.env["crm.customer.grade"].with_user(user).search([], limit=1)
            self.assertTrue(grade.name)
            self.assertEqual(grade.check_access_rights("write", raise_exception=False), may_write)
        for user in (self.ann, self.nora, self.clerk):
            for model in ("crm.customer.grade", "crm.customer.lifecycle", "crm.rfm.score", "crm.customer.change"):
                with self.assertRaises(AccessError):
                    self.env[model].with_user(user).search_read([])
