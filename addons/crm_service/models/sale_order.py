# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    service_order_ids = fields.One2many("crm.service.order", "sale_order_id", string="Work Orders")
    service_order_count = fields.Integer(compute="_compute_service_order_count", compute_sudo=True)

    @api.depends("service_order_ids")
    def _compute_service_order_count(self):
        groups = self.env["crm.service.order"].read_group(
            [("sale_order_id", "in", self.ids)], ["sale_order_id"], ["sale_order_id"]
        )
        counts = {group["sale_order_id"][0]: group["sale_order_id_count"] for group in groups}
        for order in self:
            order.service_order_count = counts.get(order.id, 0)

    def action_view_service_orders(self):
        """Open the work orders that came of these sales."""
        action = self.env["ir.actions.actions"]._for_xml_id("crm_service.crm_service_order_action")
        action["domain"] = [("sale_order_id", "in", self.ids)]
        action["context"] = {"create": False}
        return action
