# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmServiceOrder(models.Model):
    """Tiles of the workbench about work orders. Contract: crm_core, crm_workbench_tile.py."""

    _inherit = "crm.service.order"

    @api.model
    def _workbench_late_work_orders(self):
        """Planned or begun, and their planned end is over."""
        now = fields.Datetime.to_string(fields.Datetime.now())
        domain = [("state", "in", ["planned", "on_way", "in_progress"]), ("planned_end", "<", now)]
        tile = self.env["crm.workbench"]._list(self, domain, lambda order: order._describe_on_tile("late"), order="planned_end, id")
        return dict(tile, status="late" if tile["value"] else "on_track")

    @api.model
    def _workbench_work_orders_to_plan(self):
        """Work nobody has planned yet, the oldest first."""
        tile = self.env["crm.workbench"]._list(self, [("state", "=", "draft")], lambda order: order._describe_on_tile(False), order="id")
        return dict(tile, status="attention" if tile["value"] else "on_track")

    def _describe_on_tile(self, status):
        planned = self.planned_start and fields.Datetime.context_timestamp(self, self.planned_start).date()
        return {
            "title": self.partner_id.commercial_partner_id.name,
            "text": " · ".join(filter(None, [self.name, self.technician_id.name])),
            "date": planned or self.create_date.date(),
            "status": status,
        }
