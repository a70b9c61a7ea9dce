# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.addons.crm_sales_order.tools.bulk import bulk_work


class StockMove(models.Model):
    _inherit = "stock.move"

    def _trigger_assign(self):
        """Reserve received goods for the sales they were bought for before anyone else may have them."""
        pegs = self.sudo().purchase_line_id.peg_ids.filtered(
            lambda peg: peg.quantity_received and peg.state in ("ordered", "received")
        )
        deliveries = pegs.sale_line_id.move_ids.filtered(
            lambda move: move.state in ("confirmed", "partially_available") and move.location_id.usage == "internal"
        )
        if deliveries:
            with bulk_work(deliveries) as moves:
                moves._action_assign()
        return super()._trigger_assign()
