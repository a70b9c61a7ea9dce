# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from functools import partial

import odoo
from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.tests.common import BaseCase, get_db_name, tagged

from .at_once import press, race

SESSIONS, ROUNDS, STOCK = 4, 4, 5


@tagged("post_install", "-at_install")
class TestPromiseAtOnce(BaseCase):
    """Real threads, each call with its own cursor and commit, as the web server makes them; what is made is taken away.

    Two products, five pieces each; sixteen orders of one piece of both, whose lines name them in turns.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = odoo.registry(get_db_name())
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"no_reset_password": True, "tracking_disable": True})
            group = env.ref("crm_core.group_sales_director")
            cls.user_id = env["res.users"].create({"name": "At once", "login": "at-once", "groups_id": [(6, 0, group.ids)]}).id
            partner = env["res.partner"].create({"name": "At Once"})
            warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
            products = env["product.product"].create([{"name": name, "type": "product"} for name in ("Left", "Right")])
            for product in products:
                env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, STOCK)
            cls.partner_id, cls.product_ids = partner.id, products.ids
            cls.order_ids = [
                env["sale.order"]
                .create(
                    {
                        "partner_id": partner.id,
                        "user_id": cls.user_id,
                        "warehouse_id": warehouse.id,
                        "order_line": [
                            (0, 0, {"product_id": product_id, "price_unit": 1.0})
                            for product_id in (products.ids if number % 2 else products.ids[::-1])
                        ],
                    }
                )
                .id
                for number in range(SESSIONS * ROUNDS)
            ]

    @classmethod
    def tearDownClass(cls):
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"active_test": False, "tracking_disable": True})
            orders = env["sale.order"].browse(cls.order_ids)
            orders.with_context(disable_cancel_warning=True).action_cancel()
            env["stock.quant"].search([("product_id", "in", cls.product_ids)]).sudo().write({"quantity": 0})
            groups = orders.procurement_group_id
            orders.picking_ids.unlink()
            orders.unlink()
            groups.unlink()
            env["stock.quant"].search([("product_id", "in", cls.product_ids)]).sudo().unlink()
            env["crm.notification"].search([("user_id", "=", cls.user_id)]).unlink()
            env["product.product"].browse(cls.product_ids).product_tmpl_id.unlink()
            user = env["res.users"].browse(cls.user_id)
            partners = user.partner_id | env["res.partner"].browse(cls.partner_id)
            user.unlink()
            partners.unlink()
        super().tearDownClass()

    def confirm(self, order_ids, refused, barrier):
        barrier.wait(300)
        for order_id in order_ids:
            try:
                press(self.user_id, "sale.order", "action_confirm", [order_id])
            except UserError:
                refused.append(order_id)

    def test_the_last_piece_is_promised_once_and_nobody_waits_for_ever(self):
        refused = []
        race([partial(self.confirm, self.order_ids[number::SESSIONS], refused) for number in range(SESSIONS)])
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT product_id, sum(quantity), count(*) FROM crm_stock_promise WHERE product_id = ANY(%s) GROUP BY 1 ORDER BY 1",
                (self.product_ids,),
            )
            self.assertEqual(cr.fetchall(), [(product_id, STOCK, STOCK) for product_id in self.product_ids])
            cr.execute("SELECT count(*) FROM sale_order WHERE id = ANY(%s) AND state = 'sale'", (self.order_ids,))
            self.assertEqual(cr.fetchone()[0], STOCK)
        self.assertEqual(len(refused), SESSIONS * ROUNDS - STOCK)
