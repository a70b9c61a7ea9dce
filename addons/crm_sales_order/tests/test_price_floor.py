# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields
from odoo.addons.crm_core.exceptions import CrmValidationError

from ..exceptions import SalesOrderError
from .price_common import PriceCase


class TestPriceFloor(PriceCase):
    """Which floor holds, in which currency and unit, and what a line costs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreign = cls.env["res.currency"].create(
            {
                "name": "XQB",
                "symbol": "Q",
                "rate_ids": [(0, 0, {"name": fields.Date.today(), "rate": 0.25, "company_id": cls.company.id})],
            }
        )
        cls.foreign_list = cls.env["product.pricelist"].create({"name": "Foreign", "currency_id": cls.foreign.id})

    def test_nearest_floor_holds(self):
        floors = self.env["crm.price.floor"]
        line = self._quote(1000).order_line.sudo()
        self.assertEqual(line.floor_price, 860)
        self.floor.active = False
        self.assertEqual(line.floor_price, 0)
        floors.create({"basis": "margin", "minimum_margin": 20})
        self.assertEqual(line.floor_price, 625)  # 500 / 0.8
        floors.create({"categ_id": self.pump.categ_id.id, "basis": "margin", "minimum_margin": 50})
        self.assertEqual(line.floor_price, 1000)
        floors.create({"product_tmpl_id": self.pump.product_tmpl_id.id, "basis": "both", "minimum_price": 700, "minimum_margin": 20})
        self.assertEqual(line.floor_price, 700)
        rep = self.env.ref("crm_core.group_sales_rep")
        floors.create({"product_tmpl_id": self.pump.product_tmpl_id.id, "group_id": rep.id, "basis": "price", "minimum_price": 900})
        self.assertEqual(line.floor_price, 900)

    def test_floor_in_the_orders_currency_and_the_lines_unit(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self._quote(3000, pricelist_id=self.foreign_list.id, line={"product_uom": dozen.id})
        line = order.order_line.sudo()
        self.assertEqual(line.floor_price, 860 * 12 * 0.25)
        self.assertEqual(line.purchase_price, 500 * 12 * 0.25)
        self.assertEqual(line.margin, 1500)
        self.assertEqual(order.approval_state, "none")
        line.price_unit = 2579
        self.assertEqual(order.approval_state, "needed")

    def test_cost_is_live_on_drafts_and_holds_once_sent(self):
        draft, sent = self._quote(1000), self._quote(1000)
        sent.action_quotation_sent()
        self.pump.standard_price = 700
        self.assertEqual((draft + sent).sudo().order_line.mapped("purchase_price"), [700, 500])

    def test_unknown_cost_is_no_margin_of_everything(self):
        self.valve.standard_price = 0
        order = self._quote(80, product=self.valve)
        self.assertEqual((order.margin, order.margin_state, order.order_line.cost_known), (0, "unknown", False))
        self.assertIn("Valve", order.margin_note)
        order.write({"order_line": [(0, 0, {"product_id": self.pump.id, "product_uom_qty": 1, "price_unit": 1000})]})
        self.assertEqual((order.margin, order.margin_percent, order.margin_state), (500, 0.5, "partly"))

    def test_margin_floor_without_a_cost_needs_approval(self):
        self.env["crm.price.floor"].create({"basis": "margin", "minimum_margin": 20})
        self.valve.standard_price = 0
        order = self._quote(80, product=self.valve)
        self.assertIn("the cost of Valve is unknown", order.approval_text)
        self.valve.standard_price = 40
        self.assertEqual(order.approval_state, "none")

    def test_delivered_foreign_order_keeps_its_margin(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self._quote(3000, pricelist_id=self.foreign_list.id, line={"product_uom": dozen.id, "product_uom_qty": 2})
        order.sudo().action_confirm()
        order.sudo().picking_ids.action_deliver_available()
        self.assertEqual(order.order_line.sudo().qty_delivered, 2)
        self.assertEqual((order.order_line.purchase_price, order.margin), (1500, 3000))

    def test_role_of_the_salesperson_decides(self):
        leader = self.env.ref("crm_core.group_team_leader")
        self.env["crm.price.floor"].create(
            {"product_tmpl_id": self.pump.product_tmpl_id.id, "group_id": leader.id, "basis": "price", "minimum_price": 800}
        )
        order = self._quote(820, user=self.eli)
        self.assertEqual(order.approval_state, "none")
        order.with_user(self.director).user_id = self.ann
        self.assertEqual(order.approval_state, "needed")

    def test_floors_that_make_no_sense(self):
        wrong = [
            {"basis": "price", "minimum_price": 10},
            {"basis": "price", "product_tmpl_id": self.valve.product_tmpl_id.id},
            {"basis": "margin", "minimum_margin": 100},
            {"categ_id": self.valve.categ_id.id, "product_tmpl_id": self.valve.product_tmpl_id.id},
        ]
        for vals in wrong:
            with self.subTest(vals), self.assertRaises(CrmValidationError), self.env.cr.savepoint():
                self.env["crm.price.floor"].create(vals)

    def test_allowed_discount_by_role(self):
        self.floor.active = False
        limits = self.env["crm.discount.limit"]
        limits.create({"group_id": self.env.ref("crm_core.group_sales_rep").id, "discount": 10})
        limits.create({"group_id": self.env.ref("crm_core.group_team_leader").id, "discount": 20})
        limits.create({"group_id": self.env.ref("crm_core.group_sales_director").id, "discount": 100})
        line = {"discount": 25}
        self.assertIn("Line 1: 25 % conceded, 10 % allowed", self._quote(1000, line=line).approval_text)
        self.assertIn("Line 1: 25 % conceded, 20 % allowed", self._quote(1000, line=line, user=self.eli).approval_text)
        self.assertEqual(self._quote(1000, line={"discount": 10}).approval_state, "none")
        self.assertEqual(self._quote(1000, line=line, user=self.director).approval_state, "none")
        with self.assertRaisesRegex(SalesOrderError, "25 % conceded"):
            self._quote(750).action_confirm()
