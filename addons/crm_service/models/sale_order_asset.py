# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import ServiceError


class SaleOrder(models.Model):
    """Orders about something the customer has: spare parts, repairs, warranty replacements."""

    _inherit = "sale.order"

    asset_id = fields.Many2one(
        "crm.service.asset",
        "Installed Product",
        index=True,
        check_company=True,
        domain="[('partner_id', 'child_of', partner_id)]",
        help="What the customer has that this order is about.",
    )
    for_asset = fields.Boolean(related="order_type_id.for_asset")
    asset_warranty_state = fields.Selection(related="asset_id.warranty_state", string="Warranty")

    def _check_can_send(self):
        super()._check_can_send()
        self._check_asset()

    def _check_flow(self):
        super()._check_flow()
        self._check_asset()

    def _check_asset(self):
        """What the order is about is known, is this customer's, and the parts fit it where that is known."""
        for order in self.filtered("for_asset"):
            asset = order.asset_id.sudo()
            if not asset and order.flow != "repair":
                raise ServiceError(_("%(order)s: choose the installed product it is about.", order=order.name))
            if asset and asset.partner_id.commercial_partner_id != order.partner_id.commercial_partner_id:
                raise ServiceError(
                    _(
                        "%(order)s: %(product)s does not stand at this customer's. Choose another one.",
                        order=order.name,
                        product=asset.name,
                    )
                )
            order._check_parts_fit((asset.product_id or order.repair_product_id).product_tmpl_id)

    def _check_parts_fit(self, machine):
        self.ensure_one()
        for part in self.order_line.product_id.product_tmpl_id:
            if machine and part != machine and part.fits_ids and machine not in part.fits_ids:
                raise ServiceError(
                    _(
                        "%(part)s does not fit %(machine)s; it fits %(fits)s. Choose another part.",
                        part=part.display_name,
                        machine=machine.display_name,
                        fits=", ".join(part.fits_ids.mapped("display_name")),
                    )
                )

    @api.onchange("partner_id")
    def _onchange_partner_asset(self):
        if self.asset_id.partner_id.commercial_partner_id != self.partner_id.commercial_partner_id:
            self.asset_id = False

    def _receive_from_customer(self, place, product, quantity, lot=None):
        """Expect goods of the customer's; they stay the customer's, so they have no value in our books.

        :param place: where they go
        :returns: the receipt, in superuser mode
        """
        self.ensure_one()
        return self._move_customers_goods(
            self.warehouse_id.in_type_id, self.partner_shipping_id.property_stock_customer, place, product, quantity, lot
        )

    def _move_customers_goods(self, kind, source, target, product, quantity, lot=None):
        """A transfer of goods that belong to the customer, on its way as far as it can be.

        :param kind: stock.picking.type
        :rtype: stock.picking, in superuser mode
        """
        order = self.sudo()
        line = order.order_line.filtered(lambda line: not line.display_type)[:1]
        if not order.procurement_group_id:
            order.procurement_group_id = order.env["procurement.group"].create(line._prepare_procurement_group_vals())
        owner = order.partner_id.commercial_partner_id
        places = {"location_id": source.id, "location_dest_id": target.id}
        picking = order.env["stock.picking"].create(
            {
                **places,
                "picking_type_id": kind.id,
                "partner_id": order.partner_shipping_id.id,
                "owner_id": owner.id,
                "origin": order.name,
                "company_id": order.company_id.id,
                "move_lines": [
                    (
                        0,
                        0,
                        {
                            **places,
                            "name": product.display_name,
                            "product_id": product.id,
                            "product_uom": product.uom_id.id,
                            "product_uom_qty": quantity,
                            "restrict_partner_id": owner.id,
                            "group_id": order.procurement_group_id.id,
                            # names the order; what the line delivered is counted by its own product only
                            "sale_line_id": line.id,
                        },
                    )
                ],
            }
        )
        picking.action_confirm()
        picking.action_assign()
        if lot:
            picking.move_line_ids.write({"lot_id": lot.id})
        return picking
