# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.tools import float_compare

from ..engine import rental

#: What the lines beside the rent are for
DEPOSIT, LATE_FEE, DAMAGE = "deposit", "late", "damage"


class SaleOrderLine(models.Model):
    """A line of rent: a service whose quantity is pieces × periods, and which hands out goods."""

    _inherit = "sale.order.line"

    rented_product_id = fields.Many2one(
        "product.product", "Rented Goods", compute="_compute_rented_product_id", store=True, index=True, ondelete="restrict"
    )
    rental_qty = fields.Float(
        "Pieces", digits="Product Unit of Measure", help="Pieces rented; the quantity is pieces × periods."
    )
    rental_role = fields.Selection(
        [(DEPOSIT, "Deposit"), (LATE_FEE, "Late Fee"), (DAMAGE, "Damage")], readonly=True
    )
    rental_line_id = fields.Many2one(
        "sale.order.line", "Charged for", readonly=True, copy=False, index=True, ondelete="cascade"
    )
    qty_delivered_method = fields.Selection(selection_add=[("rental", "Periods of Rent")])

    _sql_constraints = [("rental_qty_positive", "CHECK (rental_qty >= 0)", "Rented pieces cannot be negative.")]

    @api.depends("product_id", "order_id.flow")
    def _compute_rented_product_id(self):
        for line in self:
            line.rented_product_id = line.order_id.flow == "rental" and line.product_id.rented_product_id

    def _is_rent(self):
        self.ensure_one()
        return self.order_id.flow == "rental" and bool(self.product_id.rented_product_id)

    @api.onchange("rental_qty")
    def _onchange_rental_qty(self):
        if self._is_rent():
            self.product_uom_qty = self._get_rent_quantity()

    def _ask_deposit(self):
        """A line for the deposit on these pieces; its price is the rep's once it is there."""
        self.ensure_one()
        deposit = self.order_id.order_line.filtered(
            lambda line: line.rental_line_id == self and line.rental_role == DEPOSIT
        )
        price = self.product_id.sudo().rent_deposit
        if not deposit and price:
            order = self.order_id
            values = {"product_uom_qty": self.rental_qty, "rental_line_id": self.id}
            self.create(order._prepare_rental_line(DEPOSIT, price, **values))
        elif deposit and float_compare(deposit.product_uom_qty, self.rental_qty, precision_digits=3):
            deposit.product_uom_qty = self.rental_qty

    def _get_periods(self):
        """The periods of this line's rent: [(first day, last day)]; empty while dates are missing."""
        order = self.order_id
        if not (order.lent_from and order.lent_until):
            return []
        return rental.get_periods(order.lent_from, order.lent_until, self.product_id.rent_unit)

    def _get_rent_quantity(self):
        return self.rental_qty * max(len(self._get_periods()), 1)

    def _update_rent_quantity(self):
        """A quantity given without pieces means pieces; from then on pieces × periods is the quantity."""
        self.ensure_one()
        vals = {} if self.rental_qty or not self.product_uom_qty else {"rental_qty": self.product_uom_qty}
        quantity = (self.rental_qty or self.product_uom_qty) * max(len(self._get_periods()), 1)
        if float_compare(self.product_uom_qty, quantity, precision_rounding=self.product_uom.rounding or 0.01):
            vals["product_uom_qty"] = quantity
        if vals:
            self.write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        orders = lines.order_id
        orders._update_rent()
        orders._recheck_fleet()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if {"rental_qty", "product_uom_qty", "product_id"} & vals.keys():
            self.order_id._update_rent()
        if "rental_qty" in vals:
            self.order_id._recheck_fleet()
        return result

    @api.depends("order_id.flow")
    def _compute_purchase_price(self):
        """Rented goods are not used up, and a deposit is no income."""
        super()._compute_purchase_price()
        for line in self.filtered("rental_role"):
            if line.rental_role == DEPOSIT:
                line.purchase_price = line.price_unit

    # -- Stock ---------------------------------------------------------------------------------------------------------

    def _stays_ours(self):
        return super()._stays_ours() or self._is_rent()

    def _get_goods(self):
        return self.rented_product_id or super()._get_goods()

    def _action_launch_stock_rule(self, previous_product_uom_qty=False):
        result = super()._action_launch_stock_rule(previous_product_uom_qty)
        self.filtered(lambda line: line.state == "sale" and line._is_rent())._hand_out_rented()
        return result

    def _hand_out_rented(self):
        """Have the rented goods delivered, as far as they are not yet."""
        groups = self.env["procurement.group"]
        procurements = []
        for line in self.with_prefetch():
            goods = line.rented_product_id
            planned = sum(line._get_custody_moves().mapped("product_qty"))
            missing = line.rental_qty - planned
            if float_compare(missing, 0.0, precision_rounding=goods.uom_id.rounding) <= 0:
                continue
            order = line.order_id
            if not order.procurement_group_id:
                order.procurement_group_id = groups.create(line._prepare_procurement_group_vals())
            place = order.partner_shipping_id.property_stock_customer
            values = line._prepare_procurement_values(order.procurement_group_id)
            procurements.append(
                groups.Procurement(goods, missing, goods.uom_id, place, line.name, order.name, order.company_id, values)
            )
        if procurements:
            groups.run(procurements)
            self._get_custody_moves().filtered(lambda move: move.state == "confirmed")._action_assign()

    def _prepare_procurement_values(self, group_id=False):
        values = super()._prepare_procurement_values(group_id)
        if self._is_rent():
            day = fields.Datetime.to_datetime(self.order_id.lent_from)
            values.update(date_planned=day, date_deadline=day)
        return values
