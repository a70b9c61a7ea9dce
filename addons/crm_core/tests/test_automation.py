# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tests.common import Form
from psycopg2 import errors

from ..exceptions import CrmValidationError
from .common import RolesCase


class AutomationCase(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.call = cls.env.ref("mail.mail_activity_data_call")
        cls.robot = cls.env["crm.notification.channel"].create(
            {"name": "Sales group", "kind": "wecom", "url": "http://127.0.0.1:9/send?key=k", "active": True}
        )

    def tearDown(self):
        super().tearDown()
        self.env["base.automation"]._update_registry()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.registry.reset_changes()

    def automation(self, *steps, user=None, **vals):
        steps = steps or ({"kind": "activity", "activity_type_id": self.call.id},)
        values = {"name": "Rule", "model": "crm.lead", "trigger": "created", "step_ids": [(0, 0, step) for step in steps], **vals}
        return self.env["crm.automation"].with_user(user or self.director).create(values)

    def field(self, model, name):
        return self.env["ir.model.fields"]._get(model, name).id

    def silent(self, customer, days):
        """Nobody spoke to the customer for so many days."""
        customer.flush()
        moment = fields.Datetime.now() - timedelta(days=days)
        self.env.cr.execute("UPDATE res_partner SET date_last_follow_up = %s WHERE id = ANY(%s)", [moment, customer.ids])
        customer.invalidate_cache(["date_last_follow_up"])

    def time_automation(self, *steps, **vals):
        date_field = self.field("res.partner", "date_last_follow_up")
        return self.automation(*steps, model="res.partner", trigger="time", date_field_id=date_field, delay=14, **vals)


@tagged("post_install", "-at_install")
class TestWhen(AutomationCase):
    def test_created(self):
        self.automation(condition="[('city', '=', 'Shenzhen')]")
        leads = self.env["crm.lead"].with_user(self.ann).create([{"name": "Here", "city": "Shenzhen"}, {"name": "There"}])
        self.assertEqual(leads.mapped(lambda lead: len(lead.activity_ids)), [1, 0])
        self.assertEqual(leads[0].activity_ids.user_id, self.ann)

    def test_created_in_bulk_runs_once_for_all(self):
        automation = self.automation()
        steps = type(self.env["crm.automation.step"])
        with patch.object(steps, "_run", autospec=True) as run:
            leads = self.env["crm.lead.writer"]._create_leads([{"name": f"Lead {number}"} for number in range(20)])
        self.assertEqual(run.call_count, 1)
        self.assertEqual(sorted(automation.log_ids.mapped("res_id")), sorted(leads.ids))

    def test_without_automations_bulk_asks_once_a_batch(self):
        bases = type(self.env["base.automation"])
        with patch.object(bases, "_process") as process:
            self.env["crm.lead.writer"]._create_leads([{"name": f"Lead {number}"} for number in range(20)])
        self.assertFalse(process.called)

    def test_a_field_is_changed(self):
        automation = self.automation(trigger="changed", trigger_field_id=self.field("crm.lead", "city"))
        self.lead_ann.phone = "13900000000"
        self.assertFalse(automation.log_ids)
        self.lead_ann.city = "Shenzhen"
        self.lead_ann.write({"city": "Shenzhen"})
        self.assertEqual(automation.log_ids.mapped("res_id"), self.lead_ann.ids)

    def test_a_lead_moves_to_another_stage(self):
        won = self.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        automation = self.automation(trigger="moved", condition="[('stage_id', '=', %d)]" % won.id)
        self.lead_bob.priority = "1"
        self.lead_ann.stage_id = won
        self.assertEqual(automation.log_ids.mapped("res_id"), self.lead_ann.ids)

    def test_a_customer_moves_to_another_grade(self):
        """Written past the ORM, by facts."""
        automation = self.automation(
            model="res.partner", trigger="changed", trigger_field_id=self.field("res.partner", "customer_grade")
        )
        self.customer_ann._customer_state_changed({self.customer_ann.id: {"customer_grade": "surely not"}})
        self.assertEqual(automation.log_ids.mapped("res_id"), self.customer_ann.ids)

    def test_time_has_passed_since_the_last_contact(self):
        automation = self.time_automation()
        self.silent(self.customer_ann, 15)
        self.silent(self.customer_bob, 13)
        self.env["crm.automation"]._check_times()
        self.assertEqual(automation.log_ids.mapped("res_id"), self.customer_ann.ids)
        (activity,) = self.customer_ann.activity_ids
        self.assertEqual((activity.user_id, activity.activity_type_id), (self.ann, self.call))

    def test_once_per_record_and_date(self):
        automation = self.time_automation()
        self.silent(self.customer_ann, 15)
        for _run in range(3):
            self.env["crm.automation"]._check_times()
        self.assertEqual(len(automation.log_ids), 1)
        self.silent(self.customer_ann, 14.5)  # there was a contact in between
        self.env["crm.automation"]._check_times()
        self.assertEqual(len(automation.log_ids), 2)

    def test_who_was_never_contacted_counts_from_creation_if_wanted(self):
        automation = self.time_automation()
        self.env.cr.execute("UPDATE res_partner SET create_date = create_date - interval '20 days' WHERE id = %s", self.customer_ann.ids)
        self.env["crm.automation"]._check_times()
        self.assertFalse(automation.log_ids)
        automation.or_created = True
        self.env["crm.automation"]._check_times()
        self.assertEqual(automation.log_ids.mapped("res_id"), self.customer_ann.ids)

    def test_before_a_date(self):
        automation = self.automation(trigger="time", date_field_id=self.field("crm.lead", "date_deadline"), delay=3, delay_side="before")
        self.lead_ann.date_deadline = fields.Date.today() + timedelta(days=2)
        self.lead_bob.date_deadline = fields.Date.today() + timedelta(days=9)
        self.env["crm.automation"]._check_times()
        self.assertEqual(automation.log_ids.mapped("res_id"), self.lead_ann.ids)

    def test_what_is_due_is_found_by_one_query(self):
        automation = self.time_automation().sudo()
        self.silent(self.customer_ann + self.customer_bob, 15)
        automation._find_due()
        with self.assertQueryCount(1):
            self.assertEqual(len(automation._find_due()), 2)

    def test_the_dry_run_shows_whom_it_would_run_for(self):
        automation = self.time_automation()
        self.silent(self.customer_ann + self.customer_bob, 15)
        self.assertEqual(automation.action_dry_run()["domain"], [("id", "in", (self.customer_ann + self.customer_bob).ids)])
        self.env["crm.automation"]._check_times()
        self.assertEqual(automation.action_dry_run()["domain"], [("id", "in", [])])


@tagged("post_install", "-at_install")
class TestThen(AutomationCase):
    def run_for(self, records, *steps):
        automation = self.automation(*steps, model=records._name)
        automation._run(records)
        self.assertEqual(set(automation.log_ids.mapped("message")), {False})

    def test_it_tells_the_leader(self):
        self.run_for(self.lead_ann, {"kind": "notify", "who": "leader", "subject": "{name} of {owner}"})
        notes = self.env["crm.notification"].search([("user_id", "=", self.eli.id)])
        self.assertEqual(notes.mapped("subject"), ["Ann's lead of Ann"])

    def test_it_posts_to_a_robot(self):
        self.run_for(self.customer_ann, {"kind": "robot", "channel_id": self.robot.id, "subject": "{name} is silent"})
        notes = self.env["crm.notification"].search([("channel_id", "=", self.robot.id)])
        self.assertEqual(notes.mapped("subject"), ["Ann's customer is silent"])

    def test_many_make_one_message(self):
        customers = self.env["res.partner"].create([{"name": f"C{number}", "is_customer": True} for number in range(30)])
        self.run_for(customers, {"kind": "robot", "channel_id": self.robot.id, "subject": "{name} are silent"})
        note = self.env["crm.notification"].search([("channel_id", "=", self.robot.id)])
        self.assertEqual(note.subject, "30 records are silent")
        self.assertEqual(note.body.splitlines()[-1], "… and 10 more")

    def test_it_gives_the_lead_to_somebody(self):
        self.run_for(self.lead_ann, {"kind": "assign", "who": "user", "user_id": self.bob.id})
        self.assertEqual(self.lead_ann.user_id, self.bob)

    def test_it_adds_a_tag(self):
        tag = self.env["crm.tag"].create({"name": "Hot"})
        self.run_for(self.lead_ann, {"kind": "tag", "value_ref": f"crm.tag,{tag.id}"})
        self.assertEqual(self.lead_ann.tag_ids, tag)

    def test_it_sets_fields_of_every_kind(self):
        field = self.env["ir.model.fields"]._get("crm.lead", "priority")
        country = self.env.ref("base.cn")
        in_a_week = fields.Date.today() + timedelta(days=7)
        self.run_for(
            self.lead_ann,
            {"kind": "set", "field_id": self.field("crm.lead", "referred"), "value_text": "Fair"},
            {"kind": "set", "field_id": self.field("crm.lead", "expected_revenue"), "value_number": 12.5},
            {"kind": "set", "field_id": self.field("crm.lead", "date_deadline"), "value_days": 7},
            {"kind": "set", "field_id": field.id, "value_choice_id": field.selection_ids[2].id},
            {"kind": "set", "field_id": self.field("crm.lead", "country_id"), "value_ref": f"res.country,{country.id}"},
        )
        lead = self.lead_ann
        self.assertEqual(
            (lead.referred, lead.expected_revenue, lead.date_deadline, lead.priority, lead.country_id),
            ("Fair", 12.5, in_a_week, field.selection_ids[2].value, country),
        )

    def test_it_sends_a_template(self):
        template = self.env["mail.template"].create({
            "name": "Welcome",
            "model_id": self.env["ir.model"]._get_id("crm.lead"),
            "subject": "Hello",
            "email_to": "${object.email_from}",
        })  # fmt: skip
        self.run_for(self.lead_ann, {"kind": "mail", "template_id": template.id})
        mail = self.env["mail.mail"].search([("subject", "=", "Hello")])
        self.assertEqual(mail.mapped("email_to"), [self.lead_ann.email_from])

    def test_nobodys_lead_is_the_leaders_then_the_makers(self):
        lead = self.env["crm.lead"].create({"name": "Nobody's", "user_id": False, "team_id": self.east.id})
        step = self.automation().step_ids.sudo()
        self.assertEqual(step._get_person(lead), self.eli)
        lead.team_id = False
        self.assertEqual(step._get_person(lead), self.director)


@tagged("post_install", "-at_install")
class TestTrouble(AutomationCase):
    def test_a_failing_automation_does_not_stop_the_save(self):
        automation = self.automation(
            {"kind": "set", "field_id": self.field("crm.lead", "referred"), "value_text": "undone"},
            {"kind": "robot", "channel_id": self.robot.id, "subject": "New"},
        )
        self.robot.active = False
        lead = self.env["crm.lead"].with_user(self.ann).create({"name": "Saved"})
        self.assertTrue(lead.exists())
        self.assertFalse(lead.referred, "what the failed run did before is undone")
        self.assertEqual(automation.log_ids.state, "failed")
        self.assertIn("switched off", automation.log_ids.message)
        told = self.env["crm.notification"].search([("user_id", "=", self.director.id), ("res_model", "=", "crm.automation")])
        self.assertEqual(len(told), 1)
        self.robot.active = True
        automation.log_ids.with_user(self.director).action_retry()
        self.assertEqual((automation.log_ids.state, lead.referred), ("done", "undone"))

    def test_one_bad_record_does_not_hold_up_the_others(self):
        automation = self.automation({"kind": "assign", "who": "user", "user_id": self.ann.id})
        pool = self.env["crm.pool"].search([("res_model", "=", "crm.lead")], limit=1)
        pooled = self.env["crm.lead"].create({"name": "In the pool", "pool_id": pool.id})
        automation.log_ids.sudo().unlink()
        automation._run(pooled + self.lead_bob)
        states = {log.res_id: log.state for log in automation.log_ids}
        self.assertEqual(states, {pooled.id: "failed", self.lead_bob.id: "done"})

    def test_two_that_start_each_other_stop(self):
        fields_ = self.env["ir.model.fields"]
        values = {"model": "crm.lead", "trigger": "changed"}
        one, two = fields_._get("crm.lead", "referred"), fields_._get("crm.lead", "city")
        first = self.automation({"kind": "set", "field_id": two.id, "value_text": "B"}, trigger_field_id=one.id, **values)
        second = self.automation({"kind": "set", "field_id": one.id, "value_text": "A"}, trigger_field_id=two.id, **values)
        self.lead_ann.referred = "start"
        self.assertEqual((len(first.log_ids), len(second.log_ids)), (1, 1))

    def test_what_comes_back_by_other_ways_stops_too(self):
        automation = self.automation(trigger="changed", trigger_field_id=self.field("crm.lead", "referred"))
        for number in range(14):
            self.lead_ann.referred = str(number)
        done = automation.log_ids.filtered(lambda log: log.state == "done")
        stopped = automation.log_ids - done
        self.assertEqual((len(done), len(stopped)), (10, 1))
        self.assertIn("Does it start itself", stopped.message)

    def test_a_field_that_is_gone_is_logged_and_nothing_else(self):
        automation = self.automation(trigger="changed", trigger_field_id=self.field("crm.lead", "city"))
        automation.sudo().base_automation_id.filter_domain = "[('gone', '=', 1)]"
        self.lead_ann.with_user(self.ann).city = "Shenzhen"
        self.assertEqual(automation.log_ids.mapped("state"), ["failed"])

    def test_two_transactions_at_one_row_are_repeated_by_odoo(self):
        automation = self.automation()
        steps = type(self.env["crm.automation.step"])
        error = errors.SerializationFailure()
        with patch.object(steps, "_run", side_effect=error), patch.object(type(error), "pgcode", "40001", create=True):
            with self.assertRaises(errors.SerializationFailure):
                automation._run(self.lead_ann)

    def test_the_screens_defaults_do_not_reach_what_it_makes(self):
        self.automation()
        lead = self.env["crm.lead"].with_context(default_user_id=self.bob.id, default_summary="Not mine")
        lead = lead.create({"name": "Saved", "user_id": self.ann.id})
        self.assertEqual((lead.activity_ids.user_id, lead.activity_ids.summary), (self.ann, False))


@tagged("post_install", "-at_install")
class TestAutomationInput(AutomationCase):
    def test_only_directors_make_automations(self):
        for user in (self.ann, self.nora, self.marketer, self.executive, self.clerk):
            with self.assertRaises(AccessError, msg=user.login):
                self.automation(user=user)

    def test_a_condition_is_made_of_constants(self):
        for condition in ("[('id', '=', user.id)]", "__import__('os')", "[('city', '=')]", "[('city', 'exec', 'x')]", "{}"):
            with self.assertRaises(CrmValidationError, msg=condition):
                self.automation(condition=condition)

    def test_a_condition_looks_at_what_its_maker_sees(self):
        for path in ("not_there", "user_id.password", "user_id.nowhere.name"):
            with self.assertRaises(CrmValidationError, msg=path):
                self.automation(condition="[('%s', '=', 'x')]" % path)

    def test_the_underlying_action_is_not_the_managers(self):
        automation = self.automation()
        underlying = automation.sudo().base_automation_id
        self.assertEqual((underlying.state, underlying.trigger), ("crm_automation", "on_create"))
        with self.assertRaises(AccessError):
            underlying.action_server_id.with_user(self.director).write({"state": "code"})
        automation.write({"base_automation_id": False})
        self.assertEqual(automation.sudo().base_automation_id, underlying)

    def test_it_sets_only_what_people_edit(self):
        for name in ("user_id", "pool_id", "company_id", "date_last_follow_up"):
            with self.assertRaises(CrmValidationError, msg=name):
                self.automation({"kind": "set", "field_id": self.field("crm.lead", name), "value_text": "x"})

    def test_what_is_missing_is_named(self):
        for step, missing in (({"kind": "robot"}, "Robot, Text"), ({"kind": "activity", "who": "user"}, "Activity Type, Colleague")):
            with self.assertRaisesRegex(CrmValidationError, missing):
                self.automation(step)
        with self.assertRaisesRegex(CrmValidationError, "add a step"):
            self.env["crm.automation"].with_user(self.director).create({"name": "Empty", "model": "crm.lead", "trigger": "created"})

    def test_removed_it_leaves_nothing(self):
        automation = self.automation()
        underlying = automation.sudo().base_automation_id
        action = underlying.action_server_id
        automation.unlink()
        self.assertFalse(underlying.exists() or action.exists())

    def test_the_form_tells_in_words_and_draws(self):
        with Form(self.env["crm.automation"].with_user(self.director)) as form:
            form.name = "VIP without contact"
            form.date_field_id = self.env["ir.model.fields"].browse(self.field("res.partner", "date_last_follow_up"))
            self.assertTrue(form.or_created)
            form.condition = "['|', ('customer_grade', '=', 'vip'), ('city', '=', False)]"
            with form.step_ids.new() as step:
                step.activity_type_id = self.call
            lines = form.summary.splitlines()
            self.assertEqual(
                lines,
                [
                    "When: Customer: 14 days after “Last Follow-up” (where it is empty: after creation)",
                    "If: “Grade” is VIP or “City” is empty",
                    "Then:",
                    "1. Plan “Call” for the owner, due in 1 days",
                ],
            )
            self.assertIn("<svg", form.flow_chart)
