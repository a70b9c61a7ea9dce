# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    service_order_ids = fields.One2many("crm.service.order", "picking_id", string="Work Orders")

    def action_create_service_orders(self):
        """Open the work orders that these done deliveries lack.

        Validating a delivery does it by itself; this catches up on products flagged afterwards. Repeating it
        is harmless.

        :return: True
        """
        self.env["crm.service.order"].check_access_rights("create")
        self.move_lines._create_service_records()
        return True
