# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    @api.model
    def _get_recycle_exclusions(self):
        """A lead with a quotation or an order is being worked on."""
        return {
            **super()._get_recycle_exclusions(),
            "quotation or order": "EXISTS (SELECT FROM sale_order WHERE sale_order.opportunity_id = crm_lead.id"
            " AND sale_order.state != 'cancel')",
        }
