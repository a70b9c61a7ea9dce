# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import unicodedata

from odoo import _, api, fields, models

from ..engine.formula import Formula, FormulaError, find_order
from ..engine.parameters import Parameter
from ..engine.pricing import NAMES
from ..exceptions import PriceRuleError


class CrmPriceParameter(models.Model):
    """A figure of an order line that price rules may use, such as a length: entered on the line, or computed."""

    _name = "crm.price.parameter"
    _description = "Price Parameter"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True, help="How formulas and order lines call it: one word of letters, digits and _, such as length."
    )
    sequence = fields.Integer(default=10)
    unit = fields.Char(translate=True, help="In words: m, kW, days.")
    default_value = fields.Float(string="Usual Value", digits=(16, 4), help="Filled in on the line until somebody enters another.")
    minimum = fields.Float(digits=(16, 4))
    maximum = fields.Float(digits=(16, 4), help="0: no limit.")
    formula = fields.Char(help="For a parameter computed from others, such as length * width. Nobody enters it, then.")
    product_tmpl_ids = fields.Many2many("product.template", string="Asked for on Products")
    categ_ids = fields.Many2many("product.category", string="Asked for on Categories", help="And on the categories below them.")

    _sql_constraints = [("code_unique", "unique (code)", "There is a parameter with this code already.")]

    def name_get(self):
        return [(known.id, "%s (%s)" % (known.name, known.unit) if known.unit else known.name) for known in self]

    @api.constrains("code")
    def _check_code(self):
        for known in self:
            if not known.code.isidentifier() or unicodedata.normalize("NFKC", known.code) != known.code or known.code in NAMES:
                raise PriceRuleError(
                    _(
                        "“%(code)s” cannot be the code of a parameter: take one word of letters, digits and _, none of %(taken)s.",
                        code=known.code,
                        taken=", ".join(sorted(NAMES)),
                    )
                )

    @api.constrains("formula", "code")
    def _check_formula(self):
        codes = set(self.search([]).mapped("code"))
        for known in self.filtered("formula"):
            self.env["crm.price.rule"]._check_formula_text(known.formula, codes | {"quantity"})
        _order, circle = find_order(self._get_formulas())
        if circle:
            raise PriceRuleError(
                _(
                    "%(circle)s are computed from each other in a circle. Change one of the formulas so that it needs none of the others.",
                    circle=", ".join(sorted(circle)),
                )
            )

    @api.model
    def _get_formulas(self):
        """{code: formula} of the computed parameters; those that cannot be read are left out."""
        formulas = {}
        for known in self.search([("formula", "!=", False)]):
            try:
                formulas[known.code] = Formula(known.formula)
            except FormulaError:
                continue
        return formulas

    @api.constrains("minimum", "maximum", "default_value")
    def _check_limits(self):
        for known in self.filtered("maximum"):
            if not known.minimum <= known.maximum:
                raise PriceRuleError(_("“%(name)s”: the maximum is below the minimum.", name=known.name))

    def write(self, vals):
        if "code" in vals:
            self.filtered(lambda known: known.code != vals["code"])._check_unused()
        result = super().write(vals)
        self.env["crm.price.rule"].clear_caches()
        return result

    def unlink(self):
        self._check_unused()
        self.env["crm.price.rule"].clear_caches()
        return super().unlink()

    def _check_unused(self):
        """A name that formulas use stays: without it, their rules could not be computed any more."""
        rules = self.env["crm.price.rule"].sudo().with_context(active_test=False)._get_formula_names()
        for known in self:
            users = [rule.name for rule, names in rules.items() if known.code in names]
            others = self.sudo().search([("formula", "!=", False), ("id", "not in", self.ids)])
            users += [other.name for other in others if known.code in Formula(other.formula).names]
            if users:
                raise PriceRuleError(
                    _(
                        "“%(code)s” is used by %(users)s. Change their formulas first.",
                        code=known.code,
                        users=", ".join(users[:10]),
                    )
                )

    def _compile(self):
        """:rtype: list of engine.parameters.Parameter"""
        formulas = self._get_formulas()
        self = self.with_context(active_test=False)
        return [
            Parameter(
                known.code,
                known.default_value,
                formulas.get(known.code),
                frozenset(known.product_tmpl_ids.ids),
                frozenset(known.categ_ids.ids),
            )
            for known in self
            if not known.formula or known.code in formulas
        ]

    def _check_value(self, value):
        """Raise when ``value`` cannot be one of this parameter."""
        self.ensure_one()
        if self.formula:
            raise PriceRuleError(_("“%(name)s” is computed from other parameters: leave it out.", name=self.code))
        if value < self.minimum or self.maximum and value > self.maximum:
            raise PriceRuleError(
                _(
                    "%(name)s is from %(minimum)g to %(maximum)s, not %(value)g.",
                    name=self.display_name,
                    minimum=self.minimum,
                    maximum="%g" % self.maximum if self.maximum else "…",
                    value=value,
                )
            )
