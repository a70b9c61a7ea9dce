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
#: What a rule decides on the lines it brings along
GIVEN_FIELDS = ("product_uom_qty", "price_unit", "discount")


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
        agreed = lines.filtered(lambda line: line.order_id.state in CONFIRMED_STATES and line._takes_price_rules())
        for line, price in (agreed._compute_prices() if agreed else {}).items():
            line._as_price_engine().write({"rule_price": price.net})
        lines._check_still_approved()
        return lines

    def write(self, vals):
        self._check_writable(vals)
        self._check_agreed(vals)
        before = self._get_agreed_prices() if "product_uom_qty" in vals else {}
        result = super().write(vals)
        if before:
            self._scale_agreed_prices(before)
        if PRICE_FIELDS & vals.keys():
            self._check_still_approved()
        return result

    def unlink(self):
        orders = self.order_id
        result = super().unlink()
        orders.exists().filtered(lambda order: order.state in BINDING_STATES)._check_approved()
        return result

    def _get_agreed_prices(self):
        """{confirmed line: what the rules would grant today for its quantity}"""
        agreed = self.filtered(lambda line: line.order_id.state in CONFIRMED_STATES and line.rule_price > 0 and line._takes_price_rules())
        return {line: price.net for line, price in agreed._compute_prices().items()} if agreed else {}

    def _scale_agreed_prices(self, before):
        """Rules do not price a confirmed line again; but the price granted for 100 is not granted for one."""
        lines = self.browse([line.id for line in before])
        for line, price in lines._compute_prices().items():
            if before[line] > 0 and price.net != before[line]:
                line._as_price_engine().write({"rule_price": line.rule_price * price.net / before[line]})

    @api.model
    def _check_writable(self, vals):
        if COMPUTED_FIELDS & vals.keys():
            raise SalesOrderError(_("Margins and floors are computed: change price, cost or floor instead."))
        if "purchase_price" in vals and not (self.env.su or self.env.user._is_gate_director()):
            raise SalesOrderError(_("The cost of a line comes from its product. A sales director can set another."))

    def _check_agreed(self, vals):
        """Product and unit of a confirmed line stay, and so does what a rule gave along."""
        if self._is_price_engine() or not vals.keys() & {*AGREED_FIELDS, *GIVEN_FIELDS}:
            return
        for line in self.filtered(lambda line: line.order_id.state in CONFIRMED_STATES and not line.display_type):
            if any(name in vals and line[name].id != vals[name] for name in AGREED_FIELDS):
                raise SalesOrderError(
                    _("The order is confirmed: set this line's quantity to what was delivered, and add a line for the other product.")
                )
            if line._is_given() and any(name in vals and line[name] != vals[name] for name in GIVEN_FIELDS):
                raise SalesOrderError(_("“%s” came along by a price rule: it changes with its line only.", line.name))

    def _check_still_approved(self):
        """Raise when a line of ``self`` lies on an offer or order that is no longer approved."""
        self.order_id.filtered(lambda order: order.state in BINDING_STATES)._check_approved()
