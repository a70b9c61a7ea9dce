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


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _prepare_procurement_values(self, group_id=False):
        """By the order's type: made in the warehouse it is shipped from, when it is shipped."""
        values = super()._prepare_procurement_values(group_id)
        if self.order_id.flow == "make":
            manufacture = self.order_id.warehouse_id.sudo().manufacture_pull_id.route_id
            values["route_ids"] = self.env.ref("stock.route_warehouse0_mto").sudo() | manufacture
        return values
