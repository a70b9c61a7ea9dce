# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a follow-up asks for, what follows from it, and what proves it."""

import threading
from datetime import timedelta
from unittest.mock import patch

from odoo import api, fields
from odoo.service.model import execute_cr
from odoo.tests.common import Form, SavepointCase
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..exceptions import CrmUserError, CrmValidationError
from .followup_common import DOOR, FAR, NEAR, PICTURE, SOUND, FollowupCase


class TestLogging(FollowupCase):
    def test_outcome_and_next_action_are_asked_for(self):
        with self.assertRaisesRegex(CrmValidationError, "outcome"):
            self.log(outcome_id=False)
        with self.assertRaisesRegex(CrmValidationError, "next action"):
            self.log(outcome_id=self.interested.id)
        self.assertTrue(self.log(outcome_id=self.interested.id, next_action_date=self.soon))
        self.assertTrue(self.log(kind="note", outcome_id=False), "a note has no outcome")

    def test_the_outcome_proposes_a_date_once(self):
        form = Form(self.env["crm.followup"].with_user(self.ann).with_context(default_state="open"))
        form.partner_id = self.customer_ann
        form.outcome_id = self.interested
        self.assertEqual(form.next_action_date, fields.Date.today() + timedelta(days=3))
        form.next_action_date = self.soon
        form.outcome_id = self.env.ref("crm_core.followup_outcome_undecided")
        self.assertEqual(form.next_action_date, self.soon, "what was typed stays")

    def test_one_is_not_logged_before_it_happens(self):
        for ahead, refused in ((timedelta(minutes=4), False), (timedelta(hours=1), True)):
            date = fields.Datetime.now() + ahead
            with self.subTest(ahead=ahead):
                if refused:
                    with self.assertRaisesRegex(CrmValidationError, "future"):
                        self.log(kind="visit", date=date)
                else:
                    self.assertTrue(self.log(kind="visit", date=date))

    def test_archived_customers_are_refused(self):
        self.customer_ann.active = False
        with self.assertRaisesRegex(CrmValidationError, "archived"):
            self.log()

    def test_a_follow_up_is_about_one_customer(self):
        other = self._customer(self.ann, "Other")
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": other.id})
        with self.assertRaisesRegex(CrmValidationError, "two customers"):
            self.log(contact_id=contact.id)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.log(partner_id=False)

    def test_another_reps_customer_or_lead_is_refused(self):
        for link in ({"partner_id": self.customer_bob.id}, {"lead_id": self.lead_bob.id}):
            with self.subTest(link=link), self.assertRaisesRegex(CrmUserError, "belongs to somebody else"):
                self.log(**link)
        mine = self.visit()
        with self.assertRaisesRegex(CrmUserError, "belongs to somebody else"):
            mine.write({"partner_id": self.customer_bob.id})

    def test_a_second_tap_saves_nothing_again(self):
        vals = {"partner_id": self.customer_ann.id, "kind": "call", "outcome_id": self.agreed.id, "form_key": "tapped"}
        model = self.env["crm.followup"].with_user(self.ann)
        first = model.create(vals)
        self.assertEqual(model.create(vals), first)
        again, new = model.create([vals, {**vals, "form_key": "other"}])
        self.assertEqual(again, first)
        self.assertNotEqual(new, first)
        (first + new).action_finish()
        self.assertEqual(self.customer_ann.activity_ids.ids, [], "finishing what is finished changes nothing")

    def test_the_past_stays(self):
        done = self.log(summary="He wants two")
        done.write({"summary": "He wants three", "kind": "call"})
        for vals in (
            {"kind": "visit"},
            {"state": "open"},
            {"partner_id": self._customer(self.ann, "C").id},
            {"date": "2020-01-01 00:00:00"},
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(CrmUserError, "finished"):
                done.write(vals)

    def test_a_follow_up_of_a_lead_is_one_of_its_customer(self):
        self.lead_ann.partner_id = self.env["res.partner"].create({"name": "Contact", "parent_id": self.customer_ann.id})
        followup = self.log(lead_id=self.lead_ann.id)
        self.assertEqual(followup.partner_id, self.lead_ann.partner_id)
        self.assertEqual(followup.commercial_partner_id, self.customer_ann)
        self.assertTrue(self.lead_ann.date_last_follow_up)
        self.assertEqual(self.customer_ann.date_last_follow_up, followup.date)

    def test_a_lead_that_gets_a_customer_brings_its_follow_ups_along(self):
        followup = self.log(lead_id=self.lead_ann.id)
        self.assertFalse(followup.commercial_partner_id)
        self.lead_ann.partner_id = self.customer_ann
        self.assertEqual(followup.commercial_partner_id, self.customer_ann)

    def test_last_contact_is_the_owners(self):
        self.log(user=self.director)
        self.assertFalse(self.customer_ann.date_last_follow_up)
        followup = self.log()
        self.assertEqual(self.customer_ann.date_last_follow_up, followup.date)
        self.assertFalse(self.customer_ann.message_ids.filtered(lambda m: m.message_type == "comment"), "no copy in the chatter")

    def test_one_in_progress_counts_when_it_is_done(self):
        visit = self.visit()
        self.assertFalse(self.customer_ann.date_last_follow_up)
        visit.outcome_id = self.agreed
        visit.action_finish()
        self.assertTrue(self.customer_ann.date_last_follow_up)

    def test_a_hundred_cost_as_many_statements_as_ten(self):
        def count(number):
            rows = [{"partner_id": self.customer_ann.id, "kind": "call", "outcome_id": self.agreed.id} for _one in range(number)]
            model = self.env["crm.followup"].with_user(self.ann)
            self.env["base"].flush()
            before = self.env.cr.sql_log_count
            model.create(rows).flush()
            return self.env.cr.sql_log_count - before

        count(1)
        ten, hundred = count(10), count(100)
        self.assertLessEqual(hundred, ten + 90 * 2, "an INSERT and the kind of the next action each")


class TestNextAction(FollowupCase):
    def promise(self, **vals):
        return self.log(**{"outcome_id": self.interested.id, "next_action_date": self.soon, **vals})

    def activities(self, record=None):
        record = record or self.customer_ann
        return self.env["mail.activity"].search([("res_model", "=", record._name), ("res_id", "=", record.id)])

    def test_it_becomes_an_activity(self):
        followup = self.promise(next_action_note="Bring samples")
        activity = self.activities()
        self.assertEqual(followup.activity_id, activity)
        self.assertEqual(
            (activity.user_id, activity.date_deadline, activity.summary, activity.activity_type_id),
            (self.ann, self.soon, "Bring samples", self.env.ref("mail.mail_activity_data_call")),
        )

    def test_it_belongs_to_the_lead_if_there_is_one(self):
        self.promise(lead_id=self.lead_ann.id)
        self.assertTrue(self.activities(self.lead_ann))
        self.assertFalse(self.activities())

    def test_changing_it_changes_the_activity(self):
        followup = self.promise()
        followup.next_action_date = self.soon + timedelta(days=2)
        self.assertEqual(self.activities().date_deadline, self.soon + timedelta(days=2))

    def test_the_next_follow_up_renews_the_promise(self):
        first = self.promise()
        second = self.promise(next_action_date=self.soon + timedelta(days=9))
        self.assertEqual(self.activities(), second.activity_id, "one promise, not two")
        self.assertFalse(first.activity_id)

    def test_a_promise_that_was_due_is_kept_by_the_next_follow_up(self):
        first = self.promise()
        first.activity_id.date_deadline = fields.Date.today()
        self.log()
        self.assertFalse(self.activities())

    def test_a_promise_for_later_stays_without_a_new_one(self):
        self.promise()
        self.log()
        self.assertEqual(len(self.activities()), 1)

    def test_it_is_not_in_the_past(self):
        with self.assertRaisesRegex(CrmValidationError, "after the follow-up"):
            self.promise(next_action_date=fields.Date.today() - timedelta(days=3))


class TestVisit(FollowupCase):
    def finish(self, visit, **vals):
        visit.write({"outcome_id": self.agreed.id, **vals})
        visit.action_finish()
        return visit

    def test_the_server_says_when_and_how_far(self):
        visit = self.visit(date="2026-01-01 00:00:00")
        answer = visit.check_in(*NEAR)
        self.assertEqual(answer["distance_m"], 111)
        self.assertLess(fields.Datetime.now() - visit.check_in_date, timedelta(minutes=1))
        self.assertEqual(visit.date, visit.check_in_date)
        self.finish(visit)
        self.assertTrue(visit.verified)
        self.assertEqual((visit.unverified, visit.evidence), (0, "on_site"))

    def test_far_away_is_unverified(self):
        visit = self.visit()
        visit.check_in(*FAR)
        self.finish(visit)
        self.assertEqual((visit.verified, visit.unverified, visit.missing), (False, 1, "far"))
        self.assertAlmostEqual(visit.distance_m, 11_119, delta=1)

    def test_a_position_without_uncertainty_is_unverified(self):
        visit = self.visit()
        visit.check_in(*DOOR, 0)
        self.assertEqual((self.finish(visit).verified, visit.missing), (False, "fake"))

    def test_a_visit_without_check_in_is_logged_unverified(self):
        visit = self.finish(self.visit())
        self.assertEqual((visit.state, visit.unverified, visit.missing), ("done", 1, "check_in"))

    def test_impossible_coordinates_are_refused(self):
        visit = self.visit()
        for position in ((91, 0, 5), (0, 0, 5), (float("nan"), 1, 5), (22, 114, -3), ("x", None, 1)):
            with self.subTest(position=position), self.assertRaisesRegex(CrmUserError, "does not exist"):
                visit.check_in(*position)
        self.assertFalse(visit.check_in_date)

    def test_check_out_comes_after_check_in_and_both_once(self):
        visit = self.visit()
        with self.assertRaisesRegex(CrmUserError, "Check in first"):
            visit.check_out(*NEAR)
        visit.check_in(*NEAR)
        with self.assertRaisesRegex(CrmUserError, "already"):
            visit.check_in(*NEAR)
        visit.sudo().check_in_date -= timedelta(minutes=42)
        self.assertEqual(visit.check_out(*NEAR)["duration"], 42)
        with self.assertRaisesRegex(CrmUserError, "already"):
            visit.check_out(*NEAR)

    def test_what_the_server_notes_cannot_be_written(self):
        visit = self.visit()
        for vals in ({"check_in_date": "2026-01-01 10:00:00"}, {"distance_m": 1}, {"verified": True}, {"activity_id": 1}):
            with self.subTest(vals=vals), self.assertRaisesRegex(CrmUserError, "noted by the server"):
                visit.write(vals)
            with self.assertRaisesRegex(CrmUserError, "noted by the server"):
                self.log(**vals)

    def test_only_the_salesperson_checks_in(self):
        visit = self.visit()
        with self.assertRaisesRegex(CrmUserError, "Only Ann"):
            visit.with_user(self.director).check_in(*NEAR)

    def test_an_unknown_address_takes_a_photo_and_may_be_learned(self):
        visit = self.visit(user=self.bob)
        self.assertEqual(visit.check_in(*NEAR)["distance_m"], False)
        visit.outcome_id = self.agreed
        visit.action_finish()
        self.assertEqual((visit.verified, visit.missing), (False, "photo"))
        with self.assertRaisesRegex(CrmUserError, "verified"):
            visit.action_set_customer_position()
        visit.photo_ids = self.upload(self.bob)
        self.assertTrue(visit.verified)
        self.assertTrue(visit.offers_position)
        visit.action_set_customer_position()
        self.assertEqual((self.customer_bob.partner_latitude, self.customer_bob.partner_longitude), NEAR[:2])
        self.assertFalse(visit.offers_position)

    def test_the_place_is_kept_when_asked_to(self):
        visit = self.visit(user=self.bob, keep_position=True)
        visit.check_in(*NEAR)
        visit.write({"photo_ids": [(4, self.upload(self.bob).id)], "outcome_id": self.agreed.id})
        visit.action_finish()
        self.assertEqual(self.customer_bob.partner_latitude, NEAR[0])

    def test_a_contact_with_coordinates_of_its_own_is_where_one_goes(self):
        plant = self.env["res.partner"].create(
            {"name": "Plant", "parent_id": self.customer_ann.id, "type": "other", "partner_latitude": FAR[0], "partner_longitude": FAR[1]}
        )
        self.assertEqual(self.visit(contact_id=plant.id).check_in(*FAR)["distance_m"], 0)


class TestEvidence(FollowupCase):
    def test_a_recording_proves_a_call(self):
        followup = self.log(recording_ids=[(4, self.upload(self.ann, SOUND, "call.wav").id)], duration=4)
        self.assertEqual((followup.verified, followup.evidence), (True, "recording"))
        self.assertEqual(self.log().missing, "recording")

    def test_a_photo_proves_one_follow_up_only(self):
        first = self.log(kind="wechat", photo_ids=[(4, self.upload(self.ann).id)])
        second = self.log(kind="wechat", photo_ids=[(4, self.upload(self.ann).id)])
        self.assertEqual((first.verified, second.verified), (True, False))
        other = self.log(kind="wechat", photo_ids=[(4, self.upload(self.ann, PICTURE + b"\0").id)])
        self.assertTrue(other.verified)

    def test_a_mail_of_that_day_proves_a_mail(self):
        self.customer_ann.with_user(self.ann).message_post(
            body="Our offer", partner_ids=self.customer_ann.ids, message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.assertEqual(self.log(kind="email").evidence, "message")
        self.assertEqual(self.log(kind="email", date=fields.Datetime.now() - timedelta(days=3)).missing, "message")

    def test_notes_are_neither(self):
        note = self.log(kind="note", outcome_id=False)
        self.assertEqual((note.verified, note.unverified), (False, 0))

    def test_the_leader_counts_unverified_ones_by_rep(self):
        self.log()
        self.log(recording_ids=[(4, self.upload(self.ann, SOUND, "call.wav").id)])
        self.log(user=self.bob)
        domain = [("state", "=", "done"), ("kind", "!=", "note")]
        groups = self.env["crm.followup"].with_user(self.nora).read_group(domain, ["unverified"], ["user_id"])
        self.assertEqual([(g["user_id"][0], g["user_id_count"], g["unverified"]) for g in groups], [(self.ann.id, 2, 1)])

    def test_the_radius_is_a_setting(self):
        self.env["ir.config_parameter"].set_param("crm_core.followup_radius", "50")
        visit = self.visit()
        visit.check_in(*NEAR)
        visit.write({"outcome_id": self.agreed.id, "state": "done"})
        self.assertEqual(visit.missing, "far")


class TestForm(FollowupCase):
    def open(self, record):
        context = {"active_model": record._name, "active_id": record.id}
        action = self.env.ref("crm_core.action_log_followup").with_user(self.ann).with_context(**context).run()
        return self.env["crm.followup"].with_user(self.ann).with_context(**action["context"]), action

    def test_it_opens_for_the_company_of_a_contact(self):
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.customer_ann.id})
        vals = self.open(contact)[0].default_get(["partner_id", "contact_id", "state"])
        self.assertEqual(vals, {"partner_id": self.customer_ann.id, "contact_id": contact.id, "state": "open"})

    def test_a_visit_in_progress_is_opened_again(self):
        self.assertFalse(self.open(self.customer_ann)[1]["res_id"])
        visit = self.visit()
        self.assertEqual(self.open(self.customer_ann)[1]["res_id"], visit.id)

    def test_it_needs_a_customer_or_lead(self):
        with self.assertRaisesRegex(CrmUserError, "Open a customer or lead"):
            self.env["crm.followup"].with_user(self.ann)._get_log_action()

    def test_the_whole_way(self):
        model, action = self.open(self.lead_ann)
        view = action["views"][0][0]
        form = Form(model, view=view)
        form.summary = "Two pumps"
        form.outcome_id = self.interested
        followup = form.save()
        self.assertEqual(followup.state, "open")
        self.assertEqual(followup.action_finish()["type"], "ir.actions.act_window_close")
        self.assertEqual((followup.state, followup.lead_id), ("done", self.lead_ann))


class TestTwoTapsAtOnce(SavepointCase):
    """Two requests of one form in two transactions, each as Odoo serves it: the loser is repeated, and finds what is there."""

    def test_one_follow_up(self):
        registry, key = self.registry, "two-taps-at-once"
        with registry.cursor() as cr:
            env = api.Environment(cr, self.env.uid, {})
            partner = env["res.partner"].create({"name": "Tapped", "is_customer": True})
        vals = {"partner_id": partner.id, "kind": "note", "form_key": key}
        ids, together = [], threading.Barrier(2, timeout=60)
        original = type(self.env["crm.claim.guard"])._hold
        held = threading.local()

        def hold(model, user_ids):
            if not getattr(held, "once", False):
                held.once = True
                model.env.cr.execute("SELECT 1")  # the snapshot is taken
                together.wait()
            return original(model, user_ids)

        def tap():
            with registry.cursor() as cr:
                ids.append(execute_twice(cr, self.env.uid, vals))

        def execute_twice(cr, uid, vals):
            for _attempt in range(3):
                try:
                    made = execute_cr(cr, uid, "crm.followup", "create", vals)
                    cr.commit()
                    return made
                except Exception as error:
                    cr.rollback()
                    if getattr(error, "pgcode", "") != "40001":
                        raise
            raise AssertionError("never got through")

        try:
            with patch.object(type(self.env["crm.claim.guard"]), "_hold", hold), mute_logger("odoo.sql_db"):
                threads = [threading.Thread(target=tap) for _one in range(2)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join(120)
            self.assertEqual(len(ids), 2)
            self.assertEqual(len(set(ids)), 1, "both taps made the same one")
        finally:
            with registry.cursor() as cr:
                env = api.Environment(cr, self.env.uid, {})
                env["crm.followup"].search([("form_key", "=", key)]).unlink()
                env["crm.claim.guard"].search([("user_id", "=", self.env.uid)]).unlink()
                env["res.partner"].browse(partner.id).unlink()
