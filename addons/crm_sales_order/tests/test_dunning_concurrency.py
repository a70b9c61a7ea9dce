# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from contextlib import contextmanager, suppress
from datetime import timedelta

import odoo
import psycopg2
from odoo import SUPERUSER_ID, api, fields
from odoo.tests.common import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestDunningAtOnce(BaseCase):
    """Two runs, two transactions, and one whose connection is cut: committed data, cleaned up afterwards."""

    def setUp(self):
        super().setUp()
        self.registry = odoo.registry(get_db_name())
        self.addCleanup(self._clean_up)
        with self._transaction() as env:
            self.auto_send = env.company.dunning_auto_send
            env.company.dunning_auto_send = True
            levels = env["crm.dunning.level"].with_context(active_test=False).search([])
            self.active_ids = levels.filtered("active").ids
            levels.active = False
            level = env.ref("crm_sales_order.dunning_level_first")
            level.active = True
            env.cr.execute("SELECT max(id) FROM crm_dunning_notice")
            self.last_notice = env.cr.fetchone()[0] or 0
            partner = env["res.partner"].create({"name": "Late At Once", "email": "late@example.com", "is_company": True})
            day = fields.Date.today() - timedelta(days=level.days)
            line = {"name": "Seat", "quantity": 1.0, "price_unit": 1000.0, "tax_ids": [(5, 0, 0)]}
            move = env["account.move"].create(
                {"move_type": "out_invoice", "partner_id": partner.id, "invoice_date": day, "invoice_date_due": day,
                 "invoice_user_id": SUPERUSER_ID, "invoice_line_ids": [(0, 0, line)]}
            )  # fmt: skip
            move.action_post()
            self.partner_id, self.move_id = partner.id, move.id

    @contextmanager
    def _transaction(self):
        with api.Environment.manage(), self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
            yield env
            env["base"].flush()

    def _clean_up(self):
        with self._transaction() as env:
            env["mail.mail"].search([("recipient_ids", "in", [self.partner_id])]).unlink()
            env["crm.notification"].search([("key", "like", "crm.dunning,%"), ("res_id", "in", [self.partner_id, 0, False])]).unlink()
            env.cr.execute("DELETE FROM crm_dunning_notice WHERE id > %s", [self.last_notice])
            env["base"].invalidate_cache()
            levels = env["crm.dunning.level"].with_context(active_test=False).search([])
            levels.active = False
            levels.browse(self.active_ids).active = True
            env.company.dunning_auto_send = self.auto_send
            move = env["account.move"].browse(self.move_id)
            move.button_draft()
            move.with_context(force_delete=True).unlink()
            env["res.partner"].browse(self.partner_id).unlink()

    def _remind(self, env):
        notices = env["crm.dunning.level"]._remind(env.company)
        env["base"].flush()
        return notices.filtered(lambda notice: notice.partner_id.id == self.partner_id)

    def _count_letters(self):
        with self._transaction() as env:
            return env["mail.mail"].search_count([("recipient_ids", "in", [self.partner_id])])

    def test_of_two_runs_one_reminds_and_a_third_finds_nothing_to_do(self):
        with self._transaction() as loser:
            self.assertTrue(loser["account.move"].browse(self.move_id).name)
            with self._transaction() as winner:
                self.assertEqual(len(self._remind(winner)), 1)
            with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.Error):
                self._remind(loser)
            loser.cr.rollback()
            loser.clear()
            self.assertFalse(self._remind(loser))
        self.assertEqual(self._count_letters(), 1)

    def test_a_run_whose_connection_is_cut_leaves_nothing_and_the_next_one_reminds_once(self):
        with api.Environment.manage():
            cr = self.registry.cursor()
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
            self.assertEqual(len(self._remind(env)), 1)
            cr.execute("SELECT pg_backend_pid()")
            process = cr.fetchone()[0]
            with self._transaction() as other:
                other.cr.execute("SELECT pg_terminate_backend(%s)", [process])
            with mute_logger("odoo.sql_db"), self.assertRaises((psycopg2.OperationalError, psycopg2.InterfaceError)):
                cr.execute("SELECT 1")
            env.clear()
            with suppress(psycopg2.Error):
                cr.close()
        self.assertEqual(self._count_letters(), 0)
        with self._transaction() as env:
            self.assertEqual(len(self._remind(env)), 1)
        with self._transaction() as env:
            self.assertFalse(self._remind(env))
        self.assertEqual(self._count_letters(), 1)
