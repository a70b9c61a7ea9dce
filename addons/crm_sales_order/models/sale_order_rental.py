# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import _, api, fields, models
from odoo.tools import float_compare

from ..engine import rental
from ..exceptions import SalesOrderError
from .sale_order import CONFIRMED_STATES


class SaleOrder(models.Model):
    """Rental: goods out for a time, rent per period, a deposit that comes back, a fee for each day too late.

    A line of rent is a service whose quantity is pieces × periods, so Odoo invoices it like any other. What was
    ordered beside it (deposit, late fee, damage) are lines, too: the order tells the whole account.
    """

    _inherit = "sale.order"

    lent_from = fields.Date("From", copy=False, tracking=True, help="The first day the rent is charged for.")
    rent_billing = fields.Selection(
        [("upfront", "At Once, for the Whole Time"), ("period", "Each Period When It Begins")],
        "Rent Is Invoiced",
        default="period",
        required=True,
    )
    date_settled = fields.Date("Settled On", readonly=True, copy=False, help="Rental accounted for, deposit released.")

    _sql_constraints = [
        (
            "lent_order",
            "CHECK (lent_until IS NULL OR lent_from IS NULL OR lent_until >= lent_from)",
            "A rental cannot end before it starts. Correct the dates.",
        ),
    ]

    @api.model
    def create(self, vals):
        order = super().create(vals)
        order._update_rent()
        return order

    def write(self, vals):
        result = super().write(vals)
        if {"lent_from", "lent_until", "order_line", "order_type_id"} & vals.keys():
            self._update_rent()
        if {"lent_from", "lent_until", "warehouse_id"} & vals.keys():
            self._recheck_fleet()
        return result

    @api.onchange("lent_from", "lent_until")
    def _onchange_lent(self):
        for line in self.order_line.filtered(lambda line: line._is_rent()):
            line.product_uom_qty = line._get_rent_quantity()

    def _update_rent(self):
        """Pieces × periods on each line of rent, and a deposit for each; once settled nothing changes."""
        for order in self.filtered(lambda order: order.flow == "rental" and not order.date_settled):
            draft = order.state in ("draft", "sent")
            if draft:  # copied along with another order
                order.order_line.filtered(lambda line: line.rental_role and not line.rental_line_id).unlink()
            for line in order.order_line.filtered(lambda line: line._is_rent()):
                line._update_rent_quantity()
                if draft:
                    line._ask_deposit()

    def _recheck_fleet(self):
        """A confirmed rental that takes longer, or more: whatever the door, the pieces have to be there."""
        rentals = self.filtered(lambda order: order.flow == "rental" and order.state in CONFIRMED_STATES and not order.date_settled)
        for order in rentals:
            order._check_rental()
            start = fields.Datetime.to_datetime(order.lent_from)
            waiting = order._get_custody_lines()._get_custody_moves().filtered(lambda move: move.state != "done")
            waiting.sudo().filtered(lambda move, start=start: move.date != start).write({"date": start, "date_deadline": start})
        if rentals:
            rentals._check_fleet()

    def _prepare_rental_line(self, role, price, **values):
        self.ensure_one()
        product = self.env.ref("crm_sales_order.product_rental_%s" % role).with_context(lang=self.partner_id.lang)
        return {
            "order_id": self.id,
            "product_id": product.id,
            "name": product.name,
            "product_uom": product.uom_id.id,
            "product_uom_qty": 1.0,
            "price_unit": price,
            "rental_role": role,
            "sequence": 90,
            **values,
        }

    # -- Confirming ----------------------------------------------------------------------------------------------------

    def _check_flow(self):
        super()._check_flow()
        rentals = self.filtered(lambda order: order.flow == "rental")
        for order in self - rentals:
            if any(line.product_id.rented_product_id for line in order.order_line):
                raise SalesOrderError(_("%(order)s: rent goes on an order of type “Rental”. Change the type.", order=order.name))
        for order in rentals:
            order._check_rental()
        if rentals:
            rentals._check_fleet()

    def _check_rental(self):
        self.ensure_one()
        lines = self.order_line.filtered(lambda line: line._is_rent())
        if not lines:
            raise SalesOrderError(
                _("%(order)s: add what is rented: a service with “Rents Out” set on its product.", order=self.name)
            )
        if not (self.lent_from and self.lent_until):
            raise SalesOrderError(_("%(order)s: enter from when and until when the goods are rented.", order=self.name))
        if any(float_compare(line.rental_qty, 0.0, precision_digits=3) <= 0 for line in lines):
            raise SalesOrderError(_("%(order)s: each line of rent needs at least one piece.", order=self.name))

    def _check_fleet(self):
        """The same piece is not rented out twice for the same day.

        Whoever rents out or promises a product takes its guard first, so of two at once the later one is retried and
        counts the other.
        """
        lines = self.order_line.filtered("rented_product_id")
        pools = {(line.rented_product_id.id, line.order_id.warehouse_id.id) for line in lines}
        self.env["crm.stock.guard"].sudo()._acquire(pools)
        fleet, bookings = self._get_fleet(pools)
        for line in lines.filtered(lambda line: line.state not in CONFIRMED_STATES):
            order = line.order_id
            booking = rental.Booking(order.lent_from, order.lent_until, line.rental_qty)
            bookings[line.rented_product_id.id, order.warehouse_id.id].append(booking)
        for line in lines:
            order, product = line.order_id, line.rented_product_id
            pool = product.id, order.warehouse_id.id
            peak = rental.get_peak(bookings[pool], order.lent_from, order.lent_until)
            if float_compare(peak, fleet[pool], precision_rounding=product.uom_id.rounding) > 0:
                raise SalesOrderError(
                    _(
                        "%(order)s: of %(product)s in %(warehouse)s there are %(owned)s to rent out, and %(peak)s would be "
                        "needed on one day. Choose other dates or fewer pieces.",
                        order=order.name,
                        product=product.display_name,
                        warehouse=order.warehouse_id.sudo().name,
                        owned="%g" % max(fleet[pool], 0.0),
                        peak="%g" % peak,
                    )
                )

    def _get_fleet(self, pools):
        """Pieces there are to rent out, in the warehouse and promised to nobody or with customers, and who has booked them.

        :returns: ({pool: quantity in the product's unit}, {pool: [rental.Booking]}), for all pools
        """
        timeline = self.env["crm.stock.timeline"]
        fleet, bookings = defaultdict(float), defaultdict(list)
        fleet.update(timeline._load_stock(pools))
        for pool, parts in timeline._load_promised(pools).items():
            fleet[pool] -= sum(quantity for _date, quantity in parts)
        for pool, rented in timeline._load_rented(pools).items():
            fleet[pool] += rented.in_hand + rented.coming_back
            bookings[pool] = rented.bookings
        return fleet, bookings
