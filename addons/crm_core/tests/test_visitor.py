# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Visitors of own landing pages: beacons over HTTP, joined to the lead, with mail opens and clicks."""
import json
from datetime import datetime, timedelta
from uuid import uuid4

from odoo import fields
from odoo.exceptions import AccessError

from ..models.crm_visitor import BEACONS_A_MINUTE, PAGES_A_VISITOR
from .common import RolesCase
from .served import ServedCase

VISITOR = "0123456789abcdef" * 2
PAGE = "https://www.hengtuo.example/pump"


class VisitorCase(ServedCase, RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel = cls.env["crm.intake.channel"].create({"name": "Site", "kind": "website", "signature_scheme": "token"})
        cls.channel.action_start_visitors()
        cls.path = "/crm/visitor/" + cls.channel.visitor_key

    def beacon(self, visitor=VISITOR, view=None, page=PAGE, **data):
        data = {"v": visitor, "p": view or uuid4().hex[:16], "u": page, "s": 0, **data}
        return self.post(self.path, data=json.dumps(data), headers={"Content-Type": "text/plain;charset=UTF-8"})

    def visitor(self, key=VISITOR):
        return self.env["crm.visitor"].search([("key", "=", key)])

    def submit(self, phone="13800138000", **data):
        """The visitor sends the page's form; returns the touchpoint."""
        response = self.post("/crm/intake/" + self.channel.key, json={"phone": phone, "crm_visitor": VISITOR, **data})
        self.assertEqual(response.status_code, 202)
        return self.process(self.channel)[-1]


class TestBeacon(VisitorCase):
    def test_the_script_is_served_small_and_without_cookies(self):
        response = self.get(self.path + ".js")
        self.assertEqual(response.status_code, 200)
        self.assertTrue(response.headers["Content-Type"].startswith("application/javascript"))
        self.assertLess(len(response.content), 3 * 1024)
        self.assertNotIn("Set-Cookie", response.headers)

    def test_a_page_view_is_counted(self):
        response = self.beacon(page=PAGE + "?utm_source=baidu&utm_term=水泵", r="https://www.baidu.com/s?wd=x", t="水泵")
        self.assertEqual((response.status_code, response.headers["Access-Control-Allow-Origin"]), (204, "*"))
        self.assertNotIn("Set-Cookie", response.headers)
        visitor = self.visitor()
        self.assertEqual((visitor.visits, visitor.pages, visitor.landing_page), (1, 1, PAGE))
        self.assertEqual((visitor.utm_source, visitor.keyword, visitor.referrer), ("baidu", "水泵", "https://www.baidu.com/s"))
        self.assertEqual(visitor.event_ids.title, "水泵")

    def test_the_time_on_a_page_comes_later_and_counts_once(self):
        for seconds in (0, 12, 30, 30, 7):
            self.beacon(view="a" * 16, s=seconds)
        self.beacon(view="b" * 16, s=5)
        visitor = self.visitor()
        self.assertEqual((visitor.pages, visitor.seconds), (2, 35))
        self.assertEqual(visitor.event_ids.mapped("seconds"), [5, 30])

    def test_another_visit_begins_after_a_pause(self):
        self.beacon(page=PAGE)
        self.beacon(page=PAGE + "/2")
        self.assertEqual((self.visitor().visits, self.visitor().last_landing_page), (1, PAGE))
        self.visitor().last_seen = fields.Datetime.now() - timedelta(hours=1)
        self.beacon(page=PAGE + "/3", r="https://www.sogou.com/web?query=泵")
        visitor = self.visitor()
        self.assertEqual((visitor.visits, visitor.landing_page, visitor.last_landing_page), (2, PAGE, PAGE + "/3"))
        self.assertEqual(visitor.last_keyword, "泵")

    def test_what_is_no_beacon_is_refused(self):
        for data, status in ((b"{", 400), (b"x" * 5000, 413), (b"", 413), (json.dumps({"v": VISITOR}), 400), (b"\xff\0", 400)):
            with self.subTest(data=data[:10]):
                self.assertEqual(self.post(self.path, data=data).status_code, status)
        self.assertEqual(self.post("/crm/visitor/none", data=b"{}").status_code, 404)
        self.assertFalse(self.env["crm.visitor"].search([("channel_id", "=", self.channel.id)]))

    def test_the_intakes_address_is_no_visitors_address(self):
        self.assertEqual(self.get("/crm/visitor/%s.js" % self.channel.key).status_code, 404)
        self.channel.action_stop_visitors()
        self.assertEqual(self.beacon().status_code, 404)

    def test_one_visitor_cannot_flood(self):
        self.beacon()
        answers = [self.beacon(view="a" * 16).status_code for _number in range(BEACONS_A_MINUTE + 1)]
        self.assertIn(answers[-1], (204, 429))  # the minute may just have turned
        self.visitor().minute_beacons = 10**6
        self.assertEqual(self.beacon().status_code, 429)
        self.visitor().pages = PAGES_A_VISITOR
        self.visitor().minute_beacons = 0
        events = len(self.visitor().event_ids)
        self.assertEqual(self.beacon().status_code, 204)
        self.assertEqual(len(self.visitor().event_ids), events)

    def test_many_new_visitors_cannot_flood_either(self):
        self.channel.rate_limit = 5
        answers = [self.beacon(visitor=uuid4().hex).status_code for _number in range(20)]
        self.assertIn(429, answers)
        self.assertLessEqual(self.env["crm.visitor"].search_count([("channel_id", "=", self.channel.id)]), 10)  # two minutes' worth

    def test_markup_stays_text(self):
        self.beacon(t="<script>alert(1)</script>")
        lead = self.submit().lead_id
        self.assertIn("&lt;script&gt;", lead.behaviour_html)
        self.assertNotIn("<script>", lead.behaviour_html)


class TestJoin(VisitorCase):
    def test_the_lead_knows_where_its_visitor_came_from(self):
        self.env["utm.source"].create({"name": "baidu-sem"})
        self.beacon(page=PAGE + "?utm_source=baidu-sem&utm_term=离心泵", s=40)
        self.beacon(page=PAGE + "/price", s=80)
        touchpoint = self.submit()
        self.assertEqual(touchpoint.visitor_id, self.visitor())
        self.assertEqual((touchpoint.landing_page, touchpoint.keyword), (PAGE, "离心泵"))
        lead = touchpoint.lead_id
        self.assertEqual((lead.source_id.name, lead.landing_page, lead.search_keyword), ("baidu-sem", PAGE, "离心泵"))
        facts = self.env["crm.visitor"]._get_behaviour(lead)[lead.id]
        self.assertEqual((facts["visits"], facts["pages"], facts["seconds"]), (1, 2, 120))
        self.assertEqual(lead.behaviour_summary, "Visits: 1 · Pages: 2 · Minutes: 2")
        self.assertIn("/price", lead.behaviour_html)

    def test_what_the_submission_says_wins(self):
        self.beacon(page=PAGE + "?utm_term=离心泵")
        touchpoint = self.submit(landing_page="https://other.example/x", keyword="own")
        self.assertEqual((touchpoint.landing_page, touchpoint.keyword), ("https://other.example/x", "own"))

    def test_a_visitor_nobody_knows_changes_nothing(self):
        touchpoint = self.submit()
        self.assertFalse(touchpoint.visitor_id)
        self.assertFalse(touchpoint.lead_id.behaviour_summary)

    def test_two_submissions_count_the_visitor_once(self):
        self.beacon()
        lead = self.submit().lead_id
        self.submit(phone="13800138000", message="again").sudo().lead_id = lead
        self.assertEqual(self.env["crm.visitor"]._get_behaviour(lead)[lead.id]["visits"], 1)

    def test_opened_and_clicked_mailings_are_joined_by_address(self):
        lead = self.lead_ann
        mailing = self.env["mailing.mailing"].create(
            {"name": "Spring", "subject": "春季促销", "mailing_model_id": self.env.ref("crm.model_crm_lead").id}
        )
        opened = datetime(2026, 3, 1, 10)
        self.env["mailing.trace"].create(
            [
                {"mass_mailing_id": mailing.id, "email": "lead@example.com", "opened": opened, "clicked": opened + timedelta(minutes=1)},
                {"mass_mailing_id": mailing.id, "email": "lead@example.com", "opened": opened - timedelta(days=9)},
                {"mass_mailing_id": mailing.id, "email": "lead@example.com"},
                {"mass_mailing_id": mailing.id, "email": "other@example.com", "opened": opened},
            ]
        )
        facts = self.env["crm.visitor"]._get_behaviour(lead)[lead.id]
        self.assertEqual((facts["mail_opens"], facts["mail_clicks"]), (2, 1))
        self.assertEqual(facts["last_at"], opened + timedelta(minutes=1))
        self.assertEqual([event["kind"] for event in lead._get_behaviour_events()], ["click", "open", "open"])
        self.assertIn("春季促销", lead.behaviour_html)

    def test_any_number_of_leads_costs_one_query(self):
        leads = self.lead_ann + self.lead_bob
        leads.flush()
        with self.assertQueryCount(1):
            facts = self.env["crm.visitor"]._get_behaviour(leads)
        self.assertEqual(facts[self.lead_bob.id]["last_at"], None)
        self.assertEqual(self.env["crm.visitor"]._get_behaviour(self.env["crm.lead"]), {})


class TestPrivacy(VisitorCase):
    def test_the_visitor_can_erase_everything(self):
        self.beacon()
        touchpoint = self.submit()
        response = self.post(self.path, data=json.dumps({"v": VISITOR, "erase": True}))
        self.assertEqual(response.status_code, 204)
        self.assertFalse(self.visitor())
        self.assertFalse(self.env["crm.visitor.event"].search([("page", "=", PAGE)]))
        self.assertTrue(touchpoint.lead_id)
        self.assertFalse(touchpoint.visitor_id)

    def test_marketing_can_erase_on_request(self):
        self.beacon()
        self.visitor().with_user(self.marketer).action_erase()
        self.assertFalse(self.visitor())

    def test_old_visitors_are_forgotten(self):
        self.beacon()
        self.beacon(visitor="f" * 32)
        self.visitor().last_seen = fields.Datetime.now() - timedelta(days=200)
        self.env["crm.visitor"]._gc_visitors()
        self.assertFalse(self.visitor())
        self.assertTrue(self.visitor("f" * 32))

    def test_reps_see_behaviour_on_their_own_leads_only(self):
        self.beacon()
        lead = self.submit().lead_id
        self.env["crm.holding"]._transfer("crm.lead", {lead.id: self.ann.id}, "assigned")
        self.assertIn(PAGE, lead.with_user(self.ann).read(["behaviour_html"])[0]["behaviour_html"])
        with self.assertRaises(AccessError):
            lead.with_user(self.bob).read(["behaviour_html"])
        for user in self.ann + self.clerk:
            for model in ("crm.visitor", "crm.visitor.event"):
                with self.subTest(user=user.name, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search_read([], ["id"])
        for user in self.marketer + self.director + self.executive:
            self.assertTrue(self.env["crm.visitor"].with_user(user).search([("id", "=", self.visitor().id)]))
        for user in self.executive + self.ann:
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                self.visitor().with_user(user).action_erase()

    def test_other_companies_visitors_are_not_joined(self):
        self.beacon()
        other = self.env["res.company"].create({"name": "Other"})
        self.env.cr.execute("UPDATE crm_visitor SET company_id = %s WHERE key = %s", [other.id, VISITOR])
        self.env.cache.invalidate()
        self.assertFalse(self.submit().visitor_id)
