# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

from ..engine import credit
from ..exceptions import CreditError
from .sale_order import CONFIRMED_STATES
from .sale_order_type import QUOTATION_STATES

#: What makes a confirmed line dearer
PRICED = frozenset({"product_id", "product_uom_qty", "product_uom", "price_unit", "discount", "tax_id"})


class SaleOrder(models.Model):
    """Orders use the credit of who pays them: checked when they are confirmed, and when they grow afterwards."""

    _name = "sale.order"
    _inherit = ["sale.order", "crm.credit.mixin"]

    def _get_credit_pair(self):
        """(commercial partner id, company id) of who pays this order."""
        self.ensure_one()
        return (self.partner_invoice_id or self.partner_id).commercial_partner_id.id, self.company_id.id

    def _is_under_credit(self):
        """Whether this order needs credit at all: of a kind that does, and worth something."""
        self.ensure_one()
        return (not self.order_type_id or self.order_type_id.credit_check) and self.currency_id.compare_amounts(self.amount_total, 0) > 0

    def _get_credit_pairs(self):
        """A quotation needs credit to be confirmed, an order to be shipped."""
        return {
            order: {order._get_credit_pair()}
            for order in self
            if order.id and order._is_under_credit() and (order.state in QUOTATION_STATES or order._get_held())
        }

    def _get_credit_amount(self):
        self.ensure_one()
        return self.company_id.currency_id.round(self.amount_total / (self.currency_rate or 1.0))

    def _get_credit_more(self):
        if self.state not in QUOTATION_STATES:
            return {}
        units = self.env["crm.credit"]._get_units(self.company_id)
        return {self._get_credit_pair(): credit.round_half_up(self._get_credit_amount() * units)}

    def _get_credit_order(self):
        return self

    def _get_held(self):
        """A quotation itself; of an order the transfers that are still to leave."""
        self.ensure_one()
        if self.state in QUOTATION_STATES:
            return self
        return self.sudo().picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel") and picking._leaves())

    def _prepare_release_document(self):
        return {"order_id": self.id}

    # -- doors ---------------------------------------------------------------------------------------------------------

    def _check_can_confirm(self):
        super()._check_can_confirm()
        self._hold_for_credit()

    def _hold_for_credit(self):
        orders = self.sudo().filtered(lambda order: order._is_under_credit())
        if orders:
            self.env["crm.credit"]._hold({order.with_env(self.env): {order._get_credit_pair()} for order in orders})

    def write(self, vals):
        """Another payer of a confirmed order is another customer's credit."""
        payers = {}
        if vals.keys() & {"partner_id", "partner_invoice_id"} and "state" not in vals:
            payers = {order: order._get_credit_pair() for order in self.sudo() if order.state in CONFIRMED_STATES}
        result = super().write(vals)
        moved = self.browse([order.id for order, pair in payers.items() if order._get_credit_pair() != pair])
        moved._check_growth()
        return result

    def _check_growth(self):
        """These confirmed orders grew: raise when the customer's credit does not allow it."""
        try:
            self._hold_for_credit()
        except CreditError as error:
            raise CreditError(
                _("%(error)s\nA confirmed order is not released: enter what comes on top as an order of its own.", error=error.args[0])
            ) from error


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        orders = self.env["sale.order"].browse({vals["order_id"] for vals in vals_list if vals.get("order_id")})
        if any(order.state in CONFIRMED_STATES for order in orders):
            lines.exists().filtered(lambda line: line.price_total > 0)._get_grown()._check_growth()
        return lines

    def write(self, vals):
        before = {}
        if PRICED & vals.keys():
            before = {order: order.amount_total for order in self._get_grown()}
        result = super().write(vals)
        grown = [order.id for order, amount in before.items() if order.currency_id.compare_amounts(order.amount_total, amount) > 0]
        if grown:
            self.env["sale.order"].browse(grown)._check_growth()
        return result

    def _get_grown(self):
        """Confirmed orders a person changes; what the system itself adds (fees, deposits, advances) needs no credit."""
        people_add = self.filtered(lambda line: line.state in CONFIRMED_STATES and not line.is_downpayment)
        return self.env["sale.order"] if self.env.su else people_add.order_id
