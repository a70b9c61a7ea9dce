# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _get_price_groups(self):
        """Who buys knows prices, in the warehouse, too."""
        return super()._get_price_groups() + ["purchase.group_purchase_user"]
