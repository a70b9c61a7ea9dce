# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def _handle_won_lost(self, vals):
        """Bulk imports count their won and lost deals once, at the end, not with several queries a row."""
        if not self.env.context.get("crm_import_bulk"):
            return super()._handle_won_lost(vals)
        return None
