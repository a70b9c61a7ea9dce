# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

from .sale_order import BINDING_STATES
from .sale_order_floor import PriceOffer


class SaleOrderOption(models.Model):
    """What the customer may add to a quotation is offered, too: its price is judged like a line's."""

    _inherit = "sale.order.option"

    def _get_price_offers(self, label=""):
        """The options as offers, their costs and floors as of now; in sudo mode.

        :param label: with a place for the option's number; without one, what the rules would grant is left out
        """
        lines = [self.env["sale.order.line"].new(option._get_values_to_add_to_order()) for option in self]
        for line in lines:
            line._compute_tax_id()
        priced = self.env["sale.order.line"].concat(*lines).filtered(lambda line: label and line._takes_price_rules())
        prices, rates, offers = priced._compute_prices() if priced else {}, {}, []
        for number, (option, line) in enumerate(zip(self, lines), 1):
            order, product = option.order_id, option.product_id
            cost = line._get_company_cost() * line._get_currency_rate(rates)
            floor, unknown = order._get_floor(product, option.uom_id, cost, rates)
            entered = option.price_unit * (1 - option.discount / 100)
            price = order._get_untaxed(entered, line.tax_id, product)
            granted = order._get_untaxed(prices[line].net if line in prices else 0.0, line.tax_id, product)
            name = label % number if label else label
            offers.append(PriceOffer(name, product, option.uom_id, option.quantity, price, granted, floor, cost, unknown, entered))
        return offers

    @api.model_create_multi
    def create(self, vals_list):
        options = super().create(vals_list)
        options._check_still_approved()
        return options

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() - {"line_id", "name", "sequence"}:
            self._check_still_approved()
        return result

    def _check_still_approved(self):
        self.order_id.filtered(lambda order: order.state in BINDING_STATES)._check_approved()
