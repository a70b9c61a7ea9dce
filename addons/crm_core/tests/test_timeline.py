# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import datetime, timedelta

from odoo.exceptions import AccessError

from ..exceptions import CrmUserError
from .common import RolesCase

NOON = datetime(2026, 3, 2, 12)


class TestTimeline(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact = cls.env["res.partner"].create({"name": "Ms Li", "parent_id": cls.customer_ann.id})
        cls.deal = cls._lead(cls.ann, "Ann's deal", type="opportunity", partner_id=cls.contact.id, expected_revenue=500.0)
        cls.foreign = cls._lead(cls.bob, "Bob's deal with Ann's customer", type="opportunity", partner_id=cls.customer_ann.id)

    @classmethod
    def _write(cls, record, body, days=0, **vals):
        """A message on the record, so many days after noon of 2 March."""
        vals = {"message_type": "comment", "model": record._name, "res_id": record.id, "body": body, **vals}
        return cls.env["mail.message"].create({"date": NOON + timedelta(days=days), **vals})

    def page(self, record, user=None, **options):
        timeline = self.env["crm.timeline"].with_user(user or self.ann)
        timeline.invalidate_cache()
        return timeline.get_page(record._name, record.id, **options)

    def ids(self, record, user=None, **options):
        return [entry["id"] for entry in self.page(record, user, **options)["entries"]]

    def entries(self, record, kind, user=None):
        return self.page(record, user, kinds=[kind], limit=100)["entries"]

    # -- what is on it -----------------------------------------------------------------------------------------------

    def test_company_shows_the_events_of_its_contacts_and_leads(self):
        messages = [self._write(record, "Hello", day) for day, record in enumerate((self.customer_ann, self.contact, self.deal))]
        expected = ["message,%d" % message.id for message in reversed(messages)]
        self.assertEqual(self.ids(self.customer_ann, kinds=["message"]), expected)

    def test_contact_shows_its_own_events_and_its_leads(self):
        self._write(self.customer_ann, "To the company")
        mine = [self._write(self.contact, "To Ms Li"), self._write(self.deal, "About the deal", 1)]
        self.assertEqual(self.ids(self.contact, kinds=["message"]), ["message,%d" % message.id for message in reversed(mine)])

    def test_lead_shows_its_own_events(self):
        self._write(self.contact, "To Ms Li")
        mine = self._write(self.deal, "About the deal")
        self.assertEqual(self.ids(self.deal, kinds=["message"]), ["message,%d" % mine.id])

    def test_message_is_text_without_markup(self):
        self._write(self.deal, "<style>p {}</style><p>Price <b>fixed</b></p>", author_id=self.ann.partner_id.id)
        entry = self.entries(self.deal, "message")[0]
        self.assertEqual((entry["text"], entry["author"]), ("Price fixed", "Ann"))
        self.assertEqual((entry["res_model"], entry["res_id"]), ("crm.lead", self.deal.id))

    def test_done_and_planned_activities(self):
        self.deal.activity_schedule("mail.mail_activity_data_call", summary="Ask for the budget", user_id=self.ann.id)
        self.deal.activity_schedule("mail.mail_activity_data_todo", summary="Write", user_id=self.ann.id).action_feedback("Written")
        planned, done = self.entries(self.deal, "activity"), self.entries(self.deal, "activity_done")
        shown = [(entry["text"], entry["status"]["look"], entry["day"]) for entry in planned]
        self.assertEqual(shown, [("Ask for the budget", "attention", True)])
        self.assertIn("Written", done[0]["text"])
        self.deal.activity_ids.action_feedback("Half a million")
        self.assertIn("Half a million", self.entries(self.deal, "call_done")[0]["text"])

    def test_opportunity_says_amount_and_stage_and_opens(self):
        entry = self.entries(self.customer_ann, "opportunity")[0]
        self.assertEqual((entry["title"], entry["amount"]), ("Ann's deal", 500.0))
        self.assertEqual(entry["status"]["label"], self.deal.stage_id.name)
        self.assertEqual((entry["res_model"], entry["res_id"]), ("crm.lead", self.deal.id))

    def test_stage_move(self):
        before = self.deal.stage_id.name
        self.deal.stage_id = self.env["crm.stage"].create({"name": "Agreed"})
        entry = self.entries(self.customer_ann, "stage")[0]
        self.assertEqual((entry["title"], entry["status"]["label"]), ("Ann's deal", "Agreed"))
        self.assertIn(before, entry["text"])

    def test_meeting_and_follow_up(self):
        start = {"start": NOON, "stop": NOON + timedelta(hours=1)}
        self.env["calendar.event"].create({"name": "Visit", "partner_ids": [(4, self.contact.id)], **start})
        follow_up = {"partner_id": self.customer_ann.id, "user_id": self.ann.id, "kind": "note", "summary": "Wants a sample"}
        self.env["crm.followup"].create(follow_up)
        self.assertEqual([entry["title"] for entry in self.entries(self.customer_ann, "meeting")], ["Visit"])
        entry = self.entries(self.customer_ann, "note")[0]
        self.assertEqual((entry["title"], entry["text"], entry["author"]), ("Note", "Wants a sample", "Ann"))

    def test_mailing(self):
        mailing = self.env["mailing.mailing"].create(
            {"subject": "Spring", "mailing_model_id": self.env.ref("base.model_res_partner").id}
        )
        trace = {"model": "res.partner", "res_id": self.contact.id, "mass_mailing_id": mailing.id, "sent": NOON}
        self.env["mailing.trace"].create(trace)
        self.assertEqual([entry["title"] for entry in self.entries(self.customer_ann, "mailing")], ["Spring"])

    def test_archived_customer_and_lost_deal_keep_theirs(self):
        self._write(self.contact, "Hello")
        self._write(self.deal, "Hello", 1)
        self.deal.active = False
        (self.contact + self.customer_ann).active = False
        self.assertEqual(len(self.ids(self.customer_ann, kinds=["message"])), 2)

    def test_merged_customers_share_one(self):
        twin = self._customer(self.ann, "Ann's customer again")
        self._write(twin, "To the twin")
        deal = self._lead(self.ann, "Twin's deal", type="opportunity", partner_id=twin.id)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([self.customer_ann.id, twin.id], self.customer_ann)
        self.assertEqual(len(self.entries(self.customer_ann, "message")), 1)
        self.assertIn("opportunity,%d" % deal.id, self.ids(self.customer_ann, kinds=["opportunity"]))
        with self.assertRaisesRegex(CrmUserError, "gone"):
            self.env["crm.timeline"].get_page("res.partner", twin.id)

    # -- pages -------------------------------------------------------------------------------------------------------

    def _walk(self, record, limit):
        found, before = [], None
        while True:
            page = self.page(record, before=before, limit=limit)
            found += [entry["id"] for entry in page["entries"]]
            before = page["next"]
            if not before:
                return found

    def test_pages_together_are_the_whole_each_once(self):
        for number in range(7):
            self._write(self.deal, "The same moment")
            self._write(self.contact, "The same moment", author_id=self.ann.partner_id.id)
            self._write(self.customer_ann, "Another", number)
        whole = self.ids(self.customer_ann, limit=100)
        self.assertGreater(len(whole), 21)
        self.assertEqual(self._walk(self.customer_ann, 4), whole)
        dates = [entry["date"] for entry in self.page(self.customer_ann, limit=100)["entries"]]
        self.assertEqual(dates, sorted(dates, reverse=True))

    def test_next_page_is_the_same_whatever_came_in_meanwhile(self):
        old = [self._write(self.deal, "Old", day) for day in range(6)]
        first = self.page(self.deal, kinds=["message"], limit=3)
        self._write(self.deal, "New", 30)
        second = self.ids(self.deal, kinds=["message"], before=first["next"], limit=3)
        self.assertEqual(second, ["message,%d" % message.id for message in reversed(old[:3])])

    def test_empty(self):
        nobody = self._customer(self.ann, "Nobody yet")
        page = self.page(nobody)
        self.assertEqual((page["entries"], page["next"]), ([], False))
        self.assertIn("message", [kind["key"] for kind in page["kinds"]])

    def test_queries_do_not_grow_with_history_contacts_or_leads(self):
        def cost():
            self.env["base"].flush()
            self.env.cache.invalidate()
            before = self.env.cr.sql_log_count
            self.page(self.customer_ann, limit=100)
            return self.env.cr.sql_log_count - before

        self._write(self.contact, "Hello")
        self._write(self.deal, "Hello")
        cost()
        few = cost()
        contacts = self.env["res.partner"].create([{"name": "Contact %d" % n, "parent_id": self.customer_ann.id} for n in range(30)])
        deals = self.env["crm.lead"].create(
            [{"name": "Deal", "type": "opportunity", "user_id": self.ann.id, "partner_id": contact.id} for contact in contacts]
        )
        for record in (*contacts, *deals):
            self._write(record, "Hello")
        self.assertLessEqual(cost(), few)

    def test_wrong_arguments_say_so(self):
        for arguments in (("res.users", self.ann.id), ("res.partner", "1"), ("crm.lead", False)):
            with self.assertRaises(CrmUserError):
                self.env["crm.timeline"].get_page(*arguments)
        for options in ({"before": "yesterday"}, {"before": "a|b|c"}, {"before": 5}, {"limit": 0}, {"limit": "20"}):
            with self.assertRaises(CrmUserError):
                self.page(self.deal, **options)
        self.assertEqual(self.ids(self.deal, kinds=["no_such_kind"]), [])

    # -- who sees what -----------------------------------------------------------------------------------------------

    def test_rep_does_not_see_other_reps_deals_with_the_customer(self):
        self._write(self.foreign, "Between Bob and the customer")
        self.assertEqual(self.entries(self.customer_ann, "message"), [])
        self.assertNotIn("opportunity,%d" % self.foreign.id, self.ids(self.customer_ann, limit=100))
        self.assertEqual(len(self.entries(self.customer_ann, "message", self.director)), 1)
        self.assertEqual(len(self.entries(self.customer_ann, "message", self.executive)), 1)

    def test_timeline_of_a_customer_or_lead_one_may_not_see_is_refused(self):
        for record in (self.customer_bob, self.lead_bob):
            with self.assertRaises(AccessError):
                self.page(record, self.ann)
        self.page(self.customer_bob, self.sam)
        with self.assertRaises(AccessError):
            self.page(self.customer_bob, self.nora)

    def test_whoever_does_not_see_contact_details_gets_nothing(self):
        self._write(self.customer_ann, "Call me at 13812345678")
        page = self.page(self.customer_ann, self.clerk)
        self.assertEqual(page, {"entries": [], "next": False, "kinds": []})
        self.assertEqual(self.customer_ann.with_user(self.clerk).get_card_numbers(), [])

    def test_portal_users_have_none(self):
        portal = self._user("portal", "base.group_portal")
        portal.partner_id.parent_id = self.customer_ann
        with self.assertRaises(AccessError):
            self.page(self.customer_ann, portal)

    # -- card --------------------------------------------------------------------------------------------------------

    def test_numbers_are_those_the_reader_may_see(self):
        def numbers(user):
            return {number["key"]: number["value"] for number in self.customer_ann.with_user(user).get_card_numbers()}

        self.foreign.expected_revenue = 300.0
        self.assertEqual((numbers(self.ann)["open_opportunities"], numbers(self.ann)["open_value"]), (1, 500.0))
        self.assertEqual((numbers(self.director)["open_opportunities"], numbers(self.director)["open_value"]), (2, 800.0))
        with self.assertRaises(AccessError):
            self.customer_bob.with_user(self.ann).get_card_numbers()

    def test_next_step_is_the_first_on_company_contacts_and_leads(self):
        today = datetime.now().date()
        self.customer_ann.activity_schedule("mail.mail_activity_data_todo", today + timedelta(days=9), "Later", user_id=self.ann.id)
        self.deal.activity_schedule("mail.mail_activity_data_todo", today + timedelta(days=3), "Sooner", user_id=self.ann.id)
        partners = (self.customer_ann + self.contact).with_user(self.ann)
        self.assertEqual(partners.mapped("next_step"), ["Sooner", "Sooner"])
        self.assertEqual(partners[0].next_step_state, "planned")
        with self.assertRaises(AccessError):
            self.customer_ann.with_user(self.clerk).read(["next_step"])

    def test_next_step_costs_the_same_however_much_is_planned(self):
        def cost():
            self.env["base"].flush()
            self.env.cache.invalidate()
            before = self.env.cr.sql_log_count
            self.customer_ann.with_user(self.ann).read(["next_step"])
            return self.env.cr.sql_log_count - before

        def plan():
            self.deal.copy({"user_id": self.ann.id}).activity_schedule("mail.mail_activity_data_todo", user_id=self.ann.id)

        plan()
        plan()
        cost()
        few = cost()
        for _each in range(8):
            plan()
        self.assertEqual(cost(), few)

    def test_customers_open_on_the_card(self):
        card = self.env.ref("crm_core.res_partner_view_form_customer").id
        self.assertEqual(self.customer_ann.with_user(self.ann).get_formview_id(), card)
        self.assertFalse(self.supplier.with_user(self.ann).get_formview_id())
        self.assertFalse(self.customer_ann.with_user(self.clerk).get_formview_id())
