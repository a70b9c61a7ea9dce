# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.osv import expression


class ResUsers(models.Model):
    _inherit = "res.users"

    def _get_workbench_team(self):
        """The user and the colleagues: of the own team, and for a leader of the teams led and all below. One query."""
        teams = (self.sale_team_id.ids, self._get_led_teams().ids)
        domain = [[("id", "=", self.id)], [("sale_team_id", "in", teams[0] + teams[1])]]
        return self.sudo().search(expression.OR(domain)).with_env(self.env)
