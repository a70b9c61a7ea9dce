# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class ProductPricelist(models.Model):
    _inherit = "product.pricelist"

    def _is_dated(self):
        """Whether its prices may change within a day: it has items with dates, or builds on another list."""
        self.ensure_one()
        domain = [("pricelist_id", "=", self.id), "|", "|", ("date_start", "!=", False), ("date_end", "!=", False)]
        return bool(self.env["product.pricelist.item"].search(domain + [("base", "=", "pricelist")], limit=1))
