# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from functools import partial

import odoo
from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.tests.common import BaseCase, get_db_name, tagged

from .at_once import press, race

TRIES = 50


@tagged("post_install", "-at_install")
class TestCreditAtOnce(BaseCase):
    """Real threads, each call with its own cursor and commit, as the web server makes them; what is made is taken away.

    Fifty customers with two orders of 100 each, and credit for one: two people confirm at the same moment.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = odoo.registry(get_db_name())
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

    def confirm(self, order_ids, refused, barrier):
        for order_id in order_ids:
            barrier.wait(300)
            try:
                press(self.user_id, "sale.order", "action_confirm", [order_id])
            except UserError as error:
                refused.append((order_id, error.args[0]))

    def test_two_orders_never_both_use_the_last_of_the_limit(self):
        refused = []
        race([partial(self.confirm, order_ids, refused) for order_ids in self.orders])
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT partner_id, count(*) FROM sale_order WHERE partner_id = ANY(%s) AND state = 'sale' GROUP BY 1 ORDER BY 1",
                (self.partner_ids,),
            )
            self.assertEqual(cr.fetchall(), [(partner_id, 1) for partner_id in self.partner_ids])
        self.assertEqual(len(refused), TRIES)
        self.assertTrue(all("credit limit" in text for _order_id, text in refused))
