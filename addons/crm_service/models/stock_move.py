# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        """Put what customers received into the installed base and open its work orders, all in one go."""
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        moves._create_service_records()
        return moves

    def _create_service_records(self):
        """Make installed products and work orders of these done moves. Calling it again adds nothing.

        :return: the new work orders, in superuser mode: the warehouse need not see them
        """
        delivered = self.sudo().with_prefetch().filtered(lambda move: move._is_service_delivery())
        if not delivered:
            return self.env["crm.service.order"].sudo()
        assets = self.env["crm.service.asset"].sudo()._create_from_moves(delivered)
        return self.env["crm.service.order"].sudo().with_context(tracking_disable=True)._create_from_assets(assets)

    def _is_service_delivery(self):
        """Whether the move brings a customer a product that has a warranty or needs service. Returns do not."""
        self.ensure_one()
        return (
            self.state == "done"
            and self.location_dest_id.usage == "customer"
            and self.location_id.usage != "customer"
            and not self.restrict_partner_id  # the customer's own, back from repair
            and (self.product_id.service_required or self.product_id.warranty_months)
            and self._get_service_address()
        )

    def _get_service_address(self):
        """Where the goods went. A drop-ship's picking names the supplier, so the sales order comes first."""
        self.ensure_one()
        return self.sale_line_id.order_id.partner_shipping_id or self.picking_id.partner_id or self.partner_id
