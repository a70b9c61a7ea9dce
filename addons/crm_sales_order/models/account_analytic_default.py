# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

from ..tools.bulk import get_memo


class AccountAnalyticDefault(models.Model):
    _inherit = "account.analytic.default"

    @api.model
    def account_get(self, *args, **kwargs):
        """In bulk, ask once whether there are any rules before searching them for every journal item."""
        memo = get_memo(self, self._name)
        if memo is not None:
            if "any" not in memo:
                memo["any"] = bool(self.sudo().search([], limit=1))
            if not memo["any"]:
                return self.browse()
        return super().account_get(*args, **kwargs)
