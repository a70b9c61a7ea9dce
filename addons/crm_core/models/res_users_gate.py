# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.osv import expression


class ResUsers(models.Model):
    _inherit = "res.users"

    def _is_gate_director(self):
        """Whether this user approves own requests and moves opportunities past a gate."""
        return self.with_user(self).has_group("crm_core.group_sales_director")

    def _crm_by_lead_domain(self):
        """Global rule of what belongs to a lead (``lead_id``): shown to whom the lead is shown."""
        if self._is_crm_limited():
            own = self._crm_own_domain("lead_id.team_id", "lead_id.user_id")
            return expression.AND([[("lead_id.pool_id", "=", False)], own])
        return [] if self._reads_all_leads() else [("lead_id.pool_id", "=", False)]
