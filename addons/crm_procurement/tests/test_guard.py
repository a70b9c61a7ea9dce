# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import odoo
from odoo import SUPERUSER_ID, api
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger
from psycopg2 import errors


@tagged("post_install", "-at_install")
class TestGuard(BaseCase):
    """Two buyers at once, each in a transaction of their own. What they commit is removed afterwards."""

    def setUp(self):
        super().setUp()
        self.registry = odoo.registry(get_db_name())
        with self.registry.cursor() as cr:
            self.product_id = self._env(cr)["product.product"].create({"name": "Guarded"}).id
        self.addCleanup(self._remove_product)

    def _env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {})

    def _remove_product(self):
        with self.registry.cursor() as cr:
            self._env(cr)["product.product"].browse(self.product_id).product_tmpl_id.unlink()

    def _acquire(self, cr):
        env = self._env(cr)
        env["crm.purchase.guard"]._acquire(env["product.product"].browse(self.product_id))

    def test_second_plan_waits_while_the_first_one_looks(self):
        with self.registry.cursor() as first, self.registry.cursor() as second:
            self._acquire(first)
            second.execute("SET LOCAL lock_timeout = '200ms'")
            with self.assertRaises(errors.LockNotAvailable), mute_logger("odoo.sql_db"):
                self._acquire(second)
            first.rollback()
            second.rollback()

    def test_plan_on_an_old_snapshot_is_started_again_by_odoo(self):
        with self.registry.cursor() as first, self.registry.cursor() as second:
            second.execute("SELECT 1 FROM product_product LIMIT 1")  # the snapshot from before the first one bought
            self._acquire(first)
            first.commit()
            with self.assertRaises(errors.SerializationFailure), mute_logger("odoo.sql_db"):
                self._acquire(second)
            second.rollback()
