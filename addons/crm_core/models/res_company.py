# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class ResCompany(models.Model):
    _inherit = "res.company"

    def _has_own_logo(self):
        """Whether somebody has set a logo. The log-in page leaves Odoo's "Your logo" placeholder out."""
        return bool(self.logo) and self.logo != self._get_logo()
