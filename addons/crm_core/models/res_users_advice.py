# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.osv import expression


class ResUsers(models.Model):
    _inherit = "res.users"

    def _crm_draft_limit_domain(self):
        """Global rule of crm.advice.draft: limited users see their own, about customers and leads that are still theirs."""
        if not self._is_crm_limited():
            return []
        records = expression.OR([self._crm_own_domain(name + ".team_id", name + ".user_id") for name in ("partner_id", "lead_id")])
        return expression.AND([[("user_id", "=", self.id)], records])
