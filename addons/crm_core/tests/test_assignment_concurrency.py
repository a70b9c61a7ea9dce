# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Limits hold when transactions assign at the same time. Data is committed here, and taken away afterwards."""

import threading

import psycopg2
from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import mute_logger

LIMIT = 20
LEADS = 80
WORKERS = 4


class TestConcurrentRuns(BaseCase):
    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.addCleanup(self.run_in_transaction, self.clean_up)
        self.run_in_transaction(self.prepare)

    def run_in_transaction(self, function, *args):
        with api.Environment.manage(), self.registry.cursor() as cr:
            return function(api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True, "no_reset_password": True}), *args)

    def prepare(self, env):
        self.paused = env["crm.assignment.rule"].search([]).ids
        env["crm.assignment.rule"].browse(self.paused).write({"active": False})
        reps = env["res.users"].create([{"name": "Rep %d" % one, "login": "concurrent%d" % one} for one in range(2)])
        rule = env["crm.assignment.rule"].create(
            {
                "name": "Concurrent",
                "company_id": False,
                "only_at_work": False,
                "domain": "[('name', '=like', 'Concurrent %')]",
                "member_ids": [(0, 0, {"user_id": reps[0].id, "daily_limit": LIMIT}), (0, 0, {"user_id": reps[1].id})],
            }
        )
        env["crm.assignment.capacity"].create({"user_id": reps[1].id, "held_limit": LIMIT})
        leads = env["crm.lead"].create([{"name": "Concurrent %d" % one, "user_id": False} for one in range(LEADS)])
        self.rule_id, self.rep_ids, self.lead_ids = rule.id, reps.ids, leads.ids

    def clean_up(self, env):
        env["crm.lead"].browse(self.lead_ids).exists().unlink()
        env["crm.assignment.rule"].browse(self.rule_id).exists().unlink()
        env["crm.assignment.rule"].browse(self.paused).write({"active": True})
        env["queue.job"].search([("model_name", "=", "crm.assignment.rule")]).unlink()
        # the log of who held what is nobody's to delete, and names its users
        env.cr.execute("DELETE FROM crm_holding WHERE to_user_id = ANY(%s)", [self.rep_ids])
        users = env["res.users"].browse(self.rep_ids).exists()
        partners = users.partner_id
        users.unlink()
        partners.unlink()

    def assign(self, lead_ids, results):
        """A worker: assigns its leads one transaction a lead, as intake does; counts what the guard held up."""
        for lead_id in lead_ids:
            try:
                with mute_logger("odoo.sql_db"):
                    run = self.run_in_transaction(self.assign_one, lead_id)
            except psycopg2.OperationalError:
                run = None  # the lead or the rotation was changed meanwhile: a job would be tried again
            results.append("blocked" if run is None or run.blocked else "given" if run.get_owners() else "free")

    def assign_one(self, env, lead_id):
        return env["crm.assignment.rule"]._assign_ids([lead_id])

    def test_nobody_gets_more_than_the_limit(self):
        results = []
        threads = [threading.Thread(target=self.assign, args=(self.lead_ids[number::WORKERS], results)) for number in range(WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.run_in_transaction(lambda env: env["crm.assignment.rule"]._run_job([]))
        counts = self.run_in_transaction(self.count)
        self.assertEqual(counts, dict.fromkeys(self.rep_ids, (LIMIT, LIMIT, LIMIT)))
        self.assertIn("given", results)

    def count(self, env):
        """{user: (leads owned, assignments logged, the guard's count)}"""
        return {
            user_id: (
                env["crm.lead"].search_count([("user_id", "=", user_id)]),
                env["crm.assignment"].search_count([("user_id", "=", user_id)]),
                sum(env["crm.assignment.day"].search([("user_id", "=", user_id)]).mapped("assigned_count")),
            )
            for user_id in self.rep_ids
        }

    def test_who_comes_second_does_not_wait_and_leaves_it_to_the_job(self):
        with api.Environment.manage(), self.registry.cursor() as first, self.registry.cursor() as second:
            env, other = (api.Environment(cr, SUPERUSER_ID, {}) for cr in (first, second))
            other["crm.lead"].browse(self.lead_ids).mapped("name")  # the second one's view of the data is as of now
            self.assertEqual(len(env["crm.assignment.rule"]._assign(env["crm.lead"].browse(self.lead_ids[:3]))), 3)
            leads = other["crm.lead"].browse(self.lead_ids[3:6])
            with mute_logger("odoo.sql_db"):
                self.assertEqual(other["crm.assignment.rule"]._assign(leads), {})
                env["base"].flush()
                first.commit()
                self.assertEqual(other["crm.assignment.rule"]._assign(leads), {})  # its view is old
            self.assertFalse(leads.user_id)
            other["base"].flush()
            second.commit()
        jobs = self.run_in_transaction(
            lambda env: env["queue.job"].search_count([("model_name", "=", "crm.assignment.rule"), ("state", "=", "pending")])
        )
        self.assertEqual(jobs, 1)
        self.run_in_transaction(lambda env: env["crm.assignment.rule"]._run_job([]))
        self.assertEqual(sum(owned for owned, _logged, _guard in self.run_in_transaction(self.count).values()), 2 * LIMIT)
