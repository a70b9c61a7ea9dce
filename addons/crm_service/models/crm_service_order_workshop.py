# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class CrmServiceOrder(models.Model):
    """When the technician finishes the work order of a repair, the repair is done."""

    _inherit = "crm.service.order"

    def action_done(self):
        begun = self.filtered(lambda work: work.state == "in_progress")
        result = super().action_done()
        orders = begun.sudo().sale_order_id.filtered(lambda order: order._get_repair_state() == "repair")
        orders.repair_ids._finish()
        return result
