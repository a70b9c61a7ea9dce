# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _get_recycle_scope(self):
        return super()._get_recycle_scope() + (
            " AND res_partner.is_customer AND res_partner.id = res_partner.commercial_partner_id"
        )

    @api.model
    def _get_recycle_exclusions(self):
        """A customer somebody has an open lead with is being worked on."""
        return {
            **super()._get_recycle_exclusions(),
            "open lead": "EXISTS (SELECT FROM crm_lead AS lead WHERE lead.commercial_partner_id = res_partner.id"
            " AND lead.active AND coalesce(lead.probability, 0) < 100 AND lead.user_id IS NOT NULL)",
        }

    @api.model
    def _get_last_order_sql(self):
        """Without sales orders, a deal that was won."""
        return (
            "(SELECT max(lead.date_closed) FROM crm_lead AS lead"
            " WHERE lead.commercial_partner_id = res_partner.id AND lead.probability = 100)"
        )
