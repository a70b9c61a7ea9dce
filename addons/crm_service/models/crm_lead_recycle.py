# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    @api.model
    def _get_recycle_exclusions(self):
        """While a customer has an open ticket, its leads stay where they are."""
        ticket = self.env["res.partner"]._get_open_ticket_sql("crm_lead.commercial_partner_id")
        return {**super()._get_recycle_exclusions(), "open ticket": ticket}
