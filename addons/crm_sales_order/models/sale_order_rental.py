# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import _, api, fields, models
from odoo.tools import float_compare

from ..engine import rental
from ..exceptions import SalesOrderError


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
        goods = self.order_line.rented_product_id
        self.env["crm.stock.guard"].sudo()._acquire(self._get_pools(goods))
        fleet = self._get_fleet(goods)
        bookings = self._get_bookings(goods)
        for order in self:
            for product in order.order_line.rented_product_id:
                peak = rental.get_peak(bookings[order.company_id, product], order.lent_from, order.lent_until)
                owned = fleet[order.company_id, product]
                if float_compare(peak, owned, precision_rounding=product.uom_id.rounding) > 0:
                    raise SalesOrderError(
                        _(
                            "%(order)s: of %(product)s there are %(owned)s to rent out, and %(peak)s would be needed on one "
                            "day. Choose other dates or fewer pieces.",
                            order=order.name,
                            product=product.display_name,
                            owned="%g" % owned,
                            peak="%g" % peak,
                        )
                    )

    def _get_pools(self, goods):
        """(product id, warehouse id) pairs of these goods in the warehouses of the orders' companies."""
        warehouses = self.env["stock.warehouse"].sudo().search([("company_id", "in", self.company_id.ids)])
        return {(product.id, warehouse.id) for product in goods for warehouse in warehouses}

    def _get_fleet(self, goods):
        """Pieces a company can rent out: in its warehouses and promised to nobody else, or rented out now.

        :returns: {(company, product): quantity in the product's unit}
        """
        pools = self._get_pools(goods)
        timeline = self.env["crm.stock.timeline"]
        companies = {house.id: house.company_id for house in self.env["stock.warehouse"].sudo().browse({pool[1] for pool in pools})}
        fleet = defaultdict(float)
        for (product_id, warehouse_id), quantity in timeline._load_stock(pools).items():
            fleet[companies[warehouse_id], goods.browse(product_id)] += quantity
        for (product_id, warehouse_id), parts in timeline._load_promised(pools).items():
            fleet[companies[warehouse_id], goods.browse(product_id)] -= sum(quantity for _date, quantity in parts)
        rented = [("product_id", "in", goods.ids), ("location_id.custody", "=", "rental")]
        for quant in self.env["stock.quant"].sudo().search(rented):
            fleet[quant.company_id, quant.product_id] += quant.quantity
        reserved = [
            ("product_id", "in", goods.ids),
            ("move_id.sale_line_id.rented_product_id", "!=", False),
            ("location_id.custody", "=", False),
            ("state", "in", ("assigned", "partially_available")),
        ]
        for detail in self.env["stock.move.line"].sudo().search(reserved):
            fleet[detail.company_id, detail.product_id] += detail.product_qty
        return fleet

    def _get_bookings(self, goods):
        """Confirmed rentals of these goods, as superuser; what is overdue is needed from its start until today.

        :returns: {(company, product): [rental.Booking]}
        """
        today = fields.Date.context_today(self)
        bookings = defaultdict(list)
        lines = (
            self.env["sale.order.line"]
            .sudo()
            .search([("rented_product_id", "in", goods.ids), ("order_id.goods_state", "in", ("waiting", "out"))])
        )
        for line in lines | self.order_line.filtered("rented_product_id").sudo():
            order = line.order_id
            last = max(order.lent_until, today) if order.goods_state == "out" else order.lent_until
            pieces = line._get_pieces_booked()
            bookings[order.company_id, line.rented_product_id].append(rental.Booking(order.lent_from, last, pieces))
        return bookings
