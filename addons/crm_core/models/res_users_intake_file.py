# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _crm_intake_file_limit_domain(self, team_path):
        """Global rule of file imports: leaders reach those of their teams' channels, and teams below."""
        return [(team_path, "child_of", self.led_team_ids.ids)] if self._is_crm_limited() else []

    def _crm_intake_channel_limit_domain(self):
        """Global rule of channels: leaders see those they may bring files to."""
        return [("kind", "=", "file"), *self._crm_intake_file_limit_domain("team_id")] if self._is_crm_limited() else []
