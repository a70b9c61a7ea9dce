# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Channels: who may see and change what, what they begin with, and what their form shows."""
import json

from odoo.exceptions import AccessError, UserError
from odoo.tests.common import Form, tagged

from ..exceptions import CrmUserError, CrmValidationError
from .intake_common import IntakeCase


@tagged("post_install", "-at_install")
class TestChannel(IntakeCase):
    # -- secrets -----------------------------------------------------------------------------------------------------

    def test_key_and_secret_are_unguessable_and_each_channels_own(self):
        other = self.new_channel()
        self.assertNotEqual(other.key, self.channel.key)
        self.assertNotEqual(other.secret, self.channel.secret)
        self.assertGreaterEqual(min(len(other.key), len(other.secret)), 32)
        copied = self.channel.copy()
        self.assertNotIn(self.channel.key, copied.key)
        self.assertNotEqual(copied.secret, self.channel.secret)
        self.assertEqual(copied.mapping_ids.mapped("path"), self.channel.mapping_ids.mapped("path"))

    def test_only_directors_see_the_secret(self):
        secret = self.channel.secret
        self.assertEqual(self.channel.with_user(self.director).secret, secret)
        for user in self.marketer + self.executive:
            channel = self.channel.with_user(user)
            self.assertNotIn("secret", channel.fields_get())
            self.assertNotIn(secret, str(channel.read()))
            with self.assertRaises(AccessError):
                channel.read(["secret"])
            with self.assertRaises(UserError):
                channel.export_data(["secret"])
            with self.assertRaises(AccessError):
                self.env["crm.intake.secret"].with_user(user).search([])
            self.assertFalse(channel.secret, "expressions reach fields without asking for groups")

    def test_the_secret_is_exported_by_nobody(self):
        self.director.groups_id += self.env.ref("base.group_allow_export")
        channel = self.channel.with_user(self.director)
        self.assertFalse(channel.fields_get(["secret"])["secret"]["exportable"])
        with self.assertRaises(AccessError):
            channel.export_data(["name", "secret"])
        with self.assertRaises(AccessError):
            channel.mapping_ids.export_data(["channel_id/secret"])

    def test_the_secret_cannot_be_searched_or_grouped(self):
        self.env.cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'crm_intake_channel'")
        self.assertNotIn(("secret",), self.env.cr.fetchall())

    def test_directors_set_the_secret_marketing_does_not(self):
        self.channel.with_user(self.director).secret = "chosen-by-us"
        self.channel.flush()
        self.assertEqual(self.channel.secret, "chosen-by-us")
        with self.assertRaises(AccessError):
            self.channel.with_user(self.marketer).write({"secret": "x"})
        with self.assertRaises(AccessError):
            self.channel.with_user(self.marketer).action_new_key()

    def test_a_new_address_ends_the_old_one(self):
        key, secret = self.channel.key, self.channel.secret
        self.channel.with_user(self.director).action_new_key()
        self.channel.flush()
        self.assertEqual(self.call(b"{}", key=key)[0], 404)
        self.assertEqual(self.send({"phone": "1"}, secret=secret)[0], 401)
        self.assertEqual(self.send({"phone": "1"})[0], 202)

    # -- rights ------------------------------------------------------------------------------------------------------

    def test_marketing_makes_channels_and_a_secret_comes_with_them(self):
        with Form(self.env["crm.intake.channel"].with_user(self.marketer)) as form:
            form.name = "Fair"
            form.kind = "exhibition"
        channel = self.env["crm.intake.channel"].browse(form.id)
        self.assertTrue(channel.secret)
        self.assertTrue(channel.mapping_ids)
        with self.assertRaises(AccessError):
            channel.with_user(self.marketer).unlink()

    def test_reps_and_others_do_not_see_channels(self):
        for user in self.ann + self.clerk:
            with self.assertRaises(AccessError):
                self.env["crm.intake.channel"].with_user(user).search([])

    def test_other_companies_channels_are_out_of_sight(self):
        company = self.env["res.company"].create({"name": "Other"})
        channel = self.new_channel(company_id=company.id)
        self.assertFalse(self.visible(channel, self.director))

    # -- kinds and mapping -------------------------------------------------------------------------------------------

    def test_each_kind_has_a_mapping_that_the_lead_takes(self):
        for kind, _label in self.env["crm.intake.channel"]._fields["kind"].selection:
            with self.subTest(kind=kind):
                channel = self.new_channel(kind=kind)
                self.assertEqual(len(channel.mapping_ids._get_lines()), len(channel.mapping_ids))

    def test_a_mapping_given_is_kept(self):
        channel = self.new_channel(mapping_ids=[(0, 0, {"path": "t", "target": "phone"})])
        self.assertEqual(channel.mapping_ids.mapped("path"), ["t"])

    def test_a_path_that_is_none_is_refused_with_a_way_out(self):
        with self.assertRaisesRegex(CrmValidationError, "formDetail"):
            self.channel.mapping_ids[0].path = "a..b"

    def test_strangers_fill_no_field_that_says_how_a_lead_is_worked(self):
        targets = {target for target, _label in self.env["crm.intake.mapping"]._selection_target()}
        for name in ("user_id", "team_id", "stage_id", "probability", "active", "type", "company_id", "partner_id", "id", "create_uid"):
            self.assertNotIn(name, targets)
        for name in ("name", "phone", "email_from", "wechat", "description", "expected_revenue"):
            self.assertIn(name, targets)

    def test_a_network_that_is_none_is_refused(self):
        with self.assertRaisesRegex(CrmValidationError, "203.0.113"):
            self.channel.ip_allow = "example.com"

    # -- form --------------------------------------------------------------------------------------------------------

    def test_a_test_submission_goes_through_the_door(self):
        self.channel.ip_allow = "203.0.113.0/24"
        for user in self.marketer + self.director:
            action = self.channel.with_user(user).action_send_test()
            touchpoint = self.env["crm.touchpoint"].browse(action["res_id"])
            self.assertEqual((action["res_model"], touchpoint.channel_id), ("crm.touchpoint", self.channel))
            vals = touchpoint._parse_submissions()[touchpoint.id]
            self.assertEqual((vals["phone"], vals["email_from"]), ("13800138000", "test@example.com"))
        self.assertEqual(self.channel.received_count, 2)

    def test_a_test_submission_says_what_the_door_said(self):
        self.channel.rate_limit = 1
        self.channel.action_send_test()
        with self.assertRaisesRegex(CrmUserError, "429"):
            self.channel.action_send_test()
        with self.assertRaises(UserError):
            self.new_channel(kind="file").action_send_test()

    def test_reps_send_no_test(self):
        with self.assertRaises(AccessError):
            self.channel.with_user(self.ann).action_send_test()

    def test_the_example_is_a_submission_the_channel_reads(self):
        payload = self.channel._get_example_payload()
        self.assertEqual(self.parse(json.dumps(payload))[0]["phone"], "13800138000")
        self.assertIn(self.channel.url, self.channel.example)

    def test_statistics_count_the_last_month_by_outcome(self):
        touchpoints = self.accept(*({"phone": str(number)} for number in range(5)))
        for touchpoint, vals in zip(touchpoints, [{"outcome": "created"}, {"outcome": "attached"}, {"state": "dead"}, {}]):
            touchpoint.write(vals)
        touchpoints[4].received_at = "2020-01-01"
        touchpoints.flush()
        self.channel.invalidate_cache()
        channel = self.channel
        self.assertEqual((channel.received_count, channel.created_count, channel.known_count, channel.dead_count), (4, 1, 1, 1))
        self.assertTrue(channel.last_received_at)
