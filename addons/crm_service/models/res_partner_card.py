# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models


class ResPartner(models.Model):
    """Open tickets on the customer card."""

    _inherit = "res.partner"

    def _get_card_numbers(self):
        return super()._get_card_numbers() + self._get_ticket_numbers()

    def _get_ticket_numbers(self):
        """Open tickets the reader may see; one query."""
        tickets = self.env["helpdesk.ticket"]
        if self._details_hidden_from_user() or not tickets.check_access_rights("read", raise_exception=False):
            return []
        unsolved = [("partner_id", "child_of", self.commercial_partner_id.ids), ("stage_id.closed", "=", False)]
        count = tickets.search_count(unsolved)
        return [
            {
                "key": "open_tickets",
                "label": _("Open Tickets"),
                "value": count,
                "unit": "count",
                "action": "helpdesk_mgmt.helpdesk_ticket_action",
                "domain": unsolved,
                **({"status": "attention"} if count else {}),
            }
        ]
