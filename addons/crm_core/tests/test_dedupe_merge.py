# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields
from odoo.exceptions import AccessError, UserError

from ..exceptions import CrmUserError
from .common import RolesCase


class TestMergeLeads(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.head = cls._lead(cls.ann, "Head", phone="13700000001", wechat=False, type="opportunity")
        cls.tail = cls._lead(cls.ann, "Tail", phone="13700000002", wechat="wx_tail", email_from="tail@example.com")

    def merge(self, user=None, leads=None):
        leads = self.head + self.tail if leads is None else leads
        wizard = self.env["crm.merge.opportunity"].with_user(user or self.eli)
        wizard = wizard.with_context(active_ids=leads.ids, active_model="crm.lead").create({})
        wizard.action_merge()
        return self.head

    def test_everything_that_hangs_on_a_lead_is_kept(self):
        tail, partner = self.tail, self.customer_ann
        message = tail.message_post(body="Called")
        activity = tail.activity_schedule("mail.mail_activity_data_call", user_id=self.ann.id)
        file = self.env["ir.attachment"].create({"name": "a.txt", "raw": b"x", "res_model": "crm.lead", "res_id": tail.id})
        meeting = self.env["calendar.event"].create(
            {"name": "Visit", "opportunity_id": tail.id, "start": fields.Datetime.now(), "stop": fields.Datetime.now()}
        )
        tail.message_subscribe(partner.ids)
        self.head.message_subscribe(partner.ids)
        tag = self.env["crm.tag"].create({"name": "Hot"})
        tail.tag_ids = tag
        channel = self.env["crm.intake.channel"].search([], limit=1) or self.env["crm.intake.channel"].create(
            {"name": "Site", "kind": "website"}
        )
        ids = self.env["crm.touchpoint"]._accept_rows(channel, [{"payload": "{}", "idempotency_key": "merge-1"}])
        touchpoint = self.env["crm.touchpoint"].browse(ids)
        self.env.cr.execute("UPDATE crm_touchpoint SET lead_id = %s WHERE id = %s", [tail.id, touchpoint.id])
        head = self.merge()
        self.assertFalse(tail.exists())
        self.assertIn(message, head.message_ids)
        self.assertEqual(activity.res_id, head.id)
        self.assertEqual(head.activity_ids, activity)
        self.assertEqual(file.res_id, head.id)
        self.assertEqual(meeting.opportunity_id, head)
        self.assertEqual(head.meeting_count, 1)
        self.assertEqual(head.message_partner_ids & partner, partner)
        self.assertIn(tag, head.tag_ids)
        self.assertEqual(touchpoint.lead_id, head)

    def test_values_that_the_best_lead_lacks_come_from_the_others(self):
        head = self.merge()
        self.assertEqual((head.phone, head.wechat), ("13700000001", "wx_tail"))

    def test_the_merged_lead_is_recognised_by_all_keys(self):
        head = self.merge()
        find = self.env["crm.dedupe"].find
        for vals in ({"phone": "13700000001"}, {"phone": "13700000002"}, {"email_from": "tail@example.com"}):
            self.assertIn(head.id, [hit["res_id"] for hit in find(vals)])
        self.env.cr.execute("SELECT count(*) FROM crm_dedupe_key WHERE model = 'crm.lead' AND res_id = %s", [self.tail.id])
        self.assertEqual(self.env.cr.fetchone()[0], 0)

    def test_the_wizard_shows_what_stays(self):
        wizard = self.env["crm.merge.opportunity"].with_user(self.eli)
        wizard = wizard.with_context(active_ids=(self.head + self.tail).ids, active_model="crm.lead").create({})
        self.assertIn("Stays: Head", wizard.preview)
        self.assertIn("<b>13700000001</b>", wizard.preview)
        self.assertIn("<td>13700000002</td>", wizard.preview)
        self.assertIn("<b>wx_tail</b>", wizard.preview)

    def test_only_who_may_write_both_merges(self):
        for user in self.ann + self.eli:
            with self.subTest(user=user.name), self.assertRaises((AccessError, CrmUserError)):
                self.merge(user, self.head + self.lead_bob)
        self.assertTrue(self.lead_bob.exists())
        self.merge(self.director, self.head + self.lead_bob)
        self.assertEqual(len((self.head + self.lead_bob).exists()), 1)

    def test_a_second_click_says_so(self):
        wizard = self.env["crm.merge.opportunity"].with_user(self.eli)
        wizard = wizard.create({"opportunity_ids": [(6, 0, (self.head + self.tail).ids)]})
        wizard.action_merge()
        with self.assertRaises(UserError):
            wizard.action_merge()
        with self.assertRaisesRegex(CrmUserError, "meanwhile"):
            self.env["crm.dedupe.merge"]._lock(self.head + self.tail)


class TestMergeCustomers(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.target = cls._customer(cls.ann, "鑫源五金", email="one@example.com")
        cls.source = cls._customer(cls.ann, "鑫源五金有限公司", email="two@example.com", mobile="13700000002")
        cls.contact = cls.env["res.partner"].create({"name": "Li", "parent_id": cls.source.id})
        cls.lead = cls._lead(cls.ann, "Of the source", partner_id=cls.source.id)

    def merge(self, user, source=None):
        partners = self.target + (source or self.source)
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(user)
        wizard = wizard.with_context(active_model="res.partner", active_ids=partners.ids).create({})
        wizard.dst_partner_id = self.target
        wizard.action_merge()

    def test_a_leader_merges_customers_of_the_team_with_all_that_hangs_on_them(self):
        activity = self.source.activity_schedule("mail.mail_activity_data_call", user_id=self.ann.id)
        message = self.source.message_post(body="Called")
        self.merge(self.eli)
        self.assertFalse(self.source.exists())
        self.assertEqual(activity.res_id, self.target.id)
        self.assertIn(message, self.target.message_ids)
        self.assertEqual(self.contact.parent_id, self.target)
        self.assertEqual(self.lead.partner_id, self.target)
        hits = self.env["crm.dedupe"].find({"mobile": "13700000002"}, model="res.partner")
        self.assertIn(("res.partner", self.target.id), [(hit["model"], hit["res_id"]) for hit in hits])

    def test_not_those_of_another_team(self):
        with self.assertRaises((AccessError, CrmUserError)):
            self.merge(self.eli, self.customer_bob)
        self.assertTrue(self.customer_bob.exists())

    def test_a_rep_does_not_merge_customers(self):
        with self.assertRaises(AccessError):
            self.merge(self.ann)
