# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from contextlib import contextmanager

import odoo
from odoo import SUPERUSER_ID, api
from odoo.tests.common import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger
from psycopg2 import OperationalError, errorcodes

from .common import SalesOrderCase


class TestConfirmTwice(SalesOrderCase):
    """A double click."""

    def test_the_second_click_changes_nothing(self):
        order = self._create_opportunities([500.0]).action_create_quotations()
        first = order.action_confirm()
        confirmed_at = order.date_order
        moves = order.picking_ids.move_lines
        second = order.action_confirm()
        self.assertEqual(first, second)
        self.assertEqual(order.date_order, confirmed_at)
        self.assertEqual(order.picking_ids.move_lines, moves)

    def test_only_the_open_ones_of_a_selection_are_confirmed(self):
        orders = self._create_opportunities([500.0, 600.0]).action_create_quotations()
        orders[0].action_confirm()
        confirmed_at = orders[0].date_order
        orders.action_confirm()
        self.assertEqual(orders.mapped("state"), ["sale", "sale"])
        self.assertEqual(orders[0].date_order, confirmed_at)
        self.assertEqual(len(orders.picking_ids), 2)

    def test_a_cancelled_order_is_still_refused(self):
        order = self._create_opportunities([500.0]).action_create_quotations()
        order.action_cancel()
        with self.assertRaises(odoo.exceptions.UserError):
            order.action_confirm()


@tagged("post_install", "-at_install")
class TestConfirmConcurrently(BaseCase):
    """Two users, two transactions: committed data, cleaned up afterwards."""

    def setUp(self):
        super().setUp()
        self.registry = odoo.registry(get_db_name())
        with self._transaction() as env:
            partner = env["res.partner"].create({"name": "Concurrent Customer"})
            product = env["product.product"].create({"name": "Concurrent Pump", "type": "consu", "list_price": 10.0})
            order = env["sale.order"].create(
                {"partner_id": partner.id, "order_line": [(0, 0, {"product_id": product.id})]}
            )
            self.ids = {"sale.order": order.id, "product.product": product.id, "res.partner": partner.id}
        self.addCleanup(self._clean_up)

    @contextmanager
    def _transaction(self):
        with api.Environment.manage(), self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
            yield env
            env["base"].flush()

    def _order(self, env):
        return env["sale.order"].browse(self.ids["sale.order"])

    def _clean_up(self):
        with self._transaction() as env:
            order = self._order(env)
            order.action_cancel()
            order.picking_ids.unlink()
            order.procurement_group_id.unlink()
            order.unlink()
            env["product.product"].browse(self.ids["product.product"]).product_tmpl_id.unlink()
            env["res.partner"].browse(self.ids["res.partner"]).unlink()

    def test_the_loser_is_told_to_retry_and_then_finds_it_done(self):
        with self._transaction() as loser:
            # the loser's snapshot is taken while the order is still a quotation
            self.assertEqual(self._order(loser).state, "draft")
            with self._transaction() as winner:
                self._order(winner).action_confirm()
            with self.assertRaises(OperationalError) as refused, mute_logger("odoo.sql_db"):
                self._order(loser).action_confirm()
            self.assertEqual(refused.exception.pgcode, errorcodes.SERIALIZATION_FAILURE)
            loser.cr.rollback()
            loser.clear()
            self.assertTrue(self._order(loser).action_confirm())
            self.assertEqual(len(self._order(loser).picking_ids), 1)
