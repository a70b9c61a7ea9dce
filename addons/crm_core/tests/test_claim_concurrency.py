# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import threading
from collections import Counter
from unittest.mock import patch

import odoo
from odoo import SUPERUSER_ID, api
from odoo.service.model import execute_kw
from odoo.tests.common import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

ROUNDS = 200


@tagged("post_install", "-at_install")
class TestClaimsAtOnce(BaseCase):
    """Real threads, each call with its own cursor and commit, as the web server makes them.

    What is made here is committed, and taken away at the end.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.db = get_db_name()
        cls.registry = odoo.registry(cls.db)
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"no_reset_password": True, "tracking_disable": True})
            group = env.ref("crm_core.group_sales_rep")
            cls.user_ids = [
                env["res.users"].create({"name": name, "login": name, "groups_id": [(6, 0, group.ids)]}).id
                for name in ("claim-one", "claim-two")
            ]
            vals = {"name": "At once", "claim_limit_day": 0, "claim_limit_held": 0, "member_ids": [(6, 0, cls.user_ids)]}
            cls.pool_id = env["crm.pool"].create(vals).id

    @classmethod
    def tearDownClass(cls):
        with cls.registry.cursor() as cr:
            cr.execute("DELETE FROM crm_holding WHERE user_id = ANY(%s)", (cls.user_ids,))
            env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
            env["crm.lead"].search(
                ["|", ("pool_id", "=", cls.pool_id), ("claimed_pool_id", "=", cls.pool_id)]
            ).unlink()
            env["crm.pool"].browse(cls.pool_id).unlink()
            partners = env["res.users"].browse(cls.user_ids).partner_id
            env["res.users"].browse(cls.user_ids).unlink()
            partners.unlink()
        super().tearDownClass()

    def make_leads(self, number):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
            return env["crm.lead"].create([{"name": "L%d" % n, "pool_id": self.pool_id} for n in range(number)]).ids

    def set_pool(self, **vals):
        with self.registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})["crm.pool"].browse(self.pool_id).write(vals)

    def owners(self, lead_ids):
        with self.registry.cursor() as cr:
            cr.execute("SELECT user_id FROM crm_lead WHERE id = ANY(%s) ORDER BY id", (lead_ids,))
            return [user_id for (user_id,) in cr.fetchall()]

    def claim_at_once(self, jobs):
        """Run lists of (user id, lead id), one list per thread, step by step at the same moment.

        :return: list per thread of the errors' texts, "" where the claim went through
        """
        barrier = threading.Barrier(len(jobs))
        answers = [[] for _job in jobs]

        def run(steps, texts):
            for user_id, lead_id in steps:
                barrier.wait(60)
                try:
                    with api.Environment.manage():
                        execute_kw(self.db, user_id, "crm.pool.lead", "action_claim", [[lead_id]])
                    texts.append("")
                except Exception as error:  # pylint: disable=broad-except
                    texts.append("%s: %s" % (type(error).__name__, error))

        threads = [threading.Thread(target=run, args=pair) for pair in zip(jobs, answers)]
        # a call that lost waits up to seconds before it is repeated: not here
        quick = patch("odoo.service.model.random.uniform", return_value=0.01)
        with quick, mute_logger("odoo.sql_db", "odoo.service.model"):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(300)
        return answers

    def test_two_reps_one_lead(self):
        leads = self.make_leads(ROUNDS)
        answers = self.claim_at_once([[(user_id, lead_id) for lead_id in leads] for user_id in self.user_ids])
        owners = self.owners(leads)
        for number in range(ROUNDS):
            texts = [answers[0][number], answers[1][number]]
            self.assertEqual(sorted(map(bool, texts)), [False, True], texts)
            self.assertEqual(owners[number], self.user_ids[texts.index("")])
            self.assertIn("was just claimed by a colleague", max(texts))

    def test_one_rep_twice_at_once_keeps_the_limit(self):
        self.set_pool(claim_limit_day=0, claim_limit_held=0)
        before = self.count_held()
        self.set_pool(claim_limit_held=before + 5)
        leads = self.make_leads(20)
        user_id = self.user_ids[0]
        answers = self.claim_at_once([[(user_id, lead) for lead in leads[start::2]] for start in (0, 1)])
        self.set_pool(claim_limit_held=0)
        self.assertEqual(Counter(self.owners(leads))[user_id], 5)
        refused = [text for texts in answers for text in texts if text]
        self.assertEqual(len(refused), 15)
        self.assertTrue(all("You hold" in text for text in refused), refused)

    def count_held(self):
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT count(*) FROM crm_lead WHERE user_id = %s AND claimed_pool_id = %s",
                (self.user_ids[0], self.pool_id),
            )
            return cr.fetchone()[0]
