# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import _, api, fields, models

from ..exceptions import ProcurementError

#: How many sales orders a purchase order names as its source before it says "and so many more".
MAX_ORIGINS = 5


class PurchaseOrder(models.Model):
    _name = "purchase.order"
    _inherit = ["purchase.order", "crm.price.guard"]
    _price_fields = frozenset({"amount_untaxed", "amount_tax", "amount_total"})

    peg_ids = fields.One2many("crm.purchase.peg", "purchase_order_id", string="Bought For", readonly=True)
    peg_count = fields.Integer(compute="_compute_peg_count", string="Sales Served")

    @api.depends("peg_ids")
    def _compute_peg_count(self):
        groups = self.env["crm.purchase.peg"].read_group(
            [("purchase_order_id", "in", self.ids)], ["sale_order_id:count_distinct"], ["purchase_order_id"]
        )
        counts = {group["purchase_order_id"][0]: group["sale_order_id"] for group in groups}
        for order in self:
            order.peg_count = counts.get(order.id, 0)

    def _get_sale_orders(self):
        return super()._get_sale_orders() | self.order_line.peg_ids.sale_order_id

    def action_view_pegs(self):
        """Open what these purchase orders are bought for."""
        action = self.env["ir.actions.actions"]._for_xml_id("crm_procurement.crm_purchase_peg_action")
        action["domain"] = [("purchase_order_id", "in", self.ids)]
        action["context"] = {}
        return action

    # Buying ----------------------------------------------------------------------------------------------------

    @api.model
    def _create_for_shortages(self, shortages):
        """Create one purchase order per vendor and warehouse, and one per drop-shipped sales order.

        :param shortages: what ``crm.purchase.plan._get_shortages`` returned, every one with a seller
        """
        groups = defaultdict(list)
        for shortage in shortages:
            picking_type = self._get_shortage_picking_type(shortage)
            sale_order = shortage.line.order_id if shortage.drop_ship else shortage.line.order_id.browse()
            groups[shortage.seller.name, picking_type, sale_order].append(shortage)
        return self.sudo().create([self._prepare_for_shortages(*key, group) for key, group in groups.items()])

    @api.model
    def _get_shortage_picking_type(self, shortage):
        """Return the operation type the vendor delivers by: the warehouse's receipts, or drop-shipping."""
        if not shortage.drop_ship:
            return shortage.warehouse.in_type_id
        return (
            self.env["stock.picking.type"]
            .sudo()
            .search(
                [
                    ("company_id", "=", shortage.line.company_id.id),
                    ("default_location_src_id.usage", "=", "supplier"),
                    ("default_location_dest_id.usage", "=", "customer"),
                ],
                limit=1,
            )
        )

    @api.model
    def _prepare_for_shortages(self, vendor, picking_type, sale_order, shortages):
        """Return the values of one purchase order. ``sale_order`` is the drop-shipped one, or empty."""
        company = shortages[0].line.company_id
        vendor = vendor.sudo().with_company(company)
        names = sorted({shortage.line.order_id.name for shortage in shortages})
        origin = ", ".join(names[:MAX_ORIGINS])
        if len(names) > MAX_ORIGINS:
            origin = _("%(names)s and %(count)s more", names=origin, count=len(names) - MAX_ORIGINS)
        vals = {
            "partner_id": vendor.id,
            "company_id": company.id,
            "user_id": self.env.uid,
            "picking_type_id": picking_type.id,
            "currency_id": (vendor.property_purchase_currency_id or company.currency_id).id,
            "payment_term_id": vendor.property_supplier_payment_term_id.id,
            "fiscal_position_id": self._get_vendor_fiscal_position(vendor, company).id,
            "date_order": fields.Datetime.now(),
            "origin": origin,
        }
        if sale_order:
            vals["dest_address_id"] = sale_order.partner_shipping_id.id
            vals["group_id"] = sale_order.procurement_group_id.id
        lines = self.env["purchase.order.line"]._prepare_for_shortages(self.new(vals), shortages)
        return dict(vals, order_line=[(0, 0, line) for line in lines])

    @api.model
    def _get_vendor_fiscal_position(self, vendor, company):
        return self.env["account.fiscal.position"].sudo().with_company(company).get_fiscal_position(vendor.id)

    # Receiving -------------------------------------------------------------------------------------------------

    def action_receive_all(self):
        """Receive everything these confirmed orders still expect, as ordered, in one batch.

        What is received is reserved first for the sales it was bought for. Products tracked by lot or serial
        number are refused before anything is written, since their numbers must be entered on the receipt.
        Needs the rights to validate a transfer.
        """
        pickings = self.picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel"))
        self._check_no_tracking(pickings.move_lines.filtered(lambda move: move.state not in ("done", "cancel")))
        pickings.action_deliver_available()
        return True

    def _check_no_tracking(self, moves):
        tracked = moves.filtered(lambda move: move.has_tracking != "none").product_id
        if tracked:
            raise ProcurementError(
                _(
                    "Enter the lot or serial numbers of these products on their receipts first: %s",
                    ", ".join(sorted(tracked.mapped("display_name"))),
                )
            )

    # Cancelling ------------------------------------------------------------------------------------------------

    def button_cancel(self):
        """Give lines that our plan took out of the warehouse's deliveries to drop-ship them back to it."""
        dropped = self.peg_ids.filtered(lambda peg: peg.replaces_delivery and peg.state in ("draft", "ordered"))
        sale_lines = dropped.sudo().sale_line_id.filtered(lambda line: line.state == "sale")
        result = super().button_cancel()
        sale_lines._action_launch_stock_rule()
        return result
