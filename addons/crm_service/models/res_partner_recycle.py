# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _get_open_ticket_sql(self, company):
        """SQL condition: there is an open ticket of the company (an SQL expression of its id) or of a contact."""
        return (
            "EXISTS (SELECT FROM helpdesk_ticket AS ticket JOIN res_partner AS asker ON asker.id = ticket.partner_id"
            " JOIN helpdesk_ticket_stage AS stage ON stage.id = ticket.stage_id"
            " WHERE asker.commercial_partner_id = %s AND ticket.active AND stage.closed IS NOT TRUE)" % company
        )

    @api.model
    def _get_recycle_exclusions(self):
        """A customer with an open ticket stays with its owner."""
        return {**super()._get_recycle_exclusions(), "open ticket": self._get_open_ticket_sql("res_partner.id")}
