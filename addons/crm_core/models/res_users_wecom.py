# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _crm_wecom_limit_domain(self, user_path):
        """Global rule of WeCom contacts: gained by this limited user, or by members of the teams led."""
        return self._crm_own_domain(user_path + ".sale_team_id", user_path) if self._is_crm_limited() else []
