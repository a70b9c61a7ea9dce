# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from dateutil.relativedelta import relativedelta
from odoo import fields
from odoo.tests import tagged

from .common import ServiceCase


@tagged("post_install", "-at_install")
class TestDeliveries(ServiceCase):
    def _orders(self, pickings):
        return self.env["crm.service.order"].search([("picking_id", "in", pickings.ids)])

    def _assets(self, pickings):
        return self.env["crm.service.asset"].search([("move_id", "in", pickings.move_lines.ids)])

    def test_delivery_opens_a_work_order_and_an_installed_product(self):
        picking = self._create_delivery((self.pump, 2))
        picking._action_done()
        order, asset = self._orders(picking), self._assets(picking)
        today = fields.Date.context_today(asset)
        self.assertEqual((asset.product_id, asset.quantity, asset.partner_id), (self.pump, 2, self.customer))
        self.assertEqual(asset.delivered_on, today)
        self.assertEqual(asset.warranty_until, today + relativedelta(months=24))
        self.assertEqual(asset.warranty_state, "in")
        self.assertEqual((order.asset_id, order.product_id, order.kind), (asset, self.pump, "installation"))
        self.assertEqual((order.partner_id, order.state), (self.customer, "draft"))
        self.assertEqual(order.checklist_ids.mapped("name"), ["Check the voltage", "Run it for ten minutes"])
        self.assertRegex(order.name, r"^WO/\d{4}/\d{5}$")

    def test_what_a_supplier_ships_is_installed_at_the_customers(self):
        order = self.env["sale.order"].create(
            {"partner_id": self.customer.id, "order_line": [(0, 0, {"product_id": self.pump.id, "product_uom_qty": 1})]}
        )
        picking = self._create_delivery((self.pump, 1))
        picking.partner_id = self.env["res.partner"].create({"name": "Pump Works", "supplier_rank": 1})
        picking.move_lines.sale_line_id = order.order_line
        picking._action_done()
        self.assertEqual(self._assets(picking).partner_id, self.customer)
        self.assertEqual(self._orders(picking).partner_id, self.customer)

    def test_each_serial_number_is_installed_by_itself(self):
        self.pump.tracking = "serial"
        lots = self.env["stock.production.lot"].create(
            [{"name": name, "product_id": self.pump.id, "company_id": self.env.company.id} for name in ("SN-1", "SN-2")]
        )
        for lot in lots:
            self.env["stock.quant"]._update_available_quantity(self.pump, self.warehouse.lot_stock_id, 1, lot_id=lot)
        picking = self._create_delivery((self.pump, 2), lots=lots)
        picking._action_done()
        self.assertEqual(sorted(self._orders(picking).lot_id.mapped("name")), ["SN-1", "SN-2"])
        self.assertEqual(self._assets(picking).mapped("quantity"), [1, 1])

    def test_product_with_warranty_only_is_kept_but_needs_no_visit(self):
        valve = self._create_product("Valve", warranty_months=6)
        picking = self._create_delivery((valve, 1))
        picking._action_done()
        self.assertTrue(self._assets(picking))
        self.assertFalse(self._orders(picking))

    def test_plain_product_leaves_no_trace(self):
        picking = self._create_delivery((self._create_product("Rope"), 1))
        picking._action_done()
        self.assertFalse(self._assets(picking) or self._orders(picking))

    def test_catching_up_and_repeating_add_nothing(self):
        picking = self._create_delivery((self.pump, 1))
        picking._action_done()
        orders = self._orders(picking)
        picking.action_create_service_orders()
        picking.move_lines._create_service_records()
        self.assertEqual(self._orders(picking), orders)
        self.assertEqual(len(self._assets(picking)), 1)

    def test_product_flagged_later_is_caught_up_with(self):
        rope = self._create_product("Rope", warranty_months=1)
        picking = self._create_delivery((rope, 1))
        picking._action_done()
        rope.service_required = True
        picking.action_create_service_orders()
        self.assertEqual(self._orders(picking).product_id, rope)

    def test_return_from_the_customer_opens_nothing(self):
        picking = self._create_delivery((self.pump, 1))
        picking._action_done()
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_model="stock.picking")
            .create({"picking_id": picking.id})
        )
        wizard._onchange_picking_id()
        back = picking.browse(wizard._create_returns()[0])
        back.move_lines.quantity_done = 1
        back._action_done()
        self.assertFalse(self._orders(back) or self._assets(back))

    def test_warehouse_worker_validates_without_seeing_work_orders(self):
        worker = self._create_user("service_worker", "stock.group_stock_user")
        picking = self._create_delivery((self.pump, 1))
        picking.with_user(worker)._action_done()
        self.assertTrue(self._orders(picking))
        self.assertFalse(self.env["crm.service.order"].with_user(worker).check_access_rights("read", False))

    def test_many_deliveries_cost_no_more_queries_each_than_their_rows(self):
        def count_queries(number):
            pickings = self.env["stock.picking"].browse()
            for _index in range(number):
                pickings |= self._create_delivery((self.pump, 1))
            pickings._action_done()
            moves = pickings.move_lines
            orders, assets = self._orders(pickings), self._assets(pickings)
            orders.unlink()
            assets.unlink()
            moves.flush()
            moves.invalidate_cache()
            before = self.env.cr.sql_log_count
            moves._create_service_records().flush()
            self.assertEqual(len(self._orders(pickings)), number)
            return self.env.cr.sql_log_count - before

        few, many = count_queries(2), count_queries(22)
        # each one more is four rows (installed product, work order, two steps) and nothing to look up
        self.assertLessEqual(many - few, 20 * 4)
