# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json
from collections import defaultdict
from dataclasses import dataclass

from odoo import api, fields, models
from odoo.tools import float_compare, float_round

from ..engine import parameters, pricing
from ..tools.bulk import get_memo


@dataclass
class LinePrice:
    """The price of one line: net, and as unit price and discount. Per line unit, in the order's currency."""

    list_price: float
    net: float
    price_unit: float
    discount: float
    cost: float
    parameters: dict
    result: pricing.Result

    @property
    def companions(self):
        return self.result.companions

    def to_json(self):
        """What the rules did, without words: {list, net, steps, problems, needs}; False when no rule acted."""
        result = self.result
        if not result.steps and not result.problems:
            return False
        return json.dumps(
            {
                "list": self.list_price,
                "net": self.net,
                "steps": [[step.rule, step.kind, step.change, step.price, step.acted] for step in result.steps],
                "problems": [[problem.rule, problem.error.code, problem.error.detail] for problem in result.problems],
                "companions": [[part.role, part.rule, part.product, part.quantity, part.price] for part in result.companions],
            }
        )


class SaleOrderLine(models.Model):
    """What price rules are told about an order line, and what they answer."""

    _inherit = "sale.order.line"

    def _compute_prices(self, date=None):
        """{line: LinePrice} of lines that take price rules. Cost: a constant number of queries per order date and unit.

        :param date: in place of the orders' own
        """
        prices = {}
        digits = self.env["decimal.precision"].precision_get("Product Price")
        by_company = defaultdict(list)
        for line in self:
            by_company[line.order_id.company_id or self.env.company].append(line)
        for company, lines in by_company.items():
            book = self.env["crm.price.rule"]._get_book(company)
            list_prices = self._get_list_prices(lines, company, date)
            rates = {}
            for line in lines:
                facts = line.sudo().with_company(company)._get_price_facts(book, list_prices[line], rates, date)
                prices[line] = line._get_line_price(facts, book.price(facts), digits)
        return prices

    def _get_line_price(self, facts, result, digits):
        """The net price as unit price and discount: apart where the price list shows the public price, else together."""
        net = float_round(result.net, precision_digits=digits)
        price_unit, discount = net, 0.0
        if self.order_id.pricelist_id.discount_policy == "without_discount":
            public = self._get_tax_fixed(self._get_display_price(self.product_id))
            discount = round((public - net) / public * 100, 2) if public > net else 0.0
            if discount and not float_compare(public * (1 - discount / 100), net, precision_digits=digits):
                price_unit = public
            else:
                discount = 0.0
        # the cost is per product unit, as Odoo's is per line unit
        cost = 0.0 if result.cost is None else result.cost * facts.unit_factor
        return LinePrice(facts.list_price, net, price_unit, discount, cost, facts.parameters, result)

    def _get_tax_fixed(self, price):
        """``price`` without the taxes included in it that the line does not bear."""
        return self.env["account.tax"]._fix_tax_included_price_company(
            price, self.product_id.taxes_id, self.tax_id, self.company_id
        )

    @api.model
    def _get_list_prices(self, lines, company, date=None):
        """{line: price by its price list}. One call of the price list for all lines of one date and unit.

        :param lines: list of order lines of ``company``
        """
        known = get_memo(self, "crm.price.list")
        known = {} if known is None else known
        batches = defaultdict(list)
        for line in lines:
            pricelist, moment = line.order_id.pricelist_id, date or line.order_id.date_order or fields.Datetime.now()
            if pricelist not in known:
                known[pricelist] = pricelist.sudo()._is_dated()
            # without dates in the price list, only the day's currency rates matter
            moment = moment if known[pricelist] else fields.Datetime.start_of(moment, "day")
            batches[pricelist, moment, line.product_uom, line._get_price_extras(), company].append(line)
        prices = {}
        for batch, its_lines in batches.items():
            asked = {line: (batch, line.product_id, line.product_uom_qty) for line in its_lines}
            unknown = [line for line in its_lines if asked[line] not in known]
            known.update((asked[line], price) for line, price in self._get_batch_prices(*batch, unknown).items())
            prices.update((line, line._get_tax_fixed(known[asked[line]])) for line in its_lines)
        return prices

    @api.model
    def _get_batch_prices(self, pricelist, date, uom, extras, company, lines):
        """The price list answers by product: other quantities of the same product are asked for in the next call."""
        pricelist = pricelist.sudo().with_company(company).with_context(uom=uom.id)
        if extras:
            pricelist = pricelist.with_context(no_variant_attributes_price_extra=extras)
        prices = {}
        while lines:
            asked = {line.product_id.id: line for line in reversed(lines)}
            asking = [
                (line.product_id.with_env(pricelist.env), line.product_uom_qty or 1.0, line.order_id.partner_id)
                for line in asked.values()
            ]
            answers = pricelist._compute_price_rule(asking, date, uom.id)
            same = [line for line in lines if line.product_uom_qty == asked[line.product_id.id].product_uom_qty]
            prices.update((line, answers[line.product_id.id][0]) for line in same)
            lines = [line for line in lines if line not in prices]
        return prices

    def _get_price_extras(self):
        """Extra prices of attribute values that make no variant."""
        values = self.product_no_variant_attribute_value_ids
        if not values:
            return ()
        return tuple(
            value.price_extra
            for value in values
            if value.price_extra and value not in self.product_id.product_template_attribute_value_ids
        )

    def _get_price_facts(self, book, list_price, rates, date=None):
        """:rtype: engine.pricing.Facts

        :param rates: {(currency, order's currency, day): {currency of a rule: rate}}, filled here
        """
        order, product = self.order_id, self.product_id
        customer = order.partner_id.commercial_partner_id
        day = fields.Date.context_today(order, date or order.date_order or fields.Datetime.now())
        key = (order.currency_id or order.pricelist_id.currency_id, day)
        if key not in rates:
            rates[key] = self._get_rule_rates(book, *key)
        factor = self._get_unit_factor()
        categories = frozenset(int(part) for part in (product.categ_id.parent_path or "").split("/") if part)
        values = product.product_template_attribute_value_ids | self.product_no_variant_attribute_value_ids
        return pricing.Facts(
            product=product.product_tmpl_id.id,
            list_price=list_price,
            quantity=self.product_uom_qty * factor,
            categories=categories,
            attributes=frozenset(values.product_attribute_value_id.ids),
            customer=customer._origin.id or customer.id or 0,
            grade=customer.customer_grade or "",
            source=order.source_id.id or 0,
            team=order.team_id.id or 0,
            day=day,
            parameters={**book.get_defaults(product.product_tmpl_id.id, categories), **self._parse_parameters()},
            cost=product.standard_price * self._get_cost_rate(key[0], day),
            unit_factor=factor,
            rates=rates[key],
        )

    def _get_unit_factor(self):
        """How many units of the product one unit of the line is."""
        unit = self.product_id.uom_id
        if self.product_uom == unit or self.product_uom.category_id != unit.category_id:
            return 1.0
        return self.product_uom._compute_quantity(1.0, unit, round=False)

    def _get_rule_rates(self, book, currency, day):
        """{currency of a rule: how much of ``currency`` one of it is}"""
        currencies = self.env["res.currency"].browse(book.currencies)
        return {
            known.id: 1.0 if known == currency else known._convert(1.0, currency, self.env.company, day, round=False)
            for known in currencies
        }

    def _get_cost_rate(self, currency, day):
        known = self.product_id.cost_currency_id
        return 1.0 if known == currency else known._convert(1.0, currency, self.env.company, day, round=False)

    def _get_usual_parameters(self):
        """The text of the parameters this product is asked for, with their usual values; False if there are none."""
        line = self.sudo()
        book = self.env["crm.price.rule"]._get_book(line.order_id.company_id or self.env.company)
        categories = frozenset(int(part) for part in (line.product_id.categ_id.parent_path or "").split("/") if part)
        return parameters.render(book.get_defaults(line.product_id.product_tmpl_id.id, categories)) or False
