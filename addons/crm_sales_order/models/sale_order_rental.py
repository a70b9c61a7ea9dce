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

        Who rents out a product writes its row first, so of two at once the later one is retried and counts the other.
        """
        goods = self.order_line.rented_product_id
        self.flush()
        self.env.cr.execute("SELECT id FROM product_product WHERE id IN %s ORDER BY id FOR UPDATE", [tuple(goods.ids)])
        self.env.cr.execute("UPDATE product_product SET id = id WHERE id IN %s", [tuple(goods.ids)])
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

    def _get_fleet(self, goods):
        """Pieces a company can rent out: in its warehouses and not reserved for others, or rented out now.

        :returns: {(company, product): quantity in the product's unit}
        """
        fleet = defaultdict(float)
        for company in self.company_id:
            in_stock = [("location_id", "child_of", self._get_stock_places(company).ids)]
            rented = [("location_id.custody", "=", "rental"), ("location_id.company_id", "=", company.id)]
            for domain in (in_stock, rented):
                for group in self.env["stock.quant"].sudo().read_group(
                    [("product_id", "in", goods.ids), *domain], ["quantity"], ["product_id"]
                ):
                    fleet[company, goods.browse(group["product_id"][0])] += group["quantity"]
            sold = [
                ("product_id", "in", goods.ids),
                *in_stock,
                ("move_id.sale_line_id.order_id.flow", "!=", "rental"),
                ("state", "in", ("assigned", "partially_available")),
            ]
            for group in self.env["stock.move.line"].sudo().read_group(sold, ["product_qty"], ["product_id"]):
                fleet[company, goods.browse(group["product_id"][0])] -= group["product_qty"]
        return fleet

    @api.model
    def _get_stock_places(self, company):
        return self.env["stock.warehouse"].sudo().search([("company_id", "=", company.id)]).view_location_id

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
