# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class ResCompany(models.Model):
    _inherit = "res.company"

    def _has_own_logo(self):
        """Whether somebody has set a logo. The log-in page leaves Odoo's "Your logo" placeholder out."""
        return bool(self.logo) and self.logo != self._get_logo()

    def write(self, vals):
        result = super().write(vals)
        if "country_id" in vals:
            self.env["crm.dedupe.key"].clear_caches()  # whose phone numbers need no country code
        return result
