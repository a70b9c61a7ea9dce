# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import ServiceError


class SaleOrder(models.Model):
    """Repair: the customer's product comes in, is repaired with parts and labour, and goes back; then it is invoiced.

    The order is the quotation and the invoice; Odoo's repair order uses up the parts, a work order plans the work.
    """

    _inherit = "sale.order"

    repair_product_id = fields.Many2one(
        "product.product",
        "To Repair",
        compute="_compute_repair_product",
        store=True,
        readonly=False,
        domain="[('type', 'in', ('product', 'consu'))]",
    )
    repair_lot_id = fields.Many2one(
        "stock.production.lot",
        "Serial Number",
        compute="_compute_repair_product",
        store=True,
        readonly=False,
        domain="[('product_id', '=', repair_product_id)]",
    )
    repair_fault = fields.Text("Fault", help="What the customer reports.")
    repair_ids = fields.One2many("repair.order", "sale_order_id", "Repairs", copy=False)

    @api.depends("asset_id")
    def _compute_repair_product(self):
        for order in self.filtered("asset_id"):
            asset = order.asset_id.sudo()
            order.repair_product_id = asset.product_id
            order.repair_lot_id = asset.lot_id

    def _check_flow(self):
        super()._check_flow()
        for order in self.filtered(lambda order: order.flow == "repair"):
            if not order.repair_product_id:
                raise ServiceError(_("%(order)s: choose what is to be repaired.", order=order.name))
            if not order.order_line.filtered(lambda line: not line.display_type):
                raise ServiceError(_("%(order)s: add the parts and the labour of the repair.", order=order.name))

    # -- Steps ---------------------------------------------------------------------------------------------------------

    def _flow_repair_confirmed(self):
        for order in self.sudo():
            place = order._get_repair_place()
            order._receive_from_customer(place, order.repair_product_id, 1.0, order.repair_lot_id)
            repair = self.env["repair.order"].sudo().create(order._prepare_repair(place))
            repair.action_repair_confirm()
            order.env["crm.service.order"].create(order._prepare_repair_work())

    def _get_repair_place(self):
        return self.env["stock.location"]._get_custody_location(self.company_id, "repair")

    def _prepare_repair(self, place):
        """Values of Odoo's repair order: parts as operations, labour as fees; this order invoices them."""
        self.ensure_one()
        product = self.repair_product_id
        lines = self.order_line.filtered("product_id")
        labour = lines.filtered(lambda line: line.product_id.type == "service")
        return {
            "product_id": product.id,
            "product_qty": 1.0,
            "product_uom": product.uom_id.id,
            "lot_id": self.repair_lot_id.id,
            "partner_id": self.partner_id.commercial_partner_id.id,
            "address_id": self.partner_shipping_id.id,
            "location_id": place.id,
            "invoice_method": "none",
            "company_id": self.company_id.id,
            "user_id": self.user_id.id,
            "sale_order_id": self.id,
            "internal_notes": self.repair_fault,
            "operations": [(0, 0, line._prepare_repair_part()) for line in lines - labour],
            "fees_lines": [(0, 0, line._prepare_repair_fee()) for line in labour],
        }

    def _prepare_repair_work(self):
        return {
            "kind": "depot",
            "partner_id": self.partner_id.commercial_partner_id.id,
            "asset_id": self.asset_id.id,
            "product_id": self.repair_product_id.id,
            "lot_id": self.repair_lot_id.id,
            "sale_order_id": self.id,
            "fault": self.repair_fault,
            "company_id": self.company_id.id,
        }

    def action_finish_repair(self):
        """The repair is done: parts are used up, what was done can be invoiced, the product goes back to its owner."""
        self.check_access_rights("write")
        self.check_access_rule("write")
        for order in self.sudo():
            if order._get_repair_state() != "repair":
                raise ServiceError(_("%(order)s: there is nothing to repair here now.", order=order.name))
            waiting = order.service_order_ids.filtered(lambda work: work.state in ("draft", "planned", "on_way"))
            waiting.action_cancel()
            order.repair_ids._finish()
        return True

    def _get_repair_state(self):
        """Where the repair stands: ``receive``, ``repair``, ``send`` (back to the customer), ``over``; False for none."""
        self.ensure_one()
        if self.flow != "repair" or self.state not in ("sale", "done"):
            return False
        order = self.sudo()
        open_moves = order.picking_ids.move_lines.filtered(lambda move: move.state not in ("done", "cancel"))
        if any(move.location_dest_id.custody == "repair" for move in open_moves):
            return "receive"
        if order.repair_ids.filtered(lambda repair: repair.state in ("confirmed", "ready", "under_repair")):
            return "repair"
        return "send" if open_moves else "over"

    def _send_back_repaired(self):
        """Deliver the customer's product from the workshop to its owner."""
        for order in self.sudo():
            order._move_customers_goods(
                order.warehouse_id.out_type_id,
                order._get_repair_place(),
                order.partner_shipping_id.property_stock_customer,
                order.repair_product_id,
                1.0,
                order.repair_lot_id,
            )

    def action_cancel(self):
        """A cancelled repair is not done; what was received already goes back unrepaired."""
        repairs = self.filtered(lambda order: order.flow == "repair").sudo()
        here = repairs.filtered(lambda order: order._get_repair_state() == "repair")
        result = super().action_cancel()
        cancelled = repairs.filtered(lambda order: order.state == "cancel")
        cancelled.repair_ids.filtered(lambda repair: repair.state != "done").action_repair_cancel()
        cancelled.service_order_ids.filtered(lambda work: work.state in ("draft", "planned", "on_way")).action_cancel()
        (here & cancelled)._send_back_repaired()
        return result

    # -- What comes next -----------------------------------------------------------------------------------------------

    def _get_flow_step(self):
        state = self._get_repair_state()
        if state == "receive":
            return False, _("The warehouse takes in what is to be repaired.")
        if state == "repair":
            return "repair", _("In the workshop: finish the repair, or let the technician finish the work order.")
        if state == "send":
            return False, _("Repaired: the warehouse sends it back.")
        return super()._get_flow_step()

    @api.depends("repair_ids.state", "picking_ids.state")
    def _compute_flow_step(self):
        super()._compute_flow_step()


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    repair_line_ids = fields.One2many("repair.line", "sale_line_id", "Parts Used", copy=False)

    def _is_repair(self):
        self.ensure_one()
        return self.order_id.flow == "repair"

    def _prepare_repair_part(self):
        self.ensure_one()
        order = self.order_id
        production = self.product_id.with_company(order.company_id).property_stock_production
        return {
            "type": "add",
            "name": self.name,
            "product_id": self.product_id.id,
            "product_uom": self.product_uom.id,
            "product_uom_qty": self.product_uom_qty,
            "price_unit": self.price_unit,
            "location_id": order.warehouse_id.lot_stock_id.id,
            "location_dest_id": production.id,
            "sale_line_id": self.id,
        }

    def _prepare_repair_fee(self):
        self.ensure_one()
        return {
            "name": self.name,
            "product_id": self.product_id.id,
            "product_uom": self.product_uom.id,
            "product_uom_qty": self.product_uom_qty,
            "price_unit": self.price_unit,
        }

    def _action_launch_stock_rule(self, previous_product_uom_qty=False):
        """Parts of a repair go into the product, not to the customer."""
        return super(SaleOrderLine, self.filtered(lambda line: not line._is_repair()))._action_launch_stock_rule(
            previous_product_uom_qty
        )

    def _needs_stock(self):
        return super()._needs_stock() and not (self._is_repair() and self.state in ("sale", "done"))

    @api.depends("repair_line_ids.state", "order_id.repair_ids.state")
    def _compute_qty_delivered(self):
        """Of a repair: everything, once it is done; of parts what was used."""
        super()._compute_qty_delivered()
        for line in self.filtered(lambda line: line._is_repair() and not line.display_type):
            repaired = "done" in line.order_id.sudo().repair_ids.mapped("state")
            used = sum(line.sudo().repair_line_ids.filtered(lambda part: part.state == "done").mapped("product_uom_qty"))
            goods = line.product_id.type != "service"
            line.qty_delivered = (used if goods else line.product_uom_qty) if repaired else 0.0
