# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class RepairOrder(models.Model):
    _inherit = "repair.order"

    sale_order_id = fields.Many2one("sale.order", "Sales Order", readonly=True, copy=False, index=True)

    def action_repair_end(self):
        """When the repair of an order ends, the product goes back to its owner."""
        result = super().action_repair_end()
        self.sale_order_id._send_back_repaired()
        return result

    def _finish(self):
        """Start, if nobody did, and end the repairs of ``self`` that are open."""
        open_repairs = self.filtered(lambda repair: repair.state in ("confirmed", "ready", "under_repair"))
        open_repairs.filtered(lambda repair: repair.state != "under_repair").action_repair_start()
        open_repairs.action_repair_end()


class RepairLine(models.Model):
    _inherit = "repair.line"

    sale_line_id = fields.Many2one("sale.order.line", "Order Line", readonly=True, copy=False, index=True)
