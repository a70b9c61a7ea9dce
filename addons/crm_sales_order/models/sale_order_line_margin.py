# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from ..engine.margin import shortfall


class SaleOrderLine(models.Model):
    """Cost, margin and floor of a line, in the order's currency and the line's unit.

    Odoo's sale_margin reads the exchange rate line by line, lets every salesperson write the cost, calls a product without
    cost a margin of 100 %, and after the delivery takes the company's cost per product unit as if it were the order's
    currency and the line's unit.
    """

    _inherit = "sale.order.line"

    purchase_price = fields.Float(groups="crm_sales_order.group_margins", readonly=True)
    margin = fields.Float(groups="crm_sales_order.group_margins")
    margin_percent = fields.Float(groups="crm_sales_order.group_margins")
    cost_known = fields.Boolean(compute="_compute_cost_known", groups="crm_sales_order.group_margins")
    floor_price = fields.Float(
        string="Floor",
        digits="Product Price",
        compute="_compute_floor",
        store=True,
        groups="crm_sales_order.group_margins",
        help="The least net unit price without approval, as of the day it was quoted.",
    )
    floor_cost = fields.Float(digits="Product Price", compute="_compute_floor", store=True, groups="crm_sales_order.group_margins")
    floor_unknown = fields.Boolean(
        compute="_compute_floor",
        store=True,
        groups="crm_sales_order.group_margins",
        help="A minimum margin is asked for, but the product has no cost.",
    )
    concession = fields.Float(
        string="Conceded (%)",
        digits=(5, 1),
        compute="_compute_concession",
        groups="crm_sales_order.group_margins",
        help="How much the price lies below the one by price list and rules.",
    )

    def _auto_init(self):
        """Columns of an installed database begin empty: what was quoted before is not judged."""
        cr = self.env.cr
        cr.execute(
            "ALTER TABLE sale_order_line ADD COLUMN IF NOT EXISTS floor_price numeric,"
            " ADD COLUMN IF NOT EXISTS floor_cost numeric, ADD COLUMN IF NOT EXISTS floor_unknown boolean"
        )
        return super()._auto_init()

    def init(self):
        super().init()
        # a product's cost changes on every receipt: its drafts are found without reading all lines
        self.env.cr.execute(
            "CREATE INDEX IF NOT EXISTS sale_order_line_draft_product_idx ON sale_order_line (product_id) WHERE state = 'draft'"
        )

    # -- cost ------------------------------------------------------------------------------------------------------

    @api.depends("rule_cost")
    def _compute_purchase_price(self):
        costs = self._get_unit_costs()
        for line in self:
            line.purchase_price = costs.get(line, 0.0)

    def _get_unit_costs(self):
        """{line: cost per unit of the line, in the order's currency}; lines whose cost is unknown are left out.

        What was delivered counts as it was valued, the rest by the cost rules or the product's cost. Rates are read once per
        currency and day.
        """
        rates, costs = {}, {}
        for line in self:
            by_rule = 0.0 if line.move_ids.stock_valuation_layer_ids else line.rule_cost
            cost = by_rule or line._get_company_cost()
            if cost:
                costs[line] = cost if by_rule else cost * line._get_currency_rate(rates)
        return costs

    def _get_company_cost(self):
        """Cost per unit of the line, in the currency of the product's cost; zero when unknown."""
        product = self.product_id.with_company(self.company_id or self.env.company)
        if not product:
            return 0.0
        cost = product.standard_price
        if self.move_ids.stock_valuation_layer_ids:
            quantity = self.product_uom._compute_quantity(self.product_uom_qty, product.uom_id, round=False)
            cost = product._compute_average_price(0, quantity, self.move_ids)
        return product.uom_id._compute_price(cost, self.product_uom) if self.product_uom else cost

    def _get_currency_rate(self, rates):
        """What one of the currency of the product's cost is in the order's currency.

        :param rates: a dict that remembers
        """
        company = (self.company_id or self.env.company)._origin
        origin = self.product_id.with_company(company).cost_currency_id._origin
        target = (self.currency_id or self.order_id.currency_id)._origin or origin
        date = fields.Date.to_date(self.order_id.date_order) or fields.Date.context_today(self)
        key = (origin, target, company, date)
        if key not in rates:
            rates[key] = 1.0 if origin == target else origin._get_conversion_rate(origin, target, company, date)
        return rates[key]

    def _is_costed(self):
        """Whether a cost is to be expected: goods and services sold, not sections, deductions and freight."""
        freight = self.is_delivery and self.product_id == self.order_id.carrier_id.product_id
        return bool(self.product_id and not self.display_type and self.price_subtotal > 0 and not freight)

    @api.depends("purchase_price", "price_subtotal", "product_id")
    def _compute_cost_known(self):
        for line in self:
            line.cost_known = bool(line.purchase_price) or not line._is_costed()

    @api.depends("product_id")
    def _compute_margin(self):
        """Without a cost there is no margin: zero, and the form says so."""
        for line in self:
            known = line.purchase_price or not line._is_costed()
            line.margin = line.price_subtotal - line.purchase_price * line.product_uom_qty if known else 0.0
            line.margin_percent = line.price_subtotal and line.margin / line.price_subtotal

    # -- floor -----------------------------------------------------------------------------------------------------

    @api.depends("product_id", "product_uom", "currency_id", "company_id", "rule_cost", "order_id.user_id")
    def _compute_floor(self):
        costs, rates = self._get_unit_costs(), {}
        for line in self:
            line.floor_cost = costs.get(line, 0.0)
            line.floor_price, line.floor_unknown = (
                line.order_id._get_floor(line.product_id, line.product_uom, line.floor_cost, rates) if line.product_id else (0.0, False)
            )

    @api.depends("price_unit", "discount", "rule_price")
    def _compute_concession(self):
        for line in self:
            price = line.price_unit * (1 - line.discount / 100)
            line.concession = shortfall(price, line.rule_price)

    def _refresh_costs(self):
        """Product costs changed: costs, margins and floors of these lines are taken anew."""
        self._recompute_later(["purchase_price", "floor_price", "floor_cost", "floor_unknown"])

    def _refresh_floors(self):
        self._recompute_later(["floor_price", "floor_cost", "floor_unknown"])

    def _recompute_later(self, names):
        """Compute fields anew for a cause that the ORM does not see, and what depends on them."""
        for name in names:
            self.env.add_to_compute(self._fields[name], self)
        self.modified(names)
