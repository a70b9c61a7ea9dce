# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class SaleOrderOption(models.Model):
    """Options are offered at the price the rules grant, so that choosing one changes nothing about its price."""

    _inherit = "sale.order.option"

    @api.onchange("product_id", "uom_id", "quantity")
    def _onchange_product_id(self):
        result = super()._onchange_product_id()
        self._update_prices()
        return result

    def _update_prices(self):
        for option in self.filtered(lambda option: option.product_id and option.uom_id):
            line = self.env["sale.order.line"].new(
                {
                    "order_id": option.order_id.id or option.order_id,
                    "product_id": option.product_id.id,
                    "product_uom": option.uom_id.id,
                    "product_uom_qty": option.quantity,
                }
            )
            line._compute_tax_id()
            line._price_lines(new=True)
            if line.rule_price:
                option.update({"price_unit": line.price_unit, "discount": line.discount})
