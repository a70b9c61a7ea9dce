# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Touchpoints: what is read from them, dead letters and replay, who sees what, and what a lead shows of them."""
from datetime import datetime
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests.common import tagged

from ..engine.intake import ParseProblem
from ..exceptions import CrmUserError
from ..models.contact_details import MASK
from .intake_common import IntakeCase


@tagged("post_install", "-at_install")
class TestReading(IntakeCase):
    def test_a_form_becomes_values_of_a_lead(self):
        team, tag = self.north, self.env["crm.tag"].create({"name": "web"})
        source, medium = self.env["utm.source"].create({"name": "Baidu!"}), self.env.ref("utm.utm_medium_website")
        self.channel.write({"team_id": team.id, "tag_ids": [(6, 0, tag.ids)], "medium_id": medium.id})
        payload = {
            "name": "张伟",
            "phone": 13800000000,
            "email": "Zhang Wei <zw@example.com>",
            "company": "深圳市华强电子有限公司",
            "province": "广东",
            "city": "深圳",
            "message": "离心泵\n三台",
            "utm_source": "Baidu!",
            "utm_campaign": "made up",
            "page": "https://example.com/pumps",
            "keyword": "离心泵",
            "time": "2023-11-15 06:13:20",
            "ip": "203.0.113.7",
        }
        (vals,) = self.parse(payload)
        expected = {
            "contact_name": "张伟",
            "phone": "13800000000",
            "email_from": "zw@example.com",
            "partner_name": "深圳市华强电子有限公司",
            "name": "Website: 深圳市华强电子有限公司",
            "state_id": self.env.ref("base.state_cn_GD").id,
            "city": "深圳",
            "description": "离心泵\n三台\nCampaign (by name): made up",
            "source_id": source.id,
            "medium_id": medium.id,
            "team_id": team.id,
            "tag_ids": [(6, 0, tag.ids)],
            "user_id": False,
            "type": "lead",
        }
        self.assertEqual({name: vals[name] for name in expected}, expected)
        touchpoint = self.stored()
        self.assertEqual((touchpoint.landing_page, touchpoint.keyword), ("https://example.com/pumps", "离心泵"))
        self.assertEqual((touchpoint.occurred_at, touchpoint.visitor_ip), (datetime(2023, 11, 14, 22, 13, 20), "203.0.113.7"))
        self.assertEqual((touchpoint.source_id, touchpoint.medium_id), (source, medium))
        lead = self.env["crm.lead"].create(vals)
        self.assertFalse(lead.user_id)

    def test_forms_and_encodings(self):
        body = "姓名=张伟&电话=138".encode("gb18030")
        (vals,) = self.parse(body, content_type="application/x-www-form-urlencoded")
        self.assertEqual((vals["contact_name"], vals["phone"]), ("张伟", "138"))

    def test_one_bad_submission_does_not_harm_the_others(self):
        found = self.parse({"phone": "1"}, "{", {"hello": "you"}, "[" * 5000, {"phone": "2"}, {"phone": {"a": [None]}})
        codes = [getattr(vals, "code", None) for vals in found]
        self.assertEqual(codes, [None, "json", "nobody", "depth", None, "nobody"])
        self.assertIn("mapping", found[2].message)
        self.assertIsInstance(found[1], ParseProblem)

    def test_the_number_of_queries_does_not_grow_with_the_batch(self):
        def count(number):
            payload = {"phone": "1", "province": "广东省", "tags": "a,b", "utm_source": "x"}
            touchpoints = self.accept(*([payload] * number), channel=self.new_channel())
            touchpoints.invalidate_cache()
            before = self.env.cr.sql_log_count
            touchpoints._parse_submissions()
            return self.env.cr.sql_log_count - before

        count(1)
        self.assertEqual(count(2), count(50))

    def test_strangers_make_no_masters_and_choose_no_owner(self):
        before = [self.env[model].search_count([]) for model in ("utm.source", "utm.campaign", "crm.tag", "res.partner")]
        (vals,) = self.parse({"phone": "1", "utm_source": "new!", "utm_campaign": "new!", "user_id": 2, "stage_id": 4, "active": False})
        after = [self.env[model].search_count([]) for model in ("utm.source", "utm.campaign", "crm.tag", "res.partner")]
        self.assertEqual(before, after)
        self.assertFalse(vals["user_id"])
        self.assertFalse({"stage_id", "active"} & set(vals))

    def test_no_script_and_no_header_reaches_a_name(self):
        evil = "<script>alert(1)</script>\r\nBcc: all@example.com\u202e"
        (vals,) = self.parse({"name": evil, "company": evil, "subject": evil, "phone": "1" * 999, "message": evil, "page": "javascript:x"})
        for name in ("contact_name", "partner_name", "name"):
            self.assertFalse(set(vals[name]) & set("<>\r\n\u202e"), name)
        self.assertEqual(len(vals["phone"]), 40)
        self.assertIn("<script>", vals["description"], "a text is shown as text, and nothing is lost")
        self.assertEqual(self.env["crm.lead"]._fields["description"].type, "text")
        self.assertFalse(self.stored().landing_page)

    def test_values_of_every_type_fit_or_become_notes(self):
        for target in ("expected_revenue", "date_deadline", "priority"):
            self.channel.mapping_ids.create({"channel_id": self.channel.id, "path": target, "target": target})
        good, bad = self.parse(
            {"phone": "1", "expected_revenue": "¥12,000", "date_deadline": "2030-01-31 23:30", "priority": "2"},
            {"phone": "1", "expected_revenue": "much", "date_deadline": "soon", "priority": "99"},
        )
        lead = self.env["crm.lead"].create(good)
        self.assertEqual((lead.expected_revenue, str(lead.date_deadline), lead.priority), (12000, "2030-01-31", "2"))
        self.assertIn("Expected Revenue: much", bad["description"])
        self.assertIn("99", bad["description"])
        self.assertFalse({"expected_revenue", "date_deadline", "priority"} & set(bad))


@tagged("post_install", "-at_install")
class TestRows(IntakeCase):
    def test_own_processes_store_rows_once(self):
        touchpoints = self.env["crm.touchpoint"]
        rows = [{"payload": {"phone": str(n)}, "idempotency_key": str(n), "occurred_at": datetime(2024, 1, 1)} for n in range(3)]
        first = touchpoints._accept_rows(self.channel, rows[:2])
        again = touchpoints._accept_rows(self.channel, rows)
        self.assertEqual((len(first), len(again)), (2, 1))
        self.assertEqual(touchpoints.browse(again).occurred_at, datetime(2024, 1, 1))
        self.assertEqual(touchpoints._accept_rows(self.channel, []), [])

    def test_rows_are_processed_after_the_commit(self):
        touchpoints = type(self.env["crm.touchpoint"])
        with patch.object(touchpoints, "_wake_processing") as wake:
            self.accept({"phone": "1"}, {"phone": "2"})
            self.accept({"phone": "1"}, {"phone": "2"})
            wake.assert_not_called()
            self.env.cr.postcommit.run()
            wake.assert_called_once()


@tagged("post_install", "-at_install")
class TestDeadLetters(IntakeCase):
    def setUp(self):
        super().setUp()
        self.dead = self.accept('{"phone": "1380000', {"hello": "you"})
        self.dead.write({"state": "dead", "reason": "not JSON"})
        self.dead.flush()

    def test_a_dead_letter_is_corrected_and_replayed(self):
        letter = self.dead[0].with_user(self.marketer)
        letter.payload = '{"phone": "13800000000"}'
        letter.payload = '{"phone": "13800000001"}'
        self.assertEqual(letter.payload_original, '{"phone": "1380000', "what was received is kept, corrected once or twice")
        self.assertEqual(letter.action_replay(), 1)
        self.assertEqual((letter.state, letter.reason), ("received", False))
        self.assertEqual(self.dead[0]._parse_submissions()[letter.id]["phone"], "13800000001")

    def test_many_are_replayed_at_once(self):
        self.assertEqual(self.dead.with_user(self.director).action_replay(), 2)

    def test_what_has_a_lead_is_not_replayed(self):
        self.dead[0].lead_id = self.lead_ann
        self.assertEqual(self.dead.with_user(self.director).action_replay(), 1)
        self.assertEqual(self.dead.mapped("state"), ["dead", "received"])
        with self.assertRaises(CrmUserError):
            self.dead.with_user(self.director).action_replay()

    def test_people_change_nothing_but_the_text_of_dead_letters(self):
        for vals in ({"state": "done"}, {"lead_id": self.lead_ann.id}, {"payload": "{}", "reason": ""}, {"payload_original": ""}):
            with self.assertRaises(CrmUserError):
                self.dead[0].with_user(self.director).write(vals)
        self.dead[1].state = "done"
        with self.assertRaises(CrmUserError):
            self.dead[1].with_user(self.director).payload = "{}"

    def test_people_neither_make_nor_delete_touchpoints(self):
        for user in self.marketer + self.director:
            with self.assertRaises((AccessError, CrmUserError)):
                self.dead.with_user(user).create({"channel_id": self.channel.id})
            with self.assertRaises(AccessError):
                self.dead.with_user(user).unlink()

    def test_reps_do_not_replay(self):
        self.dead[0].lead_id = self.lead_ann
        for user in self.ann + self.executive:
            with self.assertRaises(AccessError):
                self.dead[0].with_user(user).action_replay()


@tagged("post_install", "-at_install")
class TestSight(IntakeCase):
    def setUp(self):
        super().setUp()
        self.touchpoints = self.accept({"phone": "13911112222"}, {"phone": "13911113333"}, {"phone": "13911114444"})
        self.touchpoints._parse_submissions()
        self.touchpoints[0].write({"lead_id": self.lead_ann.id, "state": "done", "keyword": "pump", "remote_ip": "203.0.113.7"})
        self.touchpoints[1].write({"lead_id": self.lead_bob.id, "state": "done"})
        self.touchpoints.flush()

    def test_reps_see_touchpoints_of_own_leads_leaders_their_teams(self):
        mine, others, _free = self.touchpoints
        self.assertEqual(self.visible(self.touchpoints, self.ann), mine)
        self.assertEqual(self.visible(self.touchpoints, self.nora), mine)
        self.assertEqual(self.visible(self.touchpoints, self.bob), others)
        for user in self.director + self.marketer + self.executive:
            self.assertEqual(self.visible(self.touchpoints, user), self.touchpoints)
        with self.assertRaises(AccessError):
            self.visible(self.touchpoints, self.clerk)

    def test_what_was_sent_is_for_marketing_and_directors(self):
        hidden = ["payload", "payload_original", "payload_raw", "remote_ip", "visitor_ip"]
        for user in self.marketer + self.director:
            self.assertIn("13911112222", self.touchpoints[0].with_user(user).payload)
        for user in self.ann + self.nora + self.executive:
            touchpoint = self.touchpoints[0].with_user(user)
            self.assertFalse(set(hidden) & set(touchpoint.fields_get()))
            self.assertEqual(touchpoint.read(["keyword", "channel_id"])[0]["keyword"], "pump")
            self.assertNotIn("13911112222", str(touchpoint.read()))
            for name in hidden:
                with self.assertRaises(AccessError):
                    touchpoint.read([name])

    def test_without_contact_details_it_is_masked_even_with_access(self):
        self.clerk.groups_id += self.env.ref("crm_core.group_marketing")
        self.env.ref("crm_core.group_marketing").implied_ids -= self.env.ref("crm_core.group_contact_details")
        self.clerk.groups_id -= self.env.ref("crm_core.group_contact_details")
        touchpoint = self.touchpoints[0].with_user(self.clerk)
        self.assertEqual(touchpoint.read(["payload", "remote_ip"])[0]["payload"], MASK)
        with self.assertRaises(AccessError):
            touchpoint.search([("payload", "like", "139")])

    def test_other_companies_touchpoints_are_out_of_sight(self):
        company = self.env["res.company"].create({"name": "Other"})
        touchpoints = self.accept({"phone": "1"}, channel=self.new_channel(company_id=company.id))
        self.assertFalse(self.visible(touchpoints, self.director))

    def test_a_lead_shows_its_first_and_last_touch(self):
        later, earlier = self.accept({"phone": "1"}, {"phone": "2"}, channel=self.new_channel(name="Fair"))
        later.write({"lead_id": self.lead_ann.id, "occurred_at": "2040-01-01", "keyword": "late"})
        earlier.write({"lead_id": self.lead_ann.id, "occurred_at": "2020-01-01", "landing_page": "https://example.com/a"})
        leads = (self.lead_ann + self.lead_bob + self._lead(self.ann, "By hand")).with_user(self.ann)
        lead = leads[0]
        self.assertEqual((leads.sudo().mapped("touchpoint_count")), [3, 1, 0])
        self.assertEqual((lead.first_touch_id, lead.last_touch_id), (earlier.with_user(self.ann), later.with_user(self.ann)))
        self.assertEqual((lead.landing_page, str(lead.last_touch_at)), ("https://example.com/a", "2040-01-01 00:00:00"))
        self.assertEqual(lead.first_touch_channel_id.sudo().name, "Fair")
        self.assertEqual(lead.read(["first_touch_channel_id"])[0]["first_touch_channel_id"][1], "Fair")
        self.assertFalse(leads[2].first_touch_id)
