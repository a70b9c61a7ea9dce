# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models

from ..tools.bulk import get_memo, is_bulk


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _action_launch_stock_rule(self, previous_product_uom_qty=False):
        """In bulk, reserve the deliveries of all orders together instead of one order after the other."""
        if not is_bulk(self):
            return super()._action_launch_stock_rule(previous_product_uom_qty)
        memo = get_memo(self, "stock.picking.collect")
        memo.update(confirm=set(), assign=set())
        result = super()._action_launch_stock_rule(previous_product_uom_qty)
        to_confirm, to_assign = memo.pop("confirm"), memo.pop("assign")
        pickings = self.env["stock.picking"]
        if to_confirm:
            pickings.browse(sorted(to_confirm)).action_confirm()
        if to_assign:
            pickings.browse(sorted(to_assign)).action_assign()
        return result
