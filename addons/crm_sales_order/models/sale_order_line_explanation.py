# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json

from odoo import _, api, fields, models

from ..engine import pricing
from ..engine.formula import FormulaError
from ..exceptions import SalesOrderError


class SaleOrderLine(models.Model):
    """Why a line costs what it costs, in the reader's language."""

    _inherit = "sale.order.line"

    price_explanation = fields.Text(
        compute="_compute_price_explanation",
        groups="base.group_user",
        help="What the rules did to the price of this line.",
    )

    @api.depends("price_steps", "rule_price", "price_unit", "discount", "price_pinned")
    @api.depends_context("lang", "uid")
    def _compute_price_explanation(self):
        told = self.filtered(lambda line: line.product_id and (line.price_steps or line.price_pinned or line.price_rule_id))
        texts = told._explain_prices()
        for line in self:
            line.price_explanation = json.dumps(texts[line]) if line in texts else False

    def _explain_prices(self, prices=None):
        """{line: what _explain_price says}, from a constant number of queries.

        :param prices: {line: LinePrice} in place of what is stored
        """
        stored = {line: prices[line].to_json() if prices else line.sudo().price_steps for line in self}
        known = {line: json.loads(steps or "{}") for line, steps in stored.items()}
        rules = {step[0] for data in known.values() for step in data.get("steps", []) + data.get("problems", [])}
        rules |= set(self.price_rule_id.ids)
        names = dict(self.env["crm.price.rule"].sudo().browse(rules).exists().name_get())
        words = {
            "rules": names,
            "kinds": dict(self.env["crm.price.rule"]._fields["kind"]._description_selection(self.env)),
            "roles": dict(self._fields["line_role"]._description_selection(self.env)),
            "gone": _("A rule that is gone"),
            "costs": self.env.user.has_group("crm_sales_order.group_margins"),
        }
        return {line: line._explain_price(known[line], words) for line in self}

    def _explain_price(self, known, words):
        """{list, net, rules, pinned, role, origin, by, currency, steps, problems}; amounts are numbers, for the client to format.

        A step is {name, kind, change, brings, price, acted}; problems are texts.

        :param known: what ``price_steps`` says
        :param words: names and labels in the reader's language, see _explain_prices
        """
        self.ensure_one()
        priced = (pricing.PRICE, pricing.DISCOUNT, pricing.SURCHARGE)
        steps = [
            {
                "name": words["rules"].get(rule, words["gone"]),
                "kind": words["kinds"][kind],
                "change": change,
                "brings": self._get_brought_text(known, rule),
                "price": price if kind in priced else False,
                "acted": acted,
            }
            for rule, kind, change, price, acted in known.get("steps", [])
            if words["costs"] or kind != pricing.COST
        ]
        return {
            "list": known.get("list", False),
            "net": self.price_unit * (1 - (self.discount or 0.0) / 100.0),
            "rules": self.rule_price,
            "pinned": self.price_pinned,
            "role": words["roles"][self.line_role] if self.line_role != "main" else "",
            "origin": self.origin_line_id.product_id.display_name or "",
            "by": words["rules"].get(self.price_rule_id.id, ""),
            "currency": (self.order_id.currency_id or self.order_id.pricelist_id.currency_id).id,
            "steps": steps,
            "problems": [self._get_problem_text(problem, words["rules"]) for problem in known.get("problems", [])],
        }

    def _get_brought_text(self, known, rule):
        """“2 × Filter” of what a rule brings along."""
        if not known["companions"]:
            return ""
        products = self.env["product.product"].sudo()
        return ", ".join(
            "%g × %s" % (quantity, products.browse(product).exists().display_name or "?")
            for _role, by, product, quantity, _price in known["companions"]
            if by == rule
        )

    def _get_problem_text(self, problem, names):
        rule, code, detail = problem
        message = self.env["crm.price.rule"]._get_formula_message(FormulaError(code, detail))
        return _("Rule “%(rule)s” was left out. %(message)s", rule=names.get(rule, "?"), message=message)

    def _get_problem_message(self, problems):
        self.ensure_one()
        names = dict(self.env["crm.price.rule"].sudo().browse([problem[0] for problem in problems]).exists().name_get())
        return _(
            "%(order)s, %(product)s: %(problem)s Correct it, or set the price by hand.",
            order=self.order_id.name,
            product=self.product_id.display_name,
            problem=self._get_problem_text(problems[0], names),
        )

    def _check_accessories(self, companions):
        """Raise when an accessory that is required is not on the order."""
        for role, _rule, product, quantity, _price in companions:
            if role != pricing.ACCESSORY:
                continue
            lines = [line for line in self.order_id.order_line if line.product_id.id == product]
            there = sum(line.product_uom_qty * line._get_unit_factor() for line in lines)
            if there + pricing.DUST < quantity:
                raise SalesOrderError(
                    _(
                        "%(order)s: %(product)s needs %(quantity)g × %(accessory)s. Press “Update Prices” to add it.",
                        order=self.order_id.name,
                        product=self.product_id.display_name,
                        quantity=quantity,
                        accessory=self.env["product.product"].browse(product).display_name,
                    )
                )
