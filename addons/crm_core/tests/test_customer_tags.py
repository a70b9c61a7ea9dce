# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Tags by rule and by hand."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests.common import tagged

from ..exceptions import CrmValidationError
from .common import RolesCase


@tagged("post_install", "-at_install")
class TestCustomerTags(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, test_queue_job_no_delay=True))
        cls.customer = cls.customer_ann.with_env(cls.env)
        cls.won = cls.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        cls.pumps = cls.env["product.category"].create({"name": "Pumps"})
        cls.small = cls.env["product.category"].create({"name": "Small Pumps", "parent_id": cls.pumps.id})
        cls.pump = cls.env["product.product"].create({"name": "Pump", "categ_id": cls.small.id})
        cls.valve = cls.env["product.product"].create({"name": "Valve"})
        cls.tag = cls.env["res.partner.category"].create({"name": "Pump owner"})

    def rule(self, **vals):
        vals = {"name": "Rule", "tag_id": self.tag.id, "product_ids": [(6, 0, self.pump.ids)], **vals}
        return self.env["crm.customer.tag.rule"].with_user(self.director).create(vals)

    def lead(self, product=None, won=False, days=0):
        lead = self.env["crm.lead"].create(
            {"name": "L", "type": "opportunity", "partner_id": self.customer.id, "product_id": (product or self.pump).id}
        )
        if won:
            lead.stage_id = self.won
        lead.flush()
        day = fields.Datetime.now() - timedelta(days=days)
        self.env.cr.execute("UPDATE crm_lead SET date_closed = %s, create_date = %s WHERE id = %s", [won and day or None, day, lead.id])
        lead.invalidate_cache()
        return lead

    def tags(self):
        self.env["crm.customer.change"]._cron_work_off()
        return self.customer.category_id

    def test_bought_means_won(self):
        self.rule()
        lead = self.lead()
        self.assertFalse(self.tags())
        lead.stage_id = self.won
        self.assertEqual(self.tags(), self.tag)
        self.assertFalse(self.customer_bob.category_id)
        rule = self.env["crm.customer.tag.rule"].search([("tag_id", "=", self.tag.id)])
        self.assertEqual(rule.with_user(self.director).read(["customer_count"])[0]["customer_count"], 1)

    def test_asked_for_means_any_lead_about_it(self):
        self.rule(kind="asked")
        self.lead(self.valve)
        self.assertFalse(self.tags())
        self.lead()
        self.assertEqual(self.tags(), self.tag)

    def test_a_category_means_all_below_it(self):
        self.rule(product_ids=False, category_ids=[(6, 0, self.pumps.ids)])
        self.lead(won=True)
        self.assertEqual(self.tags(), self.tag)

    def test_a_tag_goes_when_the_time_is_over(self):
        self.rule(days=30)
        lead = self.lead(won=True, days=30)
        self.assertEqual(self.tags(), self.tag)
        self.env.cr.execute("UPDATE crm_lead SET date_closed = date_closed - interval '1 day' WHERE id = %s", lead.ids)
        self.env["res.partner"]._schedule_customer_states()
        self.assertFalse(self.tags())

    def test_a_tag_given_by_hand_is_never_taken(self):
        self.customer.category_id = self.tag
        rule = self.rule()
        lead = self.lead(won=True)
        self.assertEqual(self.tags(), self.tag)
        lead.unlink()
        self.assertEqual(self.tags(), self.tag)
        rule.unlink()
        self.assertEqual(self.tags(), self.tag)

    def test_other_tags_are_left_alone(self):
        other = self.env["res.partner.category"].create({"name": "Friend"})
        self.customer.category_id = other
        lead = self.lead(won=True)
        self.rule()
        self.assertEqual(self.tags(), self.tag | other)
        lead.unlink()
        self.assertEqual(self.tags(), other)

    def test_what_a_deleted_or_archived_rule_gave_goes(self):
        self.lead(won=True)
        rule = self.rule()
        self.assertEqual(self.tags(), self.tag)
        rule.active = False
        self.assertFalse(self.tags())
        rule.active = True
        self.assertEqual(self.tags(), self.tag)
        rule.unlink()
        self.assertFalse(self.tags())

    def test_two_rules_may_give_the_same_tag(self):
        self.lead(won=True)
        first, _second = self.rule(), self.rule(kind="asked")
        first.unlink()
        self.assertEqual(self.tags(), self.tag)

    def test_a_condition_is_followed_as_fields_change(self):
        self.rule(kind="condition", product_ids=False, domain="[('city', '=', 'Beijing')]")
        self.customer.city = "Beijing"
        self.assertEqual(self.tags(), self.tag)
        self.customer.city = "Wuhan"
        self.assertFalse(self.tags())

    def test_rules_that_say_nothing_are_refused(self):
        for vals in (
            {"product_ids": False},
            {"kind": "condition", "domain": "[]"},
            {"kind": "condition", "domain": "[('no_such_field', '=', 1)]"},
            {"kind": "condition", "domain": "oops("},
        ):
            with self.assertRaises(CrmValidationError):
                self.rule(**vals)

    def test_the_number_of_queries_does_not_grow_with_customers(self):
        self.rule()
        self.lead(won=True)
        many = self.env["res.partner"].browse().union(*(self._customer(self.ann, "M%d" % number) for number in range(20)))
        self.env["crm.customer.tag.rule"].flush()
        counts = []
        for ids in (self.customer.ids, self.customer.ids, (many | self.customer).ids):
            start = self.cr.sql_log_count
            self.env["crm.customer.tag.rule"]._apply(ids)
            counts.append(self.cr.sql_log_count - start)
        self.assertEqual(counts[1], counts[2])

    def test_roles(self):
        rule = self.rule()
        self.assertEqual(rule.with_user(self.marketer).name, "Rule")
        for user in (self.marketer, self.executive):
            with self.assertRaises(AccessError):
                rule.with_user(user).name = "Mine"
        for user in (self.ann, self.nora, self.clerk):
            with self.assertRaises(AccessError):
                rule.with_user(user).read(["name"])
        for user in (self.ann, self.director):
            with self.assertRaises(AccessError):
                self.env["crm.customer.tag"].with_user(user).search([])
