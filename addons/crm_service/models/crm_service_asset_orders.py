# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmServiceAsset(models.Model):
    """Spare parts, repairs and replacements of an installed product."""

    _inherit = "crm.service.asset"

    part_order_ids = fields.One2many("sale.order", "asset_id", "Orders for It")
    part_order_count = fields.Integer(compute="_compute_part_order_count", string="Number of Orders")

    @api.depends("part_order_ids")
    def _compute_part_order_count(self):
        orders = self.env["sale.order"]
        groups = []
        if orders.check_access_rights("read", False):
            groups = orders.read_group([("asset_id", "in", self.ids)], ["asset_id"], ["asset_id"])
        counts = {group["asset_id"][0]: group["asset_id_count"] for group in groups}
        for asset in self:
            asset.part_order_count = counts.get(asset.id, 0)

    def action_view_part_orders(self):
        action = self.env["ir.actions.actions"]._for_xml_id("sale.action_orders")
        return {**action, "domain": [("asset_id", "in", self.ids)], "context": {"create": False}}
