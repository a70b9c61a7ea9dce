# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The first response: what counts, the reminder, and who gets the lead next."""

from datetime import timedelta

from .assignment_common import AssignmentCase


class ResponseCase(AssignmentCase):
    def setUp(self):
        super().setUp()
        self.two_hours = self.rule(self.ann, self.abe, self.bob, response_hours=2, warning_minutes=30)
        self.lead = self.free()
        self.assign(self.lead)
        self.assertEqual(self.lead.user_id, self.ann)

    def watch(self):
        self.env["crm.assignment"]._cron_watch()

    def get_assignments(self, lead=None):
        return self.env["crm.assignment"].search([("lead_id", "=", (lead or self.lead).id)], order="id")

    def get_inbox(self, user):
        notifications = self.env["mail.notification"].search([("res_partner_id", "=", user.partner_id.id)], order="id")
        return notifications.mail_message_id.sorted("id").mapped("body")

    def as_ann(self):
        """The lead in the hands of its owner, as in the web client."""
        return self.lead.with_user(self.ann).with_context(tracking_disable=False)


class TestAnswers(ResponseCase):
    def assert_answered(self):
        self.assertEqual(self.lead.first_response_state, "answered")
        self.assertEqual(self.get_assignments().state, "answered")
        self.assertFalse(self.lead.activity_ids)
        self.later(hours=3)
        self.watch()
        self.assertEqual(self.lead.user_id, self.ann)

    def test_a_note_or_message_of_the_owner_is_an_answer(self):
        self.as_ann().message_post(body="Called, sends drawings", message_type="comment")
        self.assert_answered()
        self.assertTrue(self.lead.first_responded_at)

    def test_a_mail_of_the_owner_is_an_answer(self):
        self.as_ann().message_post(body="Dear Ms Li", message_type="email", subtype_xmlid="mail.mt_comment")
        self.assert_answered()

    def test_the_first_response_activity_done_is_an_answer(self):
        self.as_ann().activity_ids.action_feedback(feedback="Called")
        self.assert_answered()

    def test_any_activity_done_is_an_answer(self):
        call = self.as_ann().activity_schedule("mail.mail_activity_data_call", user_id=self.ann.id)
        call.action_done()
        self.assert_answered()

    def test_a_stage_move_by_the_owner_is_an_answer(self):
        self.as_ann().stage_id = self.env["crm.stage"].search([("id", "!=", self.lead.stage_id.id)], limit=1)
        self.assert_answered()

    def test_a_lost_lead_was_answered(self):
        self.as_ann().action_set_lost()
        self.assertEqual(self.get_assignments().state, "answered")

    def test_what_others_do_is_no_answer(self):
        self.lead.message_post(body="Dear team", author_id=self.director.partner_id.id)
        self.lead.message_post(body="We need it soon", message_type="email", email_from="li@example.com")
        self.lead.with_user(self.director).stage_id = self.env["crm.stage"].search(
            [("id", "!=", self.lead.stage_id.id), ("is_won", "=", False)], limit=1
        )
        self.assertEqual(self.lead.first_response_state, "waiting")

    def test_a_change_of_other_fields_is_no_answer(self):
        self.as_ann().write({"priority": "2"})
        self.assertEqual(self.lead.first_response_state, "waiting")


class TestStates(ResponseCase):
    def test_states_follow_the_clock_and_can_be_searched(self):
        leads = self.env["crm.lead"]
        for minutes, state in ((0, "waiting"), (95, "soon"), (30, "late")):
            self.later(minutes=minutes)
            self.lead.invalidate_cache()
            self.assertEqual(self.lead.first_response_state, state)
            for other in ("waiting", "soon", "late", "answered"):
                found = leads.search([("id", "=", self.lead.id), ("first_response_state", "=", other)])
                self.assertEqual(bool(found), other == state)
            self.assertTrue(leads.search([("id", "=", self.lead.id), ("first_response_state", "in", ("late", state))]))
            self.assertFalse(leads.search([("id", "=", self.lead.id), ("first_response_state", "!=", state)]))
        self.assertFalse(leads.search([("id", "=", self.lead.id), ("first_response_state", "=", False)]))


class TestWatch(ResponseCase):
    def test_the_rep_is_reminded_once_before_the_time_is_up(self):
        self.later(minutes=80)
        self.watch()
        self.assertEqual(len(self.get_inbox(self.ann)), 1)
        self.later(minutes=15)
        self.watch()
        self.watch()
        self.assertEqual(len(self.get_inbox(self.ann)), 2)
        self.assertIn("wait for your first answer", self.get_inbox(self.ann)[1])
        self.assertEqual(self.lead.user_id, self.ann)

    def test_an_unanswered_lead_goes_to_the_next_rep_and_the_leader_is_told(self):
        self.later(hours=2)
        self.watch()
        self.assertEqual(self.lead.user_id, self.abe)
        self.assertEqual(self.get_assignments().mapped("state"), ["passed", "waiting"])
        self.assertEqual(self.lead.first_response_due, self.now + timedelta(hours=2))
        holding = self.env["crm.holding"].search([("lead_id", "=", self.lead.id)], order="id desc", limit=1)
        self.assertEqual((holding.reason, holding.from_user_id), ("first_response", self.ann))
        self.assertEqual(len(self.get_inbox(self.eli)), 1)  # leads ann's team
        mine, theirs = (self.lead.activity_ids.filtered(lambda one, user=user: one.user_id == user) for user in (self.abe, self.eli))
        self.assertEqual(mine.activity_type_id, self.env.ref("crm_core.mail_activity_first_response"))
        self.assertIn("Ann did not answer in time", theirs.summary)
        self.assertEqual(len(self.lead.activity_ids), 2)

    def test_it_never_comes_back_to_who_had_it(self):
        for expected in (self.abe, self.bob, self.bob, self.bob):
            self.later(hours=2)
            self.watch()
            self.assertEqual(self.lead.user_id, expected)

    def test_nobody_left_the_leader_is_told_once(self):
        for _turn in range(5):
            self.later(hours=2)
            self.set_now(self.now if self.now.hour < 8 else self.now.replace(hour=2) + timedelta(days=1))
            self.watch()
        self.assertEqual(len(self.get_inbox(self.eli)), 2)  # ann, then abe
        self.assertEqual(len(self.get_inbox(self.sam)), 1)  # bob, once
        self.assertEqual(self.lead.first_response_state, "late")

    def test_who_held_it_by_hand_before_does_not_get_it_either(self):
        lead = self.free()
        lead.user_id = self.bob
        lead.user_id = False
        self.env["crm.assignment.rule"].search([("id", "!=", self.two_hours.id)]).active = False
        self.assign(lead)
        self.assertEqual(lead.user_id, self.abe)
        self.later(hours=2)
        self.watch()
        self.assertEqual(lead.user_id, self.ann)
        self.later(hours=2)
        self.watch()
        self.assertEqual(lead.user_id, self.ann)

    def test_limits_hold_for_the_next_rep(self):
        self.env["crm.assignment.capacity"].create({"user_id": self.abe.id, "daily_limit": 1})
        self.env["crm.assignment.rule"]._assign(self.free())
        self.later(hours=2)
        self.watch()
        self.assertEqual(self.lead.user_id, self.bob)

    def test_nothing_moves_outside_working_hours(self):
        lead = self.free()
        self.set_now(self.now.replace(hour=8))
        self.assign(lead)
        self.set_now(self.now.replace(hour=13))
        self.watch()
        self.assertEqual(self.get_assignments(lead).mapped("state"), ["waiting"])

    def test_a_lead_handed_over_by_hand_has_no_time_limit(self):
        self.lead.with_user(self.director).user_id = self.bob
        self.assertFalse(self.lead.first_response_due)
        self.assertEqual(self.get_assignments().state, "ended")
        self.later(hours=3)
        self.watch()
        self.assertEqual(self.lead.user_id, self.bob)

    def test_a_released_lead_has_none_either(self):
        pool = self.env["crm.pool"].create({"name": "Pool", "company_id": False})
        self.env["crm.holding"]._transfer("crm.lead", {self.lead.id: False}, "released", pool_id=pool.id)
        self.assertFalse(self.lead.first_response_due)
        self.later(hours=3)
        self.watch()
        self.assertFalse(self.lead.user_id)

    def test_a_lead_closed_by_somebody_else_waits_for_nothing(self):
        self.lead.with_user(self.director).action_set_lost()
        self.later(hours=3)
        self.watch()
        self.assertEqual((self.lead.user_id, self.get_assignments().state), (self.ann, "ended"))

    def test_without_a_leader_the_directors_are_told(self):
        (self.east + self.north).user_id = False
        self.later(hours=2)
        self.watch()
        self.assertEqual(len(self.get_inbox(self.director)), 1)

    def test_statistics_by_rule_and_rep(self):
        self.later(hours=2)
        self.watch()
        self.lead.with_user(self.abe).message_post(body="Called", message_type="comment")
        self.lead.with_user(self.abe).action_set_won()
        (self.env["crm.lead"] + self.lead).flush()
        rows = self.env["crm.assignment.report"].read_group(
            [("lead_id", "=", self.lead.id)], ["assigned", "in_time", "passed_on", "won"], ["user_id"]
        )
        figures = {row["user_id"][0]: (row["assigned"], row["in_time"], row["passed_on"], row["won"]) for row in rows}
        self.assertEqual(figures, {self.ann.id: (1, 0, 1, 0), self.abe.id: (1, 1, 0, 1)})
