# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class CrmApproval(models.Model):
    """The tile of the workbench about requests to decide. Contract: crm_core, crm_workbench_tile.py."""

    _inherit = "crm.approval"

    @api.model
    def _workbench_price_approvals(self):
        """What waits for the reader's word, the oldest first."""
        roles = self.env.user.groups_id.ids
        domain = [("state", "=", "requested"), ("tier_id.group_id", "in", roles), ("requester_id", "!=", self.env.uid)]
        open_requests = self.search(domain)  # few: what is left are own documents and other leaders' teams
        domain = [("id", "in", open_requests.filtered("may_decide").ids)]

        def describe(request):
            return {
                "title": request.partner_id.commercial_partner_id.name or request.document_name,
                "text": " · ".join(filter(None, [request.document_name, request.requester_id.name])),
                "date": request.date.date(),
                "status": "attention",
            }

        tile = self.env["crm.workbench"]._list(self, domain, describe, order="id")
        return dict(tile, status="attention" if tile["value"] else "on_track")
