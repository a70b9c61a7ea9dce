# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Two people at the same moment: the last piece is rented out once, and what was delivered comes back once."""

import threading
from datetime import date, timedelta
from unittest.mock import patch

import odoo
from odoo import api
from odoo.service.model import execute_kw
from odoo.tests.common import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

ROUNDS = 3


@tagged("post_install", "-at_install")
class TestGoodsAtOnce(BaseCase):
    """Real threads, each with its own cursor and commit; the database is this part's own and thrown away."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.db = get_db_name()
        cls.registry = odoo.registry(cls.db)
        with cls.registry.cursor() as cr:
            env = cls.admin(cr)
            cls.partner_id = env["res.partner"].create({"name": "At Once"}).id
            cls.warehouse_id = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1).id

    @staticmethod
    def admin(cr):
        uid = api.Environment(cr, odoo.SUPERUSER_ID, {}).ref("base.user_admin").id
        return api.Environment(cr, uid, {"tracking_disable": True})

    def make_product(self, env, name, quantity):
        product = env["product.product"].create({"name": name, "type": "product", "list_price": 100.0, "standard_price": 10.0})
        place = env["stock.warehouse"].browse(self.warehouse_id).lot_stock_id
        env["stock.quant"].sudo()._update_available_quantity(product, place, quantity)
        return product

    def quote(self, env, code, product, quantity, **values):
        line = {"product_id": product.id, "product_uom_qty": quantity}
        return env["sale.order"].create(
            {
                "partner_id": self.partner_id,
                "warehouse_id": self.warehouse_id,
                "order_type_id": env["crm.order.type"]._get_type(code).id,
                "order_line": [(0, 0, line)],
                **values,
            }
        )

    def confirm_at_once(self, order_ids):
        """Confirm each order in a thread of its own; returns the texts of the errors, "" where it was confirmed."""
        barrier = threading.Barrier(len(order_ids))
        texts = dict.fromkeys(order_ids, "")

        def run(order_id):
            barrier.wait(60)
            try:
                with api.Environment.manage():
                    execute_kw(self.db, self.admin_id, "sale.order", "action_confirm", [[order_id]], {"context": {"lang": "en_US"}})
            except Exception as error:  # pylint: disable=broad-except
                texts[order_id] = str(error)

        with self.registry.cursor() as cr:
            self.admin_id = self.admin(cr).uid
        threads = [threading.Thread(target=run, args=(order_id,)) for order_id in order_ids]
        quick = patch("odoo.service.model.random.uniform", return_value=0.01)
        with quick, mute_logger("odoo.sql_db", "odoo.service.model"):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(300)
        return list(texts.values())

    def test_the_only_piece_is_rented_out_once(self):
        for _round in range(ROUNDS):
            with self.registry.cursor() as cr:
                env = self.admin(cr)
                crane = self.make_product(env, "Crane", 1)
                rent = env["product.product"].create(
                    {"name": "Crane rent", "type": "service", "rented_product_id": crane.id, "rent_unit": "day", "list_price": 100.0}
                )
                start = date.today() + timedelta(days=1)
                orders = [
                    self.quote(env, "rental", rent, 1, lent_from=start, lent_until=start + timedelta(days=days)).id for days in (3, 9)
                ]
            texts = sorted(self.confirm_at_once(orders))
            self.assertEqual(texts[0], "")
            self.assertIn("there are 1 to rent out, and 2 would be needed", texts[1])

    def test_what_was_delivered_comes_back_once(self):
        for _round in range(ROUNDS):
            with self.registry.cursor() as cr:
                env = self.admin(cr)
                sold = self.quote(env, "standard", self.make_product(env, "Drill", 3), 3)
                sold.action_confirm()
                sold.picking_ids.action_deliver_available()
                values = sold._prepare_return("return", "defective")
                line = sold.order_line._prepare_taking_back(2)
                orders = [env["sale.order"].create({**values, "order_line": [(0, 0, line)]}).id for _copy in range(2)]
            texts = sorted(self.confirm_at_once(orders))
            self.assertEqual(texts[0], "")
            self.assertIn("More would come back than was delivered", texts[1])
