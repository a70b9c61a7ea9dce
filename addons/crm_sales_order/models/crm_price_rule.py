# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import _, api, fields, models, tools
from odoo.addons.crm_core.models.crm_customer_grade import GRADES
from odoo.addons.crm_core.tools.flush import flush_models

from ..engine import pricing
from ..engine.formula import DIVISION, FORBIDDEN, NO_NUMBER, SYNTAX, TOO_LONG, UNKNOWN, Formula, FormulaError
from ..exceptions import PriceRuleError
from ..tools.bulk import get_memo

KINDS = [
    (pricing.PRICE, "Price"),
    (pricing.DISCOUNT, "Discount"),
    (pricing.SURCHARGE, "Surcharge"),
    (pricing.GIFT, "Gift"),
    (pricing.BUNDLE, "Bundle"),
    (pricing.ACCESSORY, "Required Accessory"),
    (pricing.COST, "Cost"),
]
PART_KINDS = (pricing.GIFT, pricing.BUNDLE, pricing.ACCESSORY)
#: Fields a rule is compiled from
_COMPILED = [
    "kind",
    "rank",
    "product_tmpl_ids",
    "categ_ids",
    "attribute_value_ids",
    "partner_ids",
    "customer_grade",
    "source_ids",
    "team_ids",
    "quantity_min",
    "quantity_max",
    "date_from",
    "date_to",
    "condition",
    "value_type",
    "value",
    "formula",
    "combine",
    "currency_id",
    "part_ids",
    "own_line_product_id",
]


class CrmPriceRule(models.Model):
    """What changes the price of an order line, or brings products along, under conditions. See engine/pricing.py."""

    _name = "crm.price.rule"
    _description = "Price Rule"
    _order = "kind, rank, id"

    name = fields.Char(required=True, translate=True, help="As the salesperson reads it on the line: “Spring promotion”.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", default=lambda self: self.env.company, help="Empty: for the quotations of all companies."
    )
    currency_id = fields.Many2one("res.currency", required=True, default=lambda self: self.env.company.currency_id)
    kind = fields.Selection(KINDS, string="Brings", required=True, default=pricing.DISCOUNT, index=True)
    rank = fields.Integer(
        default=10,
        required=True,
        help="Lower ranks come first. Of prices and costs, the first rank that has a rule counts. Discounts of the next rank"
        " come off what the rank before left. Within a rank the order of rules never matters.",
    )
    product_tmpl_ids = fields.Many2many("product.template", string="Products")
    categ_ids = fields.Many2many("product.category", string="Categories", help="And the categories below them.")
    attribute_value_ids = fields.Many2many(
        "product.attribute.value", string="Attributes", help="One value of each attribute named here must be met."
    )
    partner_ids = fields.Many2many("res.partner", string="Customers", help="Companies; their contacts are meant, too.")
    customer_grade = fields.Selection(GRADES)
    source_ids = fields.Many2many("utm.source", string="Channels", help="Where the deal came from.")
    team_ids = fields.Many2many("crm.team", string="Sales Teams")
    quantity_min = fields.Float(string="From Quantity", digits="Product Unit of Measure", help="In the product's own unit.")
    quantity_max = fields.Float(string="To Quantity", digits="Product Unit of Measure", help="0: no limit.")
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="To")
    condition = fields.Char(
        string="Only If", help="A comparison of parameters, such as length > 6 and power <= 7.5. A line without them is left alone."
    )
    value_type = fields.Selection(
        [("percent", "%"), ("amount", "per unit")], string="Counts", required=True, default="percent"
    )
    value = fields.Float(digits="Product Price")
    formula = fields.Char(
        help="In place of a fixed number. It knows list_price, price, cost, quantity and the parameters' codes; + - * / **,"
        " comparisons, a if b else c, and min, max, abs, round, ceil, floor, sqrt."
    )
    combine = fields.Selection(
        [("best", "The best of its rank counts"), ("add", "Adds to others of its rank")],
        string="Beside Others",
        required=True,
        default="best",
    )
    own_line_product_id = fields.Many2one(
        "product.product",
        string="On Its Own Line",
        domain=[("sale_ok", "=", True), ("type", "=", "service")],
        help="The surcharge becomes a line with this product, once per line it is for. Empty: part of the unit price.",
    )
    part_ids = fields.One2many("crm.price.rule.part", "rule_id", string="Brings Along", copy=True)
    note = fields.Text(string="Background", help="Why this rule is there, for those who maintain it.")

    _sql_constraints = [
        ("quantity_range", "check (quantity_min >= 0 and quantity_max >= 0)", "Quantities cannot be negative."),
        (
            "quantity_order",
            "check (quantity_max = 0 or quantity_max >= quantity_min)",
            "The largest quantity is below the smallest: no line would ever meet the rule.",
        ),
        ("date_order", "check (date_to >= date_from)", "The rule ends before it begins."),
    ]

    # -- definition ----------------------------------------------------------------------------------------------------

    @api.onchange("kind")
    def _onchange_kind(self):
        if self.kind in (pricing.PRICE, pricing.COST):
            self.value_type = "amount"

    @api.constrains("kind", "value", "value_type", "formula", "part_ids")
    def _check_value(self):
        for rule in self:
            if rule.kind in PART_KINDS:
                if not rule.part_ids:
                    raise PriceRuleError(_("Rule “%(rule)s”: name at least one product that comes along.", rule=rule.name))
                continue
            if rule.kind in (pricing.PRICE, pricing.COST) and rule.value_type != "amount":
                raise PriceRuleError(_("Rule “%(rule)s”: a price or cost is an amount per unit, not a percentage.", rule=rule.name))
            if not rule.formula and (rule.value < 0 or not rule.value and rule.kind in (pricing.DISCOUNT, pricing.SURCHARGE)):
                raise PriceRuleError(_("Rule “%(rule)s”: enter a number above zero, or a formula.", rule=rule.name))
            if rule.kind == pricing.DISCOUNT and rule.value_type == "percent" and not rule.formula and rule.value > 100:
                raise PriceRuleError(_("Rule “%(rule)s”: a discount is at most 100 %%.", rule=rule.name))

    @api.constrains("formula", "condition")
    def _check_formulas(self):
        names = pricing.NAMES | set(self.env["crm.price.parameter"].sudo().search([]).mapped("code"))
        for rule in self:
            for text in (rule.formula, rule.condition):
                if text:
                    self._check_formula_text(text, names)

    @api.model
    def _check_formula_text(self, text, names):
        """Raise a PriceRuleError when ``text`` is no formula over ``names``."""
        try:
            unknown = Formula(text).names - names
        except FormulaError as error:
            raise PriceRuleError(self._get_formula_message(error)) from None
        if unknown:
            raise PriceRuleError(self._get_formula_message(FormulaError(UNKNOWN, sorted(unknown)[0])))

    @api.model
    def _get_formula_message(self, error):
        """What is wrong with a formula, and what to do, in the user's language."""
        messages = {
            SYNTAX: _("“%(detail)s” is not a formula. Write it like list_price * 0.9 + 2 * length.", detail=error.detail),
            FORBIDDEN: _(
                "A formula cannot contain “%(detail)s”: it knows numbers, names, + - * / and a few functions.", detail=error.detail
            ),
            TOO_LONG: _("The formula is too long or too deeply nested. Cut it into parameters that are computed."),
            UNKNOWN: _("There is no “%(detail)s”: no parameter has this code, or the line does not say it.", detail=error.detail),
            DIVISION: _("“%(detail)s” divides by zero. Check the parameters of the line.", detail=error.detail),
            NO_NUMBER: _("“%(detail)s” does not come to a number. Check the parameters of the line.", detail=error.detail),
            pricing.CIRCLE: _("%(detail)s are computed from each other in a circle.", detail=error.detail),
        }
        return messages[error.code]

    def _get_formula_names(self):
        """{rule: names its formulas use} of all rules."""
        names = {}
        for rule in self.search(["|", ("formula", "!=", False), ("condition", "!=", False)]):
            names[rule] = set()
            for text in filter(None, (rule.formula, rule.condition)):
                try:
                    names[rule] |= Formula(text).names
                except FormulaError:
                    continue
        return names

    @api.model_create_multi
    def create(self, vals_list):
        self.clear_caches()
        return super().create(vals_list)

    def write(self, vals):
        self.clear_caches()
        return super().write(vals)

    def unlink(self):
        self.clear_caches()
        return super().unlink()

    def action_try(self):
        """What the rules make of a product, a customer and a quantity, with this rule's part in it."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("crm_sales_order.crm_price_trial_action")
        product = self.product_tmpl_ids[:1].product_variant_id
        if not product and self.categ_ids:
            product = self.env["product.product"].search([("categ_id", "child_of", self.categ_ids.ids), ("sale_ok", "=", True)], limit=1)
        action["target"] = "new"
        action["context"] = {
            "default_rule_id": self.id,
            "default_product_id": product.id,
            "default_partner_id": self.partner_ids[:1].id,
            "default_quantity": self.quantity_min or 1.0,
        }
        return action

    # -- the compiled rules --------------------------------------------------------------------------------------------

    @api.model
    def _get_book(self, company):
        """The rules of ``company``, ready to price with. Cost: one aggregate query; rules are read when one has changed.

        :rtype: engine.pricing.Book
        """
        memo = get_memo(self, "crm.price.book")
        if memo is not None and company.id in memo:
            return memo[company.id]
        flush_models(self.env, "crm.price.rule", "crm.price.rule.part", "crm.price.parameter")
        self.env.cr.execute(
            "SELECT count(*), sum(id), sum(extract(epoch from write_date)) FROM crm_price_rule UNION ALL"
            " SELECT count(*), sum(id), sum(extract(epoch from write_date)) FROM crm_price_rule_part UNION ALL"
            " SELECT count(*), sum(id), sum(extract(epoch from write_date)) FROM crm_price_parameter"
        )
        book = self.sudo()._compile_book(company.id, str(self.env.cr.fetchall()))
        if memo is not None:
            memo[company.id] = book
        return book

    @api.model
    @tools.ormcache("company_id", "fingerprint")
    def _compile_book(self, company_id, fingerprint):
        """``fingerprint`` changes with every change of a rule, also one another process has not told of yet."""
        known = self.env["crm.price.parameter"].search([])._compile()
        rules = self.search([("company_id", "in", (False, company_id))], order="id")
        names = pricing.NAMES | {parameter.name for parameter in known}
        return pricing.Book(rules._compile(names), known)

    def _compile(self, names):
        """The engine's rules of ``self``, from a constant number of queries.

        :param names: what formulas may use
        :rtype: list of engine.pricing.Rule
        """
        # what is archived still narrows a rule: without it, the rule would be for everything
        rows = self.with_context(active_test=False).read(_COMPILED, load="_classic_write")
        parts = defaultdict(list)
        for part in self.env["crm.price.rule.part"].search([("rule_id", "in", self.ids)]):
            parts[part.rule_id.id].append(pricing.Part(part.product_id.id, part.quantity, part.every))
        value_ids = {value for row in rows for value in row["attribute_value_ids"]}
        attributes = {value.id: value.attribute_id.id for value in self.env["product.attribute.value"].browse(value_ids)}
        return [self._compile_row(row, parts.get(row["id"], ()), attributes, names) for row in rows]

    @api.model
    def _compile_row(self, row, parts, attributes, names):
        by_attribute = defaultdict(set)
        for value in row["attribute_value_ids"]:
            by_attribute[attributes[value]].add(value)
        formulas, broken = {}, None
        for field in ("condition", "formula"):
            try:
                formulas[field] = Formula(row[field]) if row[field] else None
                for name in sorted(formulas[field].names - names if row[field] else ()):
                    raise FormulaError(UNKNOWN, name)
            except FormulaError as error:
                formulas[field], broken = None, error
        return pricing.Rule(
            key=row["id"],
            kind=row["kind"],
            rank=row["rank"],
            products=frozenset(row["product_tmpl_ids"]),
            categories=frozenset(row["categ_ids"]),
            attributes=tuple(frozenset(by_attribute[attribute]) for attribute in sorted(by_attribute)),
            customers=frozenset(row["partner_ids"]),
            grades=frozenset(filter(None, [row["customer_grade"]])),
            sources=frozenset(row["source_ids"]),
            teams=frozenset(row["team_ids"]),
            quantity_min=row["quantity_min"],
            quantity_max=row["quantity_max"],
            date_from=row["date_from"] or None,
            date_to=row["date_to"] or None,
            value=row["value"],
            percent=row["value_type"] == "percent",
            exclusive=row["combine"] == "best",
            currency=row["currency_id"],
            parts=tuple(parts),
            own_line=row["own_line_product_id"] or 0,
            broken=broken,
            **formulas,
        )
