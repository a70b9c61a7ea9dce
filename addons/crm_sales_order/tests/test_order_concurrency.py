# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.tests.common import tagged

from ..exceptions import CallOffError
from .at_once import AtOnceCase


@tagged("post_install", "-at_install")
class TestAtOnce(AtOnceCase):
    """Two users, two transactions: committed data, cleaned up afterwards."""

    def setUp(self):
        super().setUp()
        self.orders = []
        with self._transaction() as env:
            self.partner_id = env["res.partner"].create({"name": "Customer At Once"}).id
            self.product_id = env["product.product"].create({"name": "Seat", "type": "consu", "invoice_policy": "order"}).id
        self.addCleanup(self._clean_up)

    def _create(self, env, code, quantity, **values):
        order = env["sale.order"].create(
            {
                "partner_id": self.partner_id,
                "order_type_id": env["crm.order.type"]._get_type(code).id,
                "order_line": [(0, 0, {"product_id": self.product_id, "product_uom_qty": quantity, "price_unit": 100.0, "tax_id": False})],
                **values,
            }
        )
        self.orders.append(order.id)
        return order

    def _clean_up(self):
        with self._transaction() as env:
            orders = env["sale.order"].browse(self.orders)
            orders.invoice_ids.button_cancel()
            orders.action_cancel()
            orders.picking_ids.unlink()
            orders.procurement_group_id.unlink()
            orders.invoice_ids.with_context(force_delete=True).unlink()
            orders.sorted("id", reverse=True).unlink()
            env["product.product"].browse(self.product_id).product_tmpl_id.unlink()
            env["res.partner"].browse(self.partner_id).unlink()

    def test_two_call_offs_never_take_more_than_is_left(self):
        with self._transaction() as env:
            framework = self._create(env, "framework", 10)
            framework.action_confirm()
            first, second = (self._create(env, "call_off", 6, framework_id=framework.id) for _number in range(2))
        with self._transaction() as loser:
            self.assertEqual(loser["sale.order"].browse(second.id).state, "draft")
            with self._transaction() as winner:
                winner["sale.order"].browse(first.id).action_confirm()
            self._lose(loser, loser["sale.order"].browse(second.id).action_confirm)
            with self.assertRaisesRegex(CallOffError, "2 .* more than"):
                loser["sale.order"].browse(second.id).action_confirm()
            loser.cr.rollback()

    def test_an_instalment_is_invoiced_once(self):
        with self._transaction() as env:
            order = self._create(env, "presale", 1)
            order.action_confirm()
        with self._transaction() as loser:
            self.assertEqual(loser["sale.order"].browse(order.id).instalment_ids[0].state, "due")
            with self._transaction() as winner:
                winner["sale.order"].browse(order.id).action_invoice_delivered()
            self._lose(loser, loser["sale.order"].browse(order.id).action_invoice_delivered)
            found = loser["sale.order"].browse(order.id)
            self.assertFalse(found.action_invoice_delivered())
            self.assertEqual(len(found.invoice_ids), 1)
            loser.cr.rollback()
