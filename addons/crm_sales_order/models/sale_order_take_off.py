# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import _, api, fields, models
from odoo.tools import float_compare

from ..exceptions import SalesOrderError
from .sale_order import CONFIRMED_STATES
from .sale_order_instalment_change import Reason, get_reason

RETURNED, CANCELLED = Reason("returned"), Reason("cancelled")


class SaleOrder(models.Model):
    """What leaves a confirmed order: its rest when that is cancelled, and goods that come back to be refunded.

    The ordered quantity goes down, and with it all that is planned or still to do: instalments, deliveries, the next step.
    The value stays visible on the order (``amount_cancelled``, ``amount_returned``).
    """

    _inherit = "sale.order"

    has_rest = fields.Boolean(compute="_compute_has_rest", help="Whether something of this order was not delivered yet.")

    @api.depends("state", "flow", "order_line.product_uom_qty", "order_line.qty_delivered")
    def _compute_has_rest(self):
        for order in self:
            order.has_rest = order.state in CONFIRMED_STATES and not order._moves_own_goods() and bool(order._get_rest())

    def action_cancel_rest(self):
        """What was not delivered yet is not to be delivered any more: open transfers are cancelled, the order shrinks to
        what the customer has. What was invoiced beyond that is credited by invoicing the order again.
        """
        self.check_access_rights("write")
        self.check_access_rule("write")
        for order in self:
            if not order.has_rest:
                raise SalesOrderError(
                    _("%(order)s has no rest to cancel: everything was delivered, or it is not confirmed.", order=order.name)
                )
            lines = order.sudo()._get_rest()
            moves = lines.move_ids.filtered(lambda move: move.state not in ("done", "cancel") and move.location_id.usage != "customer")
            moves._action_cancel()
            value = order.sudo()._take_off({line: line.product_uom_qty - max(line.qty_delivered, 0.0) for line in lines}, CANCELLED)
            order.message_post(body=_("The rest was cancelled: %(value)s.", value=order._format_amount(value)))
        return True

    def _get_rest(self):
        """Lines with something not delivered yet."""
        return self.order_line.filtered(
            lambda line: (
                not (line.display_type or line.is_downpayment)
                and float_compare(line.product_uom_qty, max(line.qty_delivered, 0.0), precision_rounding=line.product_uom.rounding) > 0
            )
        )

    def _format_amount(self, amount):
        return self.env["ir.qweb.field.monetary"].value_to_html(amount, {"display_currency": self.currency_id})

    def _take_off(self, quantities, reason):
        """Lower the ordered quantities (raise them where negative), and keep the value in mind.

        :param quantities: {order line: quantity in its unit}
        :returns: the value, tax included
        """
        self.ensure_one()
        before = self.amount_total
        for line, quantity in quantities.items():
            line = line.with_context(crm_replan=reason)._as_price_engine()
            line.write({"product_uom_qty": line.product_uom_qty - quantity})
        value = self.currency_id.round(before - self.amount_total)
        name = "amount_%s" % reason
        self[name] += value
        # the history is written with the reason
        self.env["sale.order.instalment"].with_context(crm_replan=reason).flush(["amount"])
        return value


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    qty_returned = fields.Float(
        "Returned", digits="Product Unit of Measure", readonly=True, copy=False, help="Came back to be refunded, and left the order."
    )

    def _check_still_approved(self):
        """What leaves the order needs no approval."""
        if not get_reason(self):
            super()._check_still_approved()

    def _get_protected_fields(self):
        """Goods come back to locked orders, too."""
        return [] if get_reason(self) else super()._get_protected_fields()

    def _check_writable(self, vals):
        super()._check_writable(vals)
        if "qty_returned" in vals and not self.env.su:
            raise SalesOrderError(_("What came back is recorded by its transfer, not written by hand."))

    def _take_back(self, quantity):
        """``quantity`` of this line came back for good; negative: it went out again. :returns: what leaves the order"""
        self.ensure_one()
        if quantity > 0:
            return min(quantity, max(self.product_uom_qty - self.qty_delivered, 0.0))
        return max(quantity, -self.qty_returned)


class StockMove(models.Model):
    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        returned = moves.sudo().filtered(lambda move: move._is_refunded())
        if returned:
            returned._take_off_orders()
        return moves

    def _is_refunded(self):
        """Whether this move brings goods of a sale back to be refunded, or takes such goods out again."""
        self.ensure_one()
        line = self.sale_line_id
        if not (self.to_refund and line and self.state == "done" and self.product_id == line.product_id):
            return False
        sold = line.order_id._is_sold() and not line.order_id._moves_own_goods()
        back = self.location_id.usage == "customer" or self.origin_returned_move_id.location_id.usage == "customer"
        return sold and back and not line.returned_line_id

    def _take_off_orders(self):
        back = defaultdict(float)
        for move in self:
            quantity = move.product_uom._compute_quantity(move.product_uom_qty, move.sale_line_id.product_uom, rounding_method="HALF-UP")
            back[move.sale_line_id] += quantity if move.location_id.usage == "customer" else -quantity
        taken = {line: line._take_back(quantity) for line, quantity in back.items()}
        for order in self.sale_line_id.order_id:
            quantities = {line: quantity for line, quantity in taken.items() if quantity and line.order_id == order}
            if quantities:
                order._take_off(quantities, RETURNED)
            for line, quantity in quantities.items():
                line.qty_returned += quantity
