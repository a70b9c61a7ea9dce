# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.tools import float_compare, float_is_zero, format_date

from ..engine import rental
from ..exceptions import SalesOrderError
from .sale_order_line_rental import DAMAGE, DEPOSIT, LATE_FEE


class SaleOrder(models.Model):
    """What a rental costs the customer while time passes, and its end: damage charged, deposit released."""

    _inherit = "sale.order"

    # -- While goods are out -------------------------------------------------------------------------------------------

    def _goods_moved(self):
        super()._goods_moved()
        self.filtered(lambda order: order.flow == "rental")._update_rental_account()

    def _update_rental_account(self):
        """What the passing days changed: periods that began, and fees for days too late."""
        lines = self.order_line.filtered(lambda line: line._is_rent())
        lines.modified(["rented_product_id"])
        for line in lines:
            line._update_late_fee()

    @api.model
    def _cron_account_rentals(self):
        """Once a day: charge what began and what is late; each order's new charges become a draft invoice for finance."""
        orders = self.search([("flow", "=", "rental"), ("state", "=", "sale"), ("date_settled", "=", False)])
        orders._update_rental_account()
        for order in orders.filtered(lambda order: order.invoice_status == "to invoice"):
            order._create_invoices(final=True)

    def _get_flow_step(self):
        if self.flow == "rental" and self.goods_state == "back" and not self.date_settled:
            return "settle", _("Everything is back: settle the rental and release the deposit.")
        if self.flow == "rental" and self.goods_state == "waiting" and (self.lent_from - fields.Date.context_today(self)).days > 1:
            day = format_date(self.env, self.lent_from)
            return False, _("The goods are booked from %(date)s on; the warehouse sets them aside the day before.", date=day)
        return super()._get_flow_step()

    @api.depends("date_settled")
    def _compute_flow_step(self):
        super()._compute_flow_step()

    def _get_next_action(self):
        if self.flow == "rental" and self.goods_state == "back" and not self.date_settled:
            return "settle"
        return super()._get_next_action()

    # -- The end -------------------------------------------------------------------------------------------------------

    def _settle_rental(self, damage=0.0, reason=""):
        """Account for a rental whose goods are back: late fees and damage charged, the deposit released, all invoiced.

        :param damage: amount charged for damage or loss, in the order's currency; it may exceed the deposit
        :returns: the last invoice, or the credit note when the customer gets money back
        :rtype: account.move
        """
        self.ensure_one()
        order = self._check_goods_step()
        order._check_settling(damage)
        order._update_rental_account()
        if not order.currency_id.is_zero(damage):
            values = {"name": reason} if reason else {}
            order.env["sale.order.line"].create(order._prepare_rental_line(DAMAGE, damage, **values))
        order.date_settled = fields.Date.context_today(self)
        for line in order.order_line.filtered(lambda line: line._is_rent()):
            line.product_uom_qty = max(line.qty_delivered, line.qty_invoiced)
        order.order_line.filtered(lambda line: line.rental_role == DEPOSIT).product_uom_qty = 0.0
        return self.action_invoice_delivered()

    def _check_settling(self, damage):
        self.ensure_one()
        if self.flow != "rental" or self.date_settled:
            raise SalesOrderError(_("%(order)s: there is no rental to settle.", order=self.name))
        if self.goods_state != "back":
            raise SalesOrderError(
                _("%(order)s: not all goods are back yet. Take them back, or report what is lost, first.", order=self.name)
            )
        if damage < 0:
            raise SalesOrderError(_("A charge for damage cannot be negative. Enter 0 when nothing is damaged."))


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    # -- Charging ------------------------------------------------------------------------------------------------------

    @api.depends("rented_product_id")
    def _compute_qty_delivered_method(self):
        super()._compute_qty_delivered_method()
        for line in self:
            if line._is_rent():
                line.qty_delivered_method = "rental"

    @api.depends("rented_product_id", "order_id.lent_from", "order_id.lent_until")
    def _compute_qty_delivered(self):
        """Of rent: pieces × periods that have begun while the pieces were out."""
        super()._compute_qty_delivered()
        rented = self.filtered(lambda line: line.qty_delivered_method == "rental")
        today = fields.Date.context_today(self) if rented else None
        for line in rented:
            line.qty_delivered = rental.get_charged(line._get_periods(), line._get_movements(), today)

    def _get_movements(self):
        """What went out and left the customer again, day by day: [rental.Movement], oldest first."""
        done = self.move_ids.filtered(lambda move: move.state == "done").sorted(lambda move: (move.date, move.id))
        movements = []
        for move in done:
            into = bool(move.location_dest_id.custody == "rental")
            if into != (move.location_id.custody == "rental"):
                day = fields.Date.context_today(self, move.date)
                movements.append(rental.Movement(day, move.product_qty if into else -move.product_qty))
        return movements

    def _get_quantity_to_invoice(self, policy):
        if self.order_id.flow != "rental" or self.qty_delivered_method == "stock_move":
            return super()._get_quantity_to_invoice("delivered" if self.order_id.flow == "rental" else policy)
        by_period = self._is_rent() and (self.order_id.rent_billing == "period" or self.order_id.date_settled)
        if by_period:
            target = self.product_uom_qty if self.order_id.date_settled else self.qty_delivered
        else:
            target = self.product_uom_qty
        return target - self.qty_invoiced

    def _update_late_fee(self):
        """Charge pieces × days past the due date on a line of their own, once there are any."""
        self.ensure_one()
        order = self.order_id
        fee = self.product_id.sudo().rent_late_fee
        if not fee or order.date_settled:
            return
        late = rental.get_late_days(self._get_movements(), order.lent_until, fields.Date.context_today(self))
        line = self.search([("rental_line_id", "=", self.id), ("rental_role", "=", LATE_FEE)], limit=1)
        if line:
            if float_compare(line.product_uom_qty, late, precision_digits=3):
                line.product_uom_qty = late
        elif not float_is_zero(late, precision_digits=3):
            name = _("Late return: %(goods)s, pieces × days", goods=self.rented_product_id.name)
            self.create(
                order._prepare_rental_line(LATE_FEE, fee, name=name, product_uom_qty=late, rental_line_id=self.id)
            )

    def _prepare_invoice_line(self, **optional_values):
        """A deposit is owed to the customer: it goes on an account of its own, not on income."""
        vals = super()._prepare_invoice_line(**optional_values)
        if self.rental_role == DEPOSIT:
            vals["account_id"] = self.order_id.company_id._get_deposit_account().id
        elif self._is_rent() and self.qty_to_invoice:
            vals["name"] = self._get_rent_description()
        return vals

    def _get_rent_description(self):
        order = self.order_id
        return _(
            "%(rent)s, %(from)s – %(until)s",
            **{
                "rent": self.name,
                "from": format_date(self.env, order.lent_from),
                "until": format_date(self.env, order.lent_until),
            }
        )
