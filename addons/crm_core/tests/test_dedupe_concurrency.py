# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Real threads, cursors and commits: the guard is PostgreSQL's, not Python's."""

import threading
import time
from contextlib import contextmanager

import psycopg2
from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests.common import BaseCase, get_db_name, tagged

PHONE, EMAIL = "13799990001", "fifty@example.com"


@tagged("-at_install", "post_install")
class TestConcurrency(BaseCase):
    @contextmanager
    def env(self):
        with api.Environment.manage(), Registry(get_db_name()).cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})

    def setUp(self):
        super().setUp()
        self.addCleanup(self._remove)

    def _remove(self):
        with self.env() as env:
            env["crm.lead"].with_context(active_test=False).search([("name", "=", "Concurrent")]).unlink()

    def submit(self, vals, write):
        """As a worker: resolve, write what is to be created, commit; again after a serialization error."""
        for _attempt in range(60):
            try:
                with self.env() as env:
                    env.cr.execute("SELECT nextval('crm_lead_id_seq')")
                    lead_id = env.cr.fetchone()[0]
                    row = {"vals": vals, "company_id": env.company.id, "policy": "attach", "lead_id": lead_id}
                    decision = env["crm.dedupe"]._resolve([row])[0]
                    if decision["action"] == "create":
                        write(env, lead_id, vals)
                    return decision
            except psycopg2.errors.OperationalError as error:
                if error.pgcode not in ("40001", "40P01"):
                    raise
                time.sleep(0.005)
        raise AssertionError("never got through")

    @staticmethod
    def insert(env, lead_id, vals):
        env.cr.execute(
            "INSERT INTO crm_lead (id, name, type, active, company_id, phone, email_from)"
            " VALUES (%s, 'Concurrent', 'lead', TRUE, %s, %s, %s)",
            [lead_id, env.company.id, vals.get("phone"), vals.get("email_from")],
        )

    def run_all(self, jobs):
        results, errors = [], []

        def work(job):
            try:
                results.append(job())
            except Exception as error:
                errors.append(error)

        threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        self.assertFalse(errors)
        return results

    def test_fifty_at_once_make_one_lead(self):
        gate = threading.Barrier(10)

        def job():
            gate.wait(60)
            return [self.submit({"phone": PHONE, "email_from": EMAIL}, self.insert) for _each in range(5)]

        decisions = sum(self.run_all([job] * 10), [])
        self.assertEqual([decision["action"] for decision in decisions].count("create"), 1)
        self.assertEqual(len(decisions), 50)
        with self.env() as env:
            leads = env["crm.lead"].search([("phone", "=", PHONE)])
            self.assertEqual(len(leads), 1)
            self.assertEqual({decision["lead_id"] for decision in decisions}, set(leads.ids))

    def test_two_keys_claimed_crosswise_do_not_lock_each_other_out(self):
        """Each of two batches has the other's persons in the other order; both get through, one lead a person."""
        persons = ["1379999%04d" % number for number in range(20)]

        def batch(numbers):
            for _attempt in range(60):
                try:
                    with self.env() as env:
                        env.cr.execute("SELECT nextval('crm_lead_id_seq') FROM generate_series(1, %s)", [len(numbers)])
                        ids = [lead_id for (lead_id,) in env.cr.fetchall()]
                        rows = [
                            {"vals": {"phone": phone}, "company_id": env.company.id, "lead_id": lead_id}
                            for phone, lead_id in zip(numbers, ids)
                        ]
                        decisions = env["crm.dedupe"]._resolve(rows)
                        for row, decision in zip(rows, decisions):
                            if decision["action"] == "create":
                                self.insert(env, row["lead_id"], row["vals"])
                        return decisions
                except psycopg2.errors.OperationalError as error:
                    if error.pgcode == "40P01":
                        raise AssertionError("deadlock") from error
                    if error.pgcode != "40001":
                        raise
                    time.sleep(0.01)
            raise AssertionError("never got through")

        self.run_all([lambda: batch(persons), lambda: batch(persons[::-1]), lambda: batch(persons[10:] + persons[:10])])
        with self.env() as env:
            self.assertEqual(env["crm.lead"].search_count([("phone", "in", persons)]), len(persons))

    def test_two_people_typing_the_same_person_are_two_leads_with_one_guard(self):
        gate = threading.Barrier(2)

        def job():
            gate.wait(60)
            for _attempt in range(60):
                try:
                    with self.env() as env:
                        lead = env["crm.lead"].create({"name": "Concurrent", "phone": PHONE, "user_id": False})
                        lead.flush()
                        return lead.id
                except psycopg2.errors.OperationalError as error:
                    if error.pgcode not in ("40001", "40P01"):
                        raise
                    time.sleep(0.01)

        ids = self.run_all([job, job])
        with self.env() as env:
            env.cr.execute(
                "SELECT res_id, guards FROM crm_dedupe_key WHERE model = 'crm.lead' AND value = %s", ["+86" + PHONE]
            )
            rows = dict(env.cr.fetchall())
            self.assertEqual(set(rows), set(ids))
            self.assertEqual(sorted(rows.values()), [False, True])
