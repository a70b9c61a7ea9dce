# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class StockRule(models.Model):
    """Any route that ends at the customer's can end at the customer's with goods that stay ours."""

    _inherit = "stock.rule"

    def _get_stock_move_values(
        self, product_id, product_qty, product_uom, location_id, name, origin, company_id, values
    ):
        vals = super()._get_stock_move_values(
            product_id, product_qty, product_uom, location_id, name, origin, company_id, values
        )
        if values.get("custody_location") and location_id.usage == "customer":
            vals["location_dest_id"] = values["custody_location"].id
        return vals
