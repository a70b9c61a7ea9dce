# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

from ..exceptions import SalesOrderError
from .sale_order import BINDING_STATES, CONFIRMED_STATES

#: What decides the price of a line, or whether it is judged
PRICE_FIELDS = frozenset(
    {
        "order_id",
        "product_id",
        "product_uom",
        "product_uom_qty",
        "price_unit",
        "discount",
        "tax_id",
        "is_reward_line",
        "is_delivery",
        "is_downpayment",
        "display_type",
    }
)
#: Computed; nobody writes them
COMPUTED_FIELDS = frozenset({"margin", "margin_percent", "floor_price", "floor_cost", "floor_unknown"})
#: What a confirmed line is about: another product or unit is another line
AGREED_FIELDS = ("product_id", "product_uom")


class SaleOrderLine(models.Model):
    """What was offered or confirmed stays approved, whatever door a line is changed through.

    Stands after the pricing of lines (models/__init__.py), so that what is checked has its new price already.
    """

    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_writable(vals)
        lines = super().create(vals_list)
        lines._check_still_approved()
        return lines

    def write(self, vals):
        self._check_writable(vals)
        self._check_agreed(vals)
        result = super().write(vals)
        if PRICE_FIELDS & vals.keys():
            self._check_still_approved()
        return result

    def unlink(self):
        orders = self.order_id
        result = super().unlink()
        orders.exists().filtered(lambda order: order.state in BINDING_STATES)._check_approved()
        return result

    @api.model
    def _check_writable(self, vals):
        if COMPUTED_FIELDS & vals.keys():
            raise SalesOrderError(_("Margins and floors are computed: change price, cost or floor instead."))
        if "purchase_price" in vals and not (self.env.su or self.env.user._is_gate_director()):
            raise SalesOrderError(_("The cost of a line comes from its product. A sales director can set another."))

    def _check_agreed(self, vals):
        for name in AGREED_FIELDS:
            if name in vals and any(
                line[name].id != vals[name] for line in self if line.order_id.state in CONFIRMED_STATES and not line.display_type
            ):
                raise SalesOrderError(
                    _("The order is confirmed: set this line's quantity to what was delivered, and add a line for the other product.")
                )

    def _check_still_approved(self):
        """Raise when a line of ``self`` lies on an offer or order that is no longer approved."""
        self.order_id.filtered(lambda order: order.state in BINDING_STATES)._check_approved()
