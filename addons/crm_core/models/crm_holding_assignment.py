# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class CrmHolding(models.Model):
    _inherit = "crm.holding"

    @api.model
    def _log_moves(self, model_name, moves, reason, details=None):
        """Whoever had a lead owes no first answer any more; a new time limit is set after the move, if any."""
        result = super()._log_moves(model_name, moves, reason, details)
        if model_name == "crm.lead" and moves:
            self.env["crm.assignment"].sudo()._end([move["id"] for move in moves])
        return result
