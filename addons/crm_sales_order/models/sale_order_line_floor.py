# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models

from ..engine import pricing
from .sale_order_floor import PriceOffer

#: Roles of lines that came with another by a rule, at the rule's price
GIVEN_ROLES = (pricing.GIFT, pricing.BUNDLE)


class SaleOrderLine(models.Model):
    """A line as its price is judged."""

    _inherit = "sale.order.line"

    def _get_gross_amount(self):
        """Price times quantity after the line's discount, in the order's currency; negative for deductions."""
        return self.price_unit * (1 - self.discount / 100) * self.product_uom_qty

    def _is_freight(self):
        """Whether this is the carrier's price: of the order's carrier, whatever the line says of itself."""
        return self.is_delivery and self.product_id == self.order_id.carrier_id.product_id

    def _is_price_offered(self):
        """Whether the price of this line is judged: no section, freight, deduction, and nothing that rules gave along."""
        special = self.display_type or self._is_freight() or self._get_gross_amount() < 0 or self._is_given()
        return bool(self.product_id and not special and not (self.is_downpayment and not self.product_uom_qty))

    def _is_given(self):
        """Whether a price rule brought this line along."""
        return self.line_role in GIVEN_ROLES and bool(self.origin_line_id)

    def _get_price_offer(self, label):
        """This line as a PriceOffer; in sudo mode."""
        order, product = self.order_id, self.product_id
        entered = self.price_unit * (1 - self.discount / 100)
        return PriceOffer(
            label,
            product,
            self.product_uom,
            self.product_uom_qty,
            order._get_untaxed(entered, self.tax_id, product),
            order._get_untaxed(self.rule_price, order._get_usual_taxes(product), product),
            self.floor_price,
            self.floor_cost,
            self.floor_unknown,
            entered,
        )
