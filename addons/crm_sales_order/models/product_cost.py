# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def write(self, vals):
        """The cost of a product is live on its draft quotations; one query where nobody quotes it."""
        result = super().write(vals)
        if "standard_price" in vals:
            domain = [("product_id", "in", self.ids), ("state", "=", "draft")]
            self.env["sale.order.line"].sudo().search(domain)._refresh_costs()
        return result
