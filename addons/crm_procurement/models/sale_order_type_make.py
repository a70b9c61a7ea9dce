# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models

from ..exceptions import ProcurementError


class SaleOrder(models.Model):
    """Make-to-order, with Odoo's manufacturing: the delivery waits for a manufacturing order of its own."""

    _inherit = "sale.order"

    def _check_flow(self):
        super()._check_flow()
        made = self.filtered(lambda order: order.flow == "make")
        if made and "mrp.bom" not in self.env:
            raise ProcurementError(_("Goods are made to order with Odoo's Manufacturing: have it installed, or choose another order type."))
        for order in made:
            goods = order.order_line.filtered(lambda line: line._is_goods())
            lacking = goods.product_id.filtered(lambda product, order=order: not order._get_bom(product))
            if lacking or not goods:
                raise ProcurementError(
                    _(
                        "%(order)s: no bill of materials says how to make %(products)s. Add one first.",
                        order=order.name,
                        products=", ".join(lacking.mapped("display_name")) or _("what is ordered"),
                    )
                )

    def _get_bom(self, product):
        boms = self.env["mrp.bom"].sudo()
        return boms._bom_find(product=product, company_id=self.company_id.id, bom_type="normal")

    def _flow_make_confirmed(self):
        """Each delivery is made by a manufacturing order of its own, in the warehouse it is shipped from."""
        procurements = []
        for order in self.sudo():
            for move in order._bind_deliveries():
                values = move._prepare_procurement_values()
                values["route_ids"] = order.warehouse_id.manufacture_pull_id.route_id
                place = move.product_id, move.product_uom_qty, move.product_uom, move.location_id
                procurements.append(self.env["procurement.group"].Procurement(*place, order.name, order.name, order.company_id, values))
        self.env["procurement.group"].sudo().run(procurements)
