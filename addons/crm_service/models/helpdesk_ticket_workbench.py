# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class HelpdeskTicket(models.Model):
    """Tiles of the workbench about tickets. Contract: crm_core, crm_workbench_tile.py."""

    _inherit = "helpdesk.ticket"

    @api.model
    def _workbench_my_tickets(self):
        """My open tickets, the urgent and old first."""
        return self._get_ticket_tile([("user_id", "=", self.env.uid)])

    @api.model
    def _workbench_new_tickets(self):
        """Open tickets nobody has taken."""
        tile = self._get_ticket_tile([("user_id", "=", False)])
        return dict(tile, status="attention" if tile["value"] else "on_track")

    @api.model
    def _get_ticket_tile(self, domain):
        def describe(ticket):
            return {
                "title": ticket.name,
                "text": " · ".join(filter(None, [ticket.number, ticket.commercial_partner_id.name])),
                "date": ticket.create_date.date(),
                "status": "late" if ticket.priority == "3" else False,
            }

        return self.env["crm.workbench"]._list(self, domain + [("stage_id.closed", "=", False)], describe, order="priority desc, id")
