# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class CrmGateApproval(models.Model):
    """The tile of the workbench about requests to decide. Contract: crm_workbench_tile.py."""

    _inherit = "crm.gate.approval"

    @api.model
    def _workbench_approvals(self):
        """What waits for the reader's word, the oldest first."""
        domain = [("state", "=", "requested")]
        if not self.env.user._is_gate_director():
            domain += [("line_id.approver", "=", "leader"), ("requester_id", "!=", self.env.uid)]

        domain = [("id", "in", self.sudo().search(domain).ids)]  # few: the rules are asked about these only

        def describe(request):
            return {
                "title": request.lead_id.name,
                "text": " · ".join(filter(None, [request.requester_id.name, request.stage_id.name])),
                "date": request.date.date(),
                "status": "attention",
            }

        tile = self.env["crm.workbench"]._list(self, domain, describe, order="id")
        return dict(tile, status="attention" if tile["value"] else "on_track")
