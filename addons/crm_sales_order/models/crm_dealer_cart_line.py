# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine.dealer_file import read_quantity
from ..exceptions import DealerError

#: Pieces of one product in one order; more is a typing error
MOST = 1_000_000


class CrmDealerCartLine(models.Model):
    """What a person at the dealer portal is about to order."""

    _name = "crm.dealer.cart.line"
    _description = "Dealer Cart Line"
    _order = "id"
    _rec_name = "product_id"

    user_id = fields.Many2one("res.users", required=True, index=True, ondelete="cascade")
    product_id = fields.Many2one("product.product", required=True, ondelete="cascade")
    quantity = fields.Float(required=True, digits="Product Unit of Measure")

    _sql_constraints = [
        ("product_unique", "UNIQUE (user_id, product_id)", "This product is in the cart already."),
        ("quantity_positive", "CHECK (quantity > 0)", "Order one piece at least."),
    ]

    @api.model
    def _get_cart(self, user):
        """The user's cart, without what is not sold to this dealer any more; in sudo mode."""
        lines = self.sudo().search([("user_id", "=", user.id)])
        offered = user._get_dealer()._find_dealer_products([("id", "in", lines.product_id.ids)])
        return lines.filtered(lambda line: line.product_id in offered)

    @api.model
    def _put(self, user, product, quantity, add=False):
        """Set (or ``add``) the quantity of a product in the user's cart; 0 takes it out.

        :param quantity: a number or what was typed
        :raise DealerError: no product for this dealer, or no quantity of it that can be ordered
        """
        if not user._get_dealer()._find_dealer_products([("id", "=", product.id)]):
            raise DealerError(_("This product is not for sale to you any more. Reload the catalogue."))
        number = read_quantity(quantity)
        line = self.sudo().search([("user_id", "=", user.id), ("product_id", "=", product.id)])
        if number is not None and add:
            number += line.quantity
        if number is None or number < 0 or number > MOST:
            raise DealerError(
                _("%(product)s: “%(quantity)s” cannot be ordered. Write a number from 0 to 1,000,000.",
                  product=product.display_name, quantity=str(quantity)[:40])
            )  # fmt: skip
        if not number:
            line.unlink()
        elif line:
            line.quantity = number
        else:
            self.sudo().create({"user_id": user.id, "product_id": product.id, "quantity": number})
