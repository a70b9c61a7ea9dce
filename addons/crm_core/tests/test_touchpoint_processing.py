# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The pipeline from submissions to leads: what becomes of each, and that a bad one never stops the others."""

from unittest.mock import patch

import psycopg2
from odoo.tests.common import SavepointCase, tagged
from odoo.tools import mute_logger

from ..models.crm_touchpoint_processing import SYSTEMIC


@tagged("post_install", "-at_install")
class TestProcessing(SavepointCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel = cls.env["crm.intake.channel"].create({"name": "Form", "kind": "website"})
        cls.owner = cls.env["res.users"].create(
            {"name": "Olga", "login": "olga", "groups_id": [(6, 0, cls.env.ref("crm_core.group_sales_rep").ids)]}
        )
        cls.number = 0

    def submit(self, *payloads, channel=None):
        rows = []
        for payload in payloads:
            type(self).number += 1
            rows.append({"payload": payload, "idempotency_key": "p%d" % self.number})
        return self.env["crm.touchpoint"].browse(self.env["crm.touchpoint"]._accept_rows(channel or self.channel, rows))

    def person(self, number, **more):
        return {"name": "Person %d" % number, "phone": "138001%05d" % number, **more}

    def process(self, *payloads, channel=None):
        touchpoints = self.submit(*payloads, channel=channel)
        touchpoints._process()
        return touchpoints

    # -- what becomes of a submission --------------------------------------------------------------------------------

    def test_a_stranger_becomes_a_lead_with_the_touchpoint(self):
        touchpoint = self.process(self.person(1, email="one@example.com"))
        lead = touchpoint.lead_id
        self.assertEqual((touchpoint.state, touchpoint.outcome, touchpoint.attempts), ("done", "created", 1))
        found = (lead.contact_name, lead.email_normalized, lead.phone_sanitized)
        self.assertEqual(found, ("Person 1", "one@example.com", "+8613800100001"))
        self.assertEqual((lead.first_touch_id, lead.touchpoint_count), (touchpoint, 1))
        self.assertTrue(lead.grade)

    def test_the_same_person_twice_in_a_batch_is_one_lead(self):
        touchpoints = self.process(self.person(2), self.person(3), self.person(2, message="again"))
        self.assertEqual(touchpoints.mapped("outcome"), ["created", "created", "attached"])
        self.assertEqual(touchpoints[0].lead_id, touchpoints[2].lead_id)
        self.assertEqual(len(touchpoints.lead_id), 2)

    def test_a_known_lead_gets_the_touchpoint_and_its_owner_one_message(self):
        lead = self.process(self.person(4)).lead_id
        self.env["crm.holding"]._transfer("crm.lead", {lead.id: self.owner.id}, "assigned")
        touchpoints = self.process(self.person(4), self.person(4, message="hello?"))
        self.assertEqual(touchpoints.lead_id, lead)
        self.assertEqual(set(touchpoints.mapped("outcome")), {"attached"})
        told = lead.message_ids.filtered(lambda message: self.owner.partner_id in message.notified_partner_ids)
        self.assertEqual(len(told), 1)
        self.assertIn("2 times", told.body)
        inbox = self.env["mail.message"].with_user(self.owner).search([("needaction", "=", True)])
        self.assertEqual(inbox, told)
        self.assertFalse(self.env["mail.mail"].search([("mail_message_id", "in", told.ids)]), "no flood of mails")

    def test_a_customer_gets_a_new_lead_for_its_owner_and_stays_as_it_is(self):
        partner = self.env["res.partner"].create(
            {
                "name": "Known",
                "phone": "+86 138 0010 0005",
                "email": "known@example.com",
                "user_id": self.owner.id,
                "is_customer": True,
            }
        )
        touchpoint = self.process(self.person(5, email="new@example.com"))
        self.assertEqual((touchpoint.lead_id.partner_id, touchpoint.lead_id.user_id), (partner, self.owner))
        self.assertEqual((touchpoint.outcome, touchpoint.partner_id), ("linked", partner))
        self.assertEqual(touchpoint.lead_id.email_from, "new@example.com")
        self.assertEqual((partner.phone, partner.email), ("+86 138 0010 0005", "known@example.com"))

    def test_after_a_lost_lead_there_is_a_new_one(self):
        lost = self.process(self.person(6)).lead_id
        lost.action_set_lost()
        touchpoint = self.process(self.person(6))
        self.assertNotEqual(touchpoint.lead_id, lost)
        self.assertEqual(touchpoint.outcome, "linked")

    def test_a_channel_may_reject_whom_it_knows(self):
        strict = self.env["crm.intake.channel"].create({"name": "Strict", "kind": "website", "dedupe_policy": "reject"})
        lead = self.process(self.person(7)).lead_id
        touchpoint = self.process(self.person(7), channel=strict)
        self.assertEqual((touchpoint.state, touchpoint.outcome), ("done", "rejected"))
        self.assertEqual(lead.touchpoint_count, len(lead.touchpoint_ids))
        self.assertEqual(self.env["crm.lead"].search_count([("phone_sanitized", "=", "+8613800100007")]), 1)

    def test_processing_again_does_nothing(self):
        touchpoint = self.process(self.person(8))
        self.assertEqual(touchpoint._process(), 0)
        self.assertEqual(touchpoint.attempts, 1)

    # -- bad rows ----------------------------------------------------------------------------------------------------

    def test_what_cannot_be_read_is_dead_with_its_reason(self):
        touchpoints = self.process("{broken", self.person(9), {"message": "who am I?"})
        self.assertEqual(touchpoints.mapped("state"), ["dead", "done", "dead"])
        self.assertIn("JSON", touchpoints[0].reason)
        self.assertFalse(touchpoints[0].lead_id)

    @mute_logger("odoo.sql_db")
    def test_what_the_database_refuses_is_found_and_the_others_go_on(self):
        self.env.cr.execute("ALTER TABLE crm_lead ADD CONSTRAINT flow_test CHECK (contact_name != 'Person 13')")
        touchpoints = self.process(*(self.person(number) for number in range(10, 40)))
        dead = touchpoints.filtered(lambda touchpoint: touchpoint.state == "dead")
        self.assertEqual(dead, touchpoints[3])
        self.assertIn("flow_test", dead.reason)
        self.assertEqual(len((touchpoints - dead).lead_id), 29)
        self.env.cr.execute("ALTER TABLE crm_lead DROP CONSTRAINT flow_test")
        dead.action_replay()
        dead._process()
        self.assertEqual((dead.state, dead.outcome), ("done", "created"))

    def test_when_everything_fails_the_rows_are_not_to_blame(self):
        touchpoints = self.submit(*(self.person(number) for number in range(40, 40 + SYSTEMIC)))
        with patch.object(type(self.env["crm.dedupe"]), "_resolve", side_effect=ValueError("out of order")):
            with self.assertRaisesRegex(ValueError, "out of order"):
                touchpoints._process()
        self.assertEqual(set(touchpoints.mapped("state")), {"received"})
        self.assertEqual(touchpoints._process(), SYSTEMIC)

    def test_transient_problems_go_to_the_job_that_tries_again(self):
        touchpoint = self.submit(self.person(70))
        problem = psycopg2.errors.SerializationFailure("could not serialize access")
        with patch.object(type(self.env["crm.dedupe"]), "_resolve", side_effect=problem):
            with self.assertRaises(psycopg2.OperationalError):
                touchpoint._process()
        self.assertEqual(touchpoint.state, "received")

    # -- beside others -----------------------------------------------------------------------------------------------

    def test_somebody_another_transaction_works_on_waits(self):
        touchpoints = self.submit(self.person(80), self.person(81))
        with self.registry.cursor() as other:
            mine = self.env["crm.touchpoint"]
            [key] = set(mine._get_identities({"phone": "13800100080"}))
            other.execute("SELECT pg_advisory_xact_lock(73101, hashtext(%s))", [key])
            self.assertEqual(touchpoints._process(), 1)
            self.assertEqual(touchpoints.mapped("state"), ["received", "done"])
        self.assertEqual(touchpoints._process(), 1)
        self.assertEqual(touchpoints[0].state, "done")

    # -- jobs --------------------------------------------------------------------------------------------------------

    def jobs(self):
        return self.env["queue.job"].search([("method_name", "=", "_drain"), ("state", "in", ("pending", "enqueued", "started"))])

    def test_one_pending_job_is_enough_and_a_started_one_is_not(self):
        touchpoint_model = self.env["crm.touchpoint"]
        self.jobs().button_cancelled()
        for _number in range(3):
            touchpoint_model._wake_processing()
        job = self.jobs()
        self.assertEqual(len(job), 1)
        self.assertEqual((job.channel, job.max_retries > 0), ("root.intake", True))
        job.state = "started"
        touchpoint_model._wake_processing()
        self.assertEqual(len(self.jobs()), 2, "the started one may have looked already")

    def test_the_scheduled_action_finds_a_backlog_nobody_works_on(self):
        self.jobs().button_cancelled()
        self.submit(self.person(90))
        self.env["crm.touchpoint"]._cron_process()
        self.assertEqual(len(self.jobs()), 1)

    def test_the_oldest_go_first_and_the_index_serves(self):
        touchpoints = self.submit(self.person(91), self.person(92), self.person(93))
        self.env.cr.execute("SELECT min(id) FROM crm_touchpoint WHERE state = 'received'")
        [oldest] = self.env.cr.fetchone()
        self.assertEqual(self.env["crm.touchpoint"]._take(2)[0], oldest)
        self.assertLessEqual(oldest, touchpoints[0].id)

    # -- cost --------------------------------------------------------------------------------------------------------

    def test_the_number_of_queries_does_not_follow_the_number_of_submissions(self):
        def queries(first, number):
            touchpoints = self.submit(*(self.person(first + count) for count in range(number)))
            self.env.cache.invalidate()
            before = self.env.cr.sql_log_count
            touchpoints._process()
            return self.env.cr.sql_log_count - before

        queries(100, 5)
        self.assertLessEqual(queries(1000, 300) - queries(200, 30), 12)
