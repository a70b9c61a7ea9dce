# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    @api.model
    def _get_recycle_scope(self):
        return super()._get_recycle_scope() + " AND coalesce(crm_lead.probability, 0) < 100"

    @api.model
    def _get_last_order_sql(self):
        return "NULL::timestamp"
