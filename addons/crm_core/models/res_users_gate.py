# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _is_gate_director(self):
        """Whether this user approves own requests and moves opportunities past a gate."""
        return self.with_user(self).has_group("crm_core.group_sales_director")
