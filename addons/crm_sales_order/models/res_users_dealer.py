# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.osv import expression


class ResUsers(models.Model):
    """Whose dealers a user sees: domains of the record rules, cached by Odoo per user."""

    _inherit = "res.users"

    def _crm_dealer_limit_domain(self):
        """Global rule of all that belongs to a dealer: reps their own, leaders their teams'."""
        return self._crm_own_domain("team_id", "user_id") if self._is_crm_limited() else []

    def _crm_dealer_task_limit_domain(self):
        """Global rule for reading tasks: own ones, and those issued to own dealers by somebody else."""
        if not self._is_crm_limited():
            return []
        return expression.OR(
            [self._crm_own_domain("team_id", "user_id"), self._crm_own_domain("line_ids.team_id", "line_ids.user_id")]
        )

    def _get_dealer(self):
        """The dealer this portal user works for, in sudo mode; empty for everybody else."""
        self.ensure_one()
        company = self.sudo().partner_id.commercial_partner_id
        return company if self.share and company.is_dealer and company.active else company.browse()
