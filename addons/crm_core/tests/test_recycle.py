# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import random
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..engine import recycle
from ..exceptions import CrmUserError, CrmValidationError
from .test_pool import PoolCase


class RecycleCase(PoolCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.pool.rule"].search([]).active = False
        cls.env["crm.lead"].search([]).active = False
        cls.env["crm.lead"].with_context(active_test=False).browse(
            (cls.lead_ann + cls.lead_bob + cls.pooled + cls.pooled_east).ids
        ).active = True
        cls.now = fields.Datetime.now()

    @classmethod
    def rule(cls, **vals):
        return cls.env["crm.pool.rule"].create({"name": "Rule", "days": 7, "warn_days": 2, **vals})

    def set_days(self, record, **days):
        """Put moments ``days`` days ago."""
        record.flush()
        for name, number in days.items():
            moment = None if number is None else self.now - timedelta(days=number)
            self.env.cr.execute(
                "UPDATE %s SET %s = %%s WHERE id = %%s" % (record._table, name), (moment, record.id)
            )
        record.invalidate_cache()

    def age(self, record, number):
        since = record._owned_since_field()
        self.set_days(record, **{"create_date": number, since: number})

    def run_all(self, limit=1000):
        run = self.env["crm.recycle.run"].create(
            {"rule_ids": [(6, 0, self.env["crm.pool.rule"].search([]).ids)], "rule_count": 1}
        )
        while run._step(limit):
            pass
        return run


class TestRun(RecycleCase):
    def test_warned_first_then_recycled(self):
        self.rule()
        self.age(self.lead_ann, 30)
        run = self.run_all()
        self.assertEqual((run.warned, run.recycled), (1, 0))
        self.assertEqual(self.lead_ann.user_id, self.ann)
        self.set_days(self.lead_ann, recycle_warned_at=2)
        run = self.run_all()
        self.assertEqual((run.warned, run.recycled), (0, 1))
        self.assertEqual(self.lead_ann.pool_id, self.pool_general)
        self.assertEqual(self.lead_ann.holding_ids[0].reason, "recycled")
        self.assertEqual(self.lead_ann.holding_ids[0].note, "Rule")

    def test_rep_is_told_once_in_one_message_and_one_activity(self):
        self.rule()
        leads = self.lead_ann + self._lead(self.ann, "Second") + self._lead(self.ann, "Third")
        for number, lead in enumerate(leads):
            self.age(lead, 30 + number)
        before = self.env["mail.message"].search_count([("partner_ids", "in", self.ann.partner_id.ids)])
        self.run_all()
        self.run_all()
        messages = self.env["mail.message"].search([("partner_ids", "in", self.ann.partner_id.ids)])
        self.assertEqual(len(messages) - before, 1)
        self.assertIn("3 Leads go back", messages[0].subject)
        self.assertTrue(all(lead.name in messages[0].body for lead in leads[1:]))
        activity = leads.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertEqual((activity.user_id, activity.res_id), (self.ann, leads[2].id))

    def test_following_up_keeps_it(self):
        self.rule()
        self.age(self.lead_ann, 30)
        self.set_days(self.lead_ann, recycle_warned_at=3)
        self.lead_ann.with_user(self.ann).message_post(body="Called", message_type="comment")
        self.assertEqual(self.run_all().recycled, 0)

    def test_by_grade(self):
        self.rule(grade="A", warn_days=0)
        self.rule(grade="B", days=20, warn_days=0)
        graded = {grade: self._lead(self.ann, grade) for grade in "AB"}
        for grade, lead in graded.items():
            self.age(lead, 10)
            self.env.cr.execute("UPDATE crm_lead SET grade = %s WHERE id = %s", (grade, lead.id))
        self.lead_ann.invalidate_cache()
        self.run_all()
        self.assertTrue(graded["A"].pool_id)
        self.assertFalse(graded["B"].pool_id)

    def test_protected_closed_and_pooled_ones_stay(self):
        self.rule(warn_days=0)
        self.lead_bob.recycle_protected = True
        self.lead_ann.action_set_won()
        for lead in self.lead_ann + self.lead_bob + self.pooled:
            self.age(lead, 30)
        self.assertEqual(self.run_all().recycled, 0)

    def test_owner_gone(self):
        self.rule(trigger="owner_gone")
        self.bob.active = False
        self.run_all()
        self.assertTrue(self.lead_bob.pool_id)
        self.assertFalse(self.lead_ann.pool_id)

    def test_customer_without_order(self):
        """Without sales orders a won deal counts as one."""
        self.rule(res_model="res.partner", trigger="no_order", days=100, warn_days=0)
        for customer in self.customer_ann + self.customer_bob:
            self.age(customer, 200)
            self.set_days(customer, date_last_follow_up=1)
        self.lead_bob.partner_id = self.customer_bob
        self.lead_bob.action_set_won()
        self.set_days(self.lead_bob, date_closed=10)
        self.run_all()
        self.assertEqual(self.customer_ann.pool_id, self.pool_customer)
        self.assertFalse(self.customer_bob.pool_id)

    def test_customer_with_an_open_lead_stays(self):
        self.rule(res_model="res.partner", warn_days=0)
        for customer in self.customer_ann + self.customer_bob:
            self.age(customer, 30)
        self.lead_ann.partner_id = self.customer_ann
        self.run_all()
        self.assertFalse(self.customer_ann.pool_id)
        self.assertTrue(self.customer_bob.pool_id)

    def test_what_no_pool_takes_stays_and_is_counted(self):
        self.rule(warn_days=0, domain="[('name', '=', \"Ann's lead\")]")
        self.pool_general.active = False
        self.age(self.lead_ann, 30)
        self.assertEqual(self.run_all().homeless, 1)
        self.assertEqual(self.lead_ann.user_id, self.ann)

    def test_rule_may_name_the_pool(self):
        self.rule(warn_days=0, pool_id=self.pool_east.id)
        self.age(self.lead_ann, 30)
        self.run_all()
        self.assertEqual(self.lead_ann.pool_id, self.pool_east)

    def test_batches_do_the_same_as_one_go(self):
        self.rule(warn_days=2)
        self.rule(trigger="owner_gone")
        leads = self.env["crm.lead"].create([{"name": str(n), "user_id": self.ann.id} for n in range(23)])
        for number, lead in enumerate(leads):
            self.age(lead, 30)
            self.set_days(lead, recycle_warned_at=3 if number % 3 else None)
        run = self.run_all(limit=2)
        self.assertEqual((run.recycled, run.warned, run.state), (15, 8, "done"))
        self.assertEqual(len(leads.filtered("pool_id")), 15)

    def test_stopped_run_goes_on_where_it_was(self):
        self.rule(warn_days=0)
        leads = self.env["crm.lead"].create([{"name": str(n), "user_id": self.ann.id} for n in range(5)])
        for lead in leads:
            self.age(lead, 30)
        run = self.env["crm.recycle.run"].with_context(test_queue_job_no_delay=False)._start()
        run._step(limit=2)
        self.assertEqual((run.recycled, run.last_id), (2, leads[1].id))
        self.assertEqual(self.env["crm.recycle.run"]._start(), run)
        while run._step(limit=2):
            pass
        self.assertEqual(run.recycled, 5)

    def test_statements_do_not_grow_with_the_number(self):
        self.rule(warn_days=0)

        def count(number):
            leads = self.env["crm.lead"].create([{"name": "x", "user_id": self.ann.id} for _n in range(number)])
            for lead in leads:
                self.age(lead, 30)
            run = self.env["crm.recycle.run"].create({"rule_ids": [(6, 0, self.env["crm.pool.rule"].search([]).ids)]})
            before = self.env.cr.sql_log_count
            run._step()
            return self.env.cr.sql_log_count - before

        count(1)
        self.assertEqual(count(2), count(20))

    def test_job_runs_to_the_end(self):
        self.rule(warn_days=0)
        self.age(self.lead_ann, 30)
        self.env["crm.recycle.run"].with_context(test_queue_job_no_delay=True)._cron_run()
        self.assertTrue(self.lead_ann.pool_id)

    def test_directors_start_it_others_do_not(self):
        with self.assertRaises(CrmUserError):
            self.env["crm.recycle.run"].with_user(self.director).action_start()
        for user in self.ann + self.nora + self.executive:
            with self.assertRaises(AccessError):
                self.env["crm.recycle.run"].with_user(user).action_start()


class TestOracle(RecycleCase):
    def test_sql_says_what_the_engine_says(self):
        """500 random leads under three rules: SQL finds exactly those that ``decide`` names."""
        random.seed(20260310)
        rules = [recycle.Rule("no_follow_up", 7, 2), recycle.Rule("no_follow_up", 20, 0), recycle.Rule("owner_gone")]
        records = [self.rule(trigger=rule.trigger, days=rule.days, warn_days=rule.warn_days) for rule in rules]
        self.bob.active = False
        leads = self.env["crm.lead"].create(
            [{"name": str(n), "user_id": random.choice([self.ann, self.bob]).id} for n in range(500)]
        )
        leads.flush()
        facts = {}
        for lead in leads:
            hours = {name: random.choice([None, random.randrange(30 * 24)]) for name in ("owned", "followed", "warned")}
            moments = {name: hour and self.now - timedelta(hours=hour) for name, hour in hours.items()}
            facts[lead.id] = recycle.Record(
                created=self.now - timedelta(hours=random.randrange(40 * 24)),
                owner_active=lead.user_id == self.ann,
                owned_since=moments["owned"] or None,
                followed_up=moments["followed"] or None,
                warned=moments["warned"] or None,
                excluded=random.random() < 0.1,
            )
            fact = facts[lead.id]
            self.env.cr.execute(
                "UPDATE crm_lead SET create_date = %s, date_open = %s, date_last_follow_up = %s, recycle_warned_at = %s,"
                " recycle_protected = %s WHERE id = %s",
                (fact.created, fact.owned_since, fact.followed_up, fact.warned, fact.excluded, lead.id),
            )
        leads.invalidate_cache()
        for condition, verdict in ((recycle.recycle_condition, recycle.RECYCLE), (recycle.warn_condition, recycle.WARN)):
            found = {rule: set(record._find(condition, self.now, 0, 10**6)) & facts.keys() for rule, record in zip(rules, records)}
            for rule, ids in found.items():
                wanted = {rid for rid, fact in facts.items() if recycle.decide(fact, [rule], self.now) == verdict}
                self.assertEqual(ids, wanted)
                self.assertTrue(ids or rule.warn_days == 0)


class TestFollowUp(RecycleCase):
    def followed(self, record):
        record.invalidate_cache()
        return record.date_last_follow_up

    def test_message_of_the_owner_counts(self):
        self.lead_ann.with_user(self.ann).message_post(body="Called", message_type="comment")
        self.assertTrue(self.followed(self.lead_ann))

    def test_messages_of_others_and_notes_of_the_system_do_not(self):
        self.lead_ann.with_user(self.director).message_post(body="Well?", message_type="comment")
        self.lead_ann.with_user(self.ann).message_post(body="Tracked")
        self.assertFalse(self.followed(self.lead_ann))

    def test_old_messages_that_come_in_late_count_for_their_day(self):
        vals = {"model": "crm.lead", "message_type": "comment", "body": "Called"}
        day = self.now - timedelta(days=9)
        self.env["mail.message"].create(
            [
                {**vals, "res_id": self.lead_ann.id, "author_id": self.ann.partner_id.id, "date": day},
                {**vals, "res_id": self.lead_ann.id, "author_id": self.bob.partner_id.id, "date": self.now},
                {**vals, "res_id": self.lead_bob.id, "author_id": self.ann.partner_id.id, "date": self.now},
            ]
        )
        self.assertEqual(self.followed(self.lead_ann), day)
        self.assertFalse(self.followed(self.lead_bob))

    def test_finished_activity_counts(self):
        activity = self.lead_ann.activity_schedule("mail.mail_activity_data_call", user_id=self.ann.id)
        self.assertFalse(self.followed(self.lead_ann))
        activity.with_user(self.ann).action_feedback("Reached")
        self.assertTrue(self.followed(self.lead_ann))

    def test_stage_moved_by_the_owner_counts(self):
        stage = self.env["crm.stage"].search([("id", "!=", self.lead_ann.stage_id.id), ("is_won", "=", False)], limit=1)
        self.lead_bob.with_user(self.director).stage_id = stage
        self.lead_ann.with_user(self.ann).stage_id = stage
        self.assertTrue(self.followed(self.lead_ann))
        self.assertFalse(self.followed(self.lead_bob))

    def test_meeting_counts(self):
        self.env["calendar.event"].with_user(self.ann).create(
            {"name": "Visit", "start": self.now, "stop": self.now, "opportunity_id": self.lead_ann.id}
        )
        self.assertTrue(self.followed(self.lead_ann))

    def test_follow_up_of_a_lead_is_one_of_its_customer_with_the_same_owner(self):
        self.lead_ann.partner_id = self.customer_ann
        self.lead_bob.partner_id = self.customer_ann
        self.lead_bob.with_user(self.bob).message_post(body="Called", message_type="comment")
        self.assertFalse(self.followed(self.customer_ann))
        self.lead_ann.with_user(self.ann).message_post(body="Called", message_type="comment")
        self.assertTrue(self.followed(self.customer_ann))

    def test_follow_up_of_a_contact_is_one_of_its_company(self):
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.customer_ann.id})
        contact.with_user(self.ann).message_post(body="Called", message_type="comment")
        self.assertTrue(self.followed(self.customer_ann))


class TestRule(RecycleCase):
    def test_settings_that_make_no_sense_are_refused(self):
        for vals in (
            {"trigger": "no_order"},
            {"domain": "oops"},
            {"domain": "[('nonsense', '=', 1)]"},
            {"res_model": "res.partner", "grade": "A"},
            {"pool_id": self.pool_customer.id},
        ):
            with self.subTest(vals=vals), self.assertRaises(CrmValidationError):
                self.rule(**vals)
        for vals in ({"days": -1, "warn_days": -1}, {"days": 2, "warn_days": 3}):
            with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self.rule(**vals)

    def test_rule_shows_how_many_are_due(self):
        rule = self.rule()
        self.age(self.lead_ann, 30)
        self.assertEqual((rule.due_count, rule.warn_count), (0, 1))
        self.set_days(self.lead_ann, recycle_warned_at=3)
        self.assertEqual((rule.due_count, rule.warn_count), (1, 0))
