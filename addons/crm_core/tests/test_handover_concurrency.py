# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import threading
from unittest.mock import patch

import odoo
from odoo import SUPERUSER_ID, api
from odoo.service.model import execute_kw
from odoo.tests.common import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestHandoverAtOnce(BaseCase):
    """Calls with cursors and commits of their own, as the web server makes them.

    What is made here is committed, and taken away at the end.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.db = get_db_name()
        cls.registry = odoo.registry(cls.db)
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"no_reset_password": True, "tracking_disable": True})
            director, rep = (env.ref("crm_core.group_" + name).ids for name in ("sales_director", "sales_rep"))
            people = (("boss", director), ("giver", rep), ("taker", rep))
            vals_list = [{"name": name, "login": "ho-" + name, "groups_id": [(6, 0, groups)]} for name, groups in people]
            cls.user_ids = env["res.users"].create(vals_list).ids
        cls.boss, cls.giver, cls.taker = cls.user_ids

    @classmethod
    def tearDownClass(cls):
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
            cr.execute("DELETE FROM crm_handover WHERE from_user_id = ANY(%s)", (cls.user_ids,))
            env["crm.lead"].search([("user_id", "in", cls.user_ids)]).unlink()
            cr.execute("DELETE FROM crm_holding WHERE user_id = ANY(%(users)s) OR to_user_id = ANY(%(users)s)", {"users": cls.user_ids})
            users = env["res.users"].browse(cls.user_ids)
            partners = users.partner_id
            users.unlink()
            partners.unlink()
        super().tearDownClass()

    def setUp(self):
        """Three leads with an activity each, and a previewed handover of them."""
        super().setUp()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
            self.leads = env["crm.lead"].create([{"name": "L%d" % n, "user_id": self.giver} for n in range(3)]).ids
            kind = env["ir.model"]._get_id("crm.lead")
            env["mail.activity"].create(
                [{"res_model_id": kind, "res_id": lead, "user_id": self.giver, "summary": "Call"} for lead in self.leads]
            )
        vals = {"from_user_id": self.giver, "rule_ids": [(0, 0, {"receiver_ids": [(6, 0, [self.taker])]})]}
        self.handover = self.call("create", vals)
        self.call("action_preview", [self.handover])

    def tearDown(self):
        with self.registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})["crm.lead"].browse(self.leads).unlink()
        super().tearDown()

    def call(self, method, *args):
        with api.Environment.manage(), mute_logger("odoo.sql_db", "odoo.service.model"):
            return execute_kw(self.db, self.boss, "crm.handover", method, list(args))

    def rows(self, query):
        with self.registry.cursor() as cr:
            cr.execute(query, (self.leads,))
            return [value for (value,) in cr.fetchall()]

    def owners(self):
        activities = "SELECT DISTINCT user_id FROM mail_activity WHERE res_model = 'crm.lead' AND res_id = ANY(%s)"
        return self.rows("SELECT user_id FROM crm_lead WHERE id = ANY(%s) ORDER BY id"), self.rows(activities)

    def hook(self, method, before):
        """Call ``before`` once, inside the transaction, before a method of the handover."""
        cls = self.registry["crm.handover"]
        original, waiting = getattr(cls, method), [before]

        def wrapped(this, *args):
            if waiting:
                waiting.pop()()
            return original(this, *args)

        quick = patch("odoo.service.model.random.uniform", return_value=0.01)
        self.addCleanup(quick.stop)
        quick.start()
        return patch.object(cls, method, wrapped)

    def test_two_clicks_at_once(self):
        answers, barrier = [], threading.Barrier(2)

        def click():
            barrier.wait(60)
            answers.append(self.call("action_hand_over", [self.handover]))

        threads = [threading.Thread(target=click) for _number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        self.assertEqual(answers, [True, True])
        self.assertEqual(self.owners(), ([self.taker] * 3, [self.taker]))
        self.assertEqual(self.rows("SELECT count(*) FROM crm_holding WHERE reason = 'handed_over' AND lead_id = ANY(%s)"), [3])

    def test_an_error_in_the_last_kind_moves_nothing(self):
        def fail():
            raise RuntimeError("half-way")

        with self.hook("_move_activities", fail), self.assertRaisesRegex(RuntimeError, "half-way"):
            self.call("action_hand_over", [self.handover])
        self.assertEqual(self.owners(), ([self.giver] * 3, [self.giver]))
        self.assertEqual(self.rows("SELECT count(*) FROM crm_holding WHERE reason = 'handed_over' AND lead_id = ANY(%s)"), [0])
        self.call("action_hand_over", [self.handover])
        self.assertEqual(self.owners(), ([self.taker] * 3, [self.taker]))

    def test_a_record_that_changes_meanwhile(self):
        """Somebody else writes the owner of a lead while the handover runs: it is repeated, and says what changed."""

        def change():
            with self.registry.cursor() as cr:
                api.Environment(cr, SUPERUSER_ID, {})["crm.lead"].browse(self.leads[0]).write({"user_id": self.boss})

        with self.hook("_check_as_previewed", change), self.assertRaisesRegex(Exception, r"1 no longer open or owned \(L0\)"):
            self.call("action_hand_over", [self.handover])
        self.assertEqual(self.owners()[0], [self.boss, self.giver, self.giver])

    def test_a_harmless_change_meanwhile_is_waited_out(self):
        def change():
            with self.registry.cursor() as cr:
                api.Environment(cr, SUPERUSER_ID, {})["crm.lead"].browse(self.leads[0]).write({"name": "Renamed"})

        with self.hook("_check_as_previewed", change):
            self.call("action_hand_over", [self.handover])
        self.assertEqual(self.owners()[0], [self.taker] * 3)
        self.assertIn("Renamed", self.rows("SELECT name FROM crm_lead WHERE id = ANY(%s)"))
