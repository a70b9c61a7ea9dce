# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

from ..engine import credit
from ..exceptions import CreditError
from .sale_order import CONFIRMED_STATES
from .sale_order_type import QUOTATION_STATES

#: Context: the orders whose lines are being written together (:class:`_Together`)
_KEY = "crm_credit_together"
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
        return {"order_id": self.id, "purpose": "confirm"}

    # -- doors ---------------------------------------------------------------------------------------------------------

    def _check_can_confirm(self):
        super()._check_can_confirm()
        self._hold_for_credit(confirming=self.ids)

    def _hold_for_credit(self, way=None, confirming=()):
        orders = self.sudo().filtered(lambda order: order._is_under_credit())
        if orders:
            self.env["crm.credit"]._hold({order.with_env(self.env): {order._get_credit_pair()} for order in orders}, way, confirming)

    def write(self, vals):
        """Another payer of a confirmed order is another customer's credit; lines that change together are looked at together."""
        confirmed = self.sudo().filtered(lambda order: order.state in CONFIRMED_STATES)
        payers, held, amounts, orders = {}, {}, {}, self
        if vals.keys() & {"partner_id", "partner_invoice_id"} and "state" not in vals:
            payers = {order: order._get_credit_pair() for order in confirmed}
            held = {} if self.env.su else confirmed._get_credit_standing(payers)
        if "order_line" in vals and confirmed and not self.env.su:
            amounts = {order: order.amount_total for order in confirmed}
            orders = self.with_context(**{_KEY: _Together(confirmed.ids)})
        result = super(SaleOrder, orders).write(vals)
        moved = {order.id for order, pair in payers.items() if order._get_credit_pair() != pair}
        for order in self.filtered(lambda order: order.id in moved and held.get(order.id)):
            raise CreditError(
                _(
                    "%(order)s waits for credit: another payer does not let it go. Ask finance for a release, or cancel it and enter "
                    "it anew for who pays.",
                    order=order.display_name,
                )
            )
        grown = set(moved)
        grown |= {order.id for order, amount in amounts.items() if order.currency_id.compare_amounts(order.amount_total, amount) > 0}
        self.filtered(lambda order: order.id in grown)._check_growth()
        if vals.get("state") == "cancel":
            self.env["crm.credit.release"].sudo()._lapse(self)
        return result

    def _get_credit_standing(self, payers):
        """{order id: whether its payer's credit holds it back}

        :param payers: {order: pair}
        """
        verdicts = self.env["crm.credit"].sudo()._get_verdicts(set(payers.values()))
        return {order.id: order._is_under_credit() and verdicts[pair].state == credit.BLOCKED for order, pair in payers.items()}

    def _check_growth(self):
        """These confirmed orders grew: raise when the customer's credit does not allow it."""
        self._hold_for_credit(
            _(
                "Finance can let a confirmed order grow once: press “Ask to Add More” there and say why; or enter what comes on top as "
                "an order of its own."
            )
        )


class _Together:
    """Orders whose lines are checked once, all together: an object nobody outside of this process can put into a context."""

    def __init__(self, order_ids):
        self.order_ids = frozenset(order_ids)


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
        if self.env.su:
            return self.env["sale.order"]
        together = self.env.context.get(_KEY)
        later = together.order_ids if isinstance(together, _Together) else frozenset()
        return self.filtered(
            lambda line: line.state in CONFIRMED_STATES and not line.is_downpayment and line.order_id.id not in later
        ).order_id
