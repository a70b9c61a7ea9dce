# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.tests.common import tagged

from .at_once import AtOnceCase
from .test_quotation import draw_signature


@tagged("post_install", "-at_install")
class TestAnswersAtTheSameTime(AtOnceCase):
    """Customer and rep, two transactions: committed data, cleaned up afterwards."""

    def setUp(self):
        super().setUp()
        with self._transaction() as env:
            pricelist = env["product.pricelist"].create({"name": "Concurrent prices"})
            partner = env["res.partner"].create({"name": "Concurrent Customer", "property_product_pricelist": pricelist.id})
            product = env["product.product"].create({"name": "Concurrent Pump", "type": "consu", "list_price": 10.0})
            line = {"product_id": product.id, "product_uom_qty": 3}
            order = env["sale.order"].create({"partner_id": partner.id, "order_line": [(0, 0, line)]})
            order.order_line.tax_id = False
            order.action_quotation_sent()
            self.ids = {record._name: record.id for record in (order, product, partner, pricelist)}
        self.addCleanup(self._clean_up)

    def _get(self, env, model="sale.order"):
        return env[model].browse(self.ids[model])

    def _clean_up(self):
        with self._transaction() as env:
            order = self._get(env)
            order.action_cancel()
            order.picking_ids.unlink()
            order.procurement_group_id.unlink()
            order.unlink()
            self._get(env, "product.product").product_tmpl_id.unlink()
            self._get(env, "res.partner").unlink()
            self._get(env, "product.pricelist").unlink()

    def _retry(self, loser, act):
        """The second of two fails, and is started again: what the web layer does."""
        self._lose(loser, lambda: act(self._get(loser)))
        return act(self._get(loser))

    def _sign(self, order, name="Li Lei"):
        return order._sign_online(name, draw_signature(), "192.0.2.7")

    def _check_one_order(self, env, signed_by):
        order = self._get(env)
        self.assertEqual((order.state, order.amount_total, order.signed_by), ("sale", 30.0, signed_by))
        self.assertEqual((len(order.picking_ids), order.picking_ids.move_lines.product_uom_qty), (1, 3.0))

    def test_two_clicks_on_sign_are_one_signature(self):
        with self._transaction() as loser:
            self.assertEqual(self._get(loser).state, "sent")
            with self._transaction() as winner:
                self.assertTrue(self._sign(self._get(winner)))
            self.assertFalse(self._retry(loser, lambda order: self._sign(order, "Han Meimei")))
            self._check_one_order(loser, "Li Lei")

    def test_the_customer_signs_while_the_rep_confirms(self):
        with self._transaction() as customer:
            self.assertEqual(self._get(customer).state, "sent")
            with self._transaction() as rep:
                self._get(rep).action_confirm()
            self.assertFalse(self._retry(customer, self._sign))
            self._check_one_order(customer, False)

    def test_the_rep_confirms_while_the_customer_signs(self):
        with self._transaction() as rep:
            self.assertEqual(self._get(rep).state, "sent")
            with self._transaction() as customer:
                self.assertTrue(self._sign(self._get(customer)))
            self.assertTrue(self._retry(rep, lambda order: order.action_confirm()))
            self._check_one_order(rep, "Li Lei")

    def test_the_price_list_changes_before_the_confirmation(self):
        with self._transaction() as rep:
            self.assertEqual(self._get(rep).amount_total, 30.0)
            with self._transaction() as boss:
                item = {"applied_on": "3_global", "compute_price": "percentage", "percent_price": 50}
                self._get(boss, "product.pricelist").item_ids = [(5, 0, 0), (0, 0, item)]
                self._get(boss, "product.product").list_price = 99.0
            rep.cr.commit()
            rep.clear()
            self._get(rep).action_confirm()
            self._check_one_order(rep, False)
