# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import unittest

from odoo.addons.crm_sales_order.tests.order_types import OrderTypeCase
from odoo.tests import Form, tagged

from ..exceptions import ProcurementError


@tagged("post_install", "-at_install")
class TestMadeToOrder(OrderTypeCase):
    """Presses made of two plates each. Runs where Odoo's mrp is installed: tests/packaging/test_make_to_order.py sees to it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "mrp.bom" not in cls.env:
            raise unittest.SkipTest("mrp is not installed")
        cls.plate = cls._create_product("Plate", 80.0, standard_price=50.0)
        cls._add_stock(cls.plate, 100)
        cls.press = cls._create_product("Press", 500.0, taxes_id=[(6, 0, cls.vat.ids)])
        cls._add_stock(cls.press, 10)  # others'; what is made to order takes none of them
        line = {"product_id": cls.plate.id, "product_qty": 2}
        cls.bom = cls.env["mrp.bom"].create(
            {"product_tmpl_id": cls.press.product_tmpl_id.id, "product_qty": 1, "bom_line_ids": [(0, 0, line)]}
        )

    def _make(self, production):
        production.action_assign()
        form = Form(production)
        form.qty_producing = production.product_qty
        form.save().button_mark_done()

    def test_from_quotation_to_closed_receivable(self):
        self.assertTrue(self.env.ref("crm_procurement.order_type_make").active)
        order = self.sign(self.quote("make_to_order", (self.press, 4)))
        production = self.env["mrp.production"].search([("product_id", "=", self.press.id)])
        self.assertEqual((len(production), production.product_qty, order.picking_ids.state), (1, 4, "waiting"))
        self._make(production)
        self.assertEqual((production.state, order.picking_ids.state), ("done", "assigned"))
        self.assertEqual(self.stock(self.plate), 92)
        self.ship(order)
        self.assertEqual((order.order_line.qty_delivered, self.stock(self.press)), (4, 10))
        value = self.env["stock.valuation.layer"].search([("product_id", "=", self.press.id), ("quantity", ">", 0)])
        self.assertEqual(sum(value.mapped("quantity")), 4)
        self.pay(self.bill(order))
        self.assert_closed(order, 2260)

    def test_without_a_bill_of_materials(self):
        order = self.quote("make_to_order", (self.pump, 1))
        with self.assertRaisesRegex(ProcurementError, "Pump"):
            order.action_confirm()

    def test_a_rep_confirms_without_rights_to_make(self):
        rep = self._create_user("rita", "crm_core.group_sales_rep")
        order = self.quote("make_to_order", (self.press, 1))
        order.user_id = rep
        order.with_user(rep).action_confirm()
        self.assertEqual(self.env["mrp.production"].search_count([("product_id", "=", self.press.id)]), 1)
