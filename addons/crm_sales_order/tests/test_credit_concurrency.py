# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import threading
from unittest.mock import patch

import odoo
from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.service.model import execute_kw
from odoo.tests.common import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger
from psycopg2 import OperationalError

TRIES = 50


@tagged("post_install", "-at_install")
class TestCreditAtOnce(BaseCase):
    """Real threads, each call with its own cursor and commit, as the web server makes them; what is made is taken away.

    Fifty customers with two orders of 100 each, and credit for one: two people confirm at the same moment.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.db = get_db_name()
        cls.registry = odoo.registry(cls.db)
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"no_reset_password": True, "tracking_disable": True})
            group = env.ref("crm_core.group_sales_director")
            user = env["res.users"].create({"name": "Credit at once", "login": "credit-at-once", "groups_id": [(6, 0, group.ids)]})
            partners = env["res.partner"].create([{"name": "Credit %d" % number} for number in range(TRIES)])
            product = env["product.product"].create({"name": "Advice", "type": "service"})
            env["crm.credit.limit"].create([{"partner_id": partner.id, "policy": "fixed", "amount": 150.0} for partner in partners])
            line = {"product_id": product.id, "price_unit": 100.0, "tax_id": False}
            cls.orders = [
                [
                    env["sale.order"].create({"partner_id": partner.id, "user_id": user.id, "order_line": [(0, 0, line)]}).id
                    for partner in partners
                ]
                for _person in range(2)
            ]
            cls.user_id, cls.partner_ids, cls.product_id = user.id, partners.ids, product.id

    @classmethod
    def tearDownClass(cls):
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"active_test": False, "tracking_disable": True})
            orders = env["sale.order"].browse(cls.orders[0] + cls.orders[1])
            orders.with_context(disable_cancel_warning=True).action_cancel()
            orders.unlink()
            env["crm.notification"].search([("res_model", "=", "sale.order"), ("res_id", "in", orders.ids)]).unlink()
            env["product.product"].browse(cls.product_id).product_tmpl_id.unlink()
            user = env["res.users"].browse(cls.user_id)
            partners = user.partner_id | env["res.partner"].browse(cls.partner_ids)
            user.unlink()
            partners.unlink()
        super().tearDownClass()

    def call(self, order_id):
        """What a person does: presses again when Odoo gave up repeating a lost race."""
        while True:
            try:
                with api.Environment.manage():
                    return execute_kw(self.db, self.user_id, "sale.order", "action_confirm", [[order_id]])
            except OperationalError:
                continue

    def confirm(self, order_ids, refused, barrier):
        for order_id in order_ids:
            barrier.wait(60)
            try:
                self.call(order_id)
            except UserError as error:
                refused.append((order_id, error.args[0]))

    def test_two_orders_never_both_use_the_last_of_the_limit(self):
        refused, barrier = [], threading.Barrier(2)
        threads = [threading.Thread(target=self.confirm, args=(order_ids, refused, barrier)) for order_ids in self.orders]
        quick = patch("odoo.service.model.random.uniform", return_value=0.01)
        with quick, mute_logger("odoo.sql_db", "odoo.service.model"):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(300)
        self.assertFalse(any(thread.is_alive() for thread in threads))
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT partner_id, count(*) FROM sale_order WHERE partner_id = ANY(%s) AND state = 'sale' GROUP BY 1 ORDER BY 1",
                (self.partner_ids,),
            )
            self.assertEqual(cr.fetchall(), [(partner_id, 1) for partner_id in self.partner_ids])
        self.assertEqual(len(refused), TRIES)
        self.assertTrue(all("credit limit" in text for _order_id, text in refused))
