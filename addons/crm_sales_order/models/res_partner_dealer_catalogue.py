# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.osv import expression

from ..engine.dealer_stock import FEW, stock_word


class ResPartner(models.Model):
    """What a dealer is offered. Called in sudo mode, for a dealer the caller has found by the portal user."""

    _inherit = "res.partner"

    def _get_dealer_product_domain(self):
        """Goods for sale of the categories of the dealer's level, and what the dealer lists."""
        self.ensure_one()
        goods = [
            ("sale_ok", "=", True),
            ("type", "in", ("product", "consu")),
            ("company_id", "in", (False, self._get_dealer_company().id)),
        ]
        categories = self.dealer_level_id.category_ids
        if not categories:
            return goods
        offered = expression.OR([[("categ_id", "child_of", categories.ids)], [("id", "in", self.dealer_product_ids.ids)]])
        return expression.AND([goods, offered])

    def _find_dealer_products(self, domain=(), **kwargs):
        """Products this dealer may order that match ``domain``.

        :rtype: product.product
        """
        products = self.env["product.product"].sudo()
        return products.search(expression.AND([self._get_dealer_product_domain(), list(domain)]), **kwargs)

    def _get_dealer_pricelist(self):
        return self.with_company(self._get_dealer_company()).property_product_pricelist

    def _get_dealer_prices(self, products):
        """{product id: price of one piece} as the dealer's pricelist says, in its currency; before rules about quantities."""
        pricelist = self._get_dealer_pricelist()
        count = len(products)
        return pricelist.get_products_price(products, [1.0] * count, [self] * count) if count else {}

    def _get_dealer_stock_words(self, products):
        """{product id: what the dealer is told about the company's stock}. One query; goods without stock keeping are there."""
        few = self.env["ir.config_parameter"].sudo().get_param("crm_sales_order.dealer_few", "")
        warehouses = self.env["stock.warehouse"].sudo().search([("company_id", "=", self._get_dealer_company().id)])
        groups = (
            self.env["stock.quant"]
            .sudo()
            .read_group(
                [
                    ("product_id", "in", products.ids),
                    ("location_id", "child_of", warehouses.view_location_id.ids),
                    ("location_id.usage", "=", "internal"),
                ],
                ["quantity", "reserved_quantity"],
                ["product_id"],
            )
        )
        free = {group["product_id"][0]: group["quantity"] - group["reserved_quantity"] for group in groups}
        least = float(few) if few.isdecimal() else FEW
        return {
            product.id: stock_word(free.get(product.id, 0.0) if product.type == "product" else least + 1, least) for product in products
        }
