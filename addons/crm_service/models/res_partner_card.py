# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models


class ResPartner(models.Model):
    """Open tickets on the customer card."""

    _inherit = "res.partner"

    def _get_card_numbers(self):
        return super()._get_card_numbers() + self._get_ticket_numbers()

    def _get_ticket_numbers(self):
        """How many tickets are open: told to everybody who works with the customer, opened by who may read all of them.

        One query.
        """
        if self._details_hidden_from_user() or not self.env.user._sees_contact_details():
            return []
        unsolved = [("partner_id", "child_of", self.commercial_partner_id.ids), ("stage_id.closed", "=", False)]
        count = self.env["helpdesk.ticket"].sudo().search_count(unsolved)
        number = {"key": "open_tickets", "label": _("Open Tickets"), "value": count, "unit": "count"}
        if count:
            number["status"] = "attention"
        if self._reads_all_tickets():
            number.update(action="helpdesk_mgmt.helpdesk_ticket_action", domain=unsolved)
        return [number]

    @api.model
    def _reads_all_tickets(self):
        groups = ("helpdesk_mgmt.group_helpdesk_user", "crm_core.group_executive")
        return any(self.env.user.has_group(group) for group in groups)
