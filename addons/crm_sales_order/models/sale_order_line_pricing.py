# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.tools import float_compare

from ..engine import parameters, pricing
from ..exceptions import PriceRuleError

#: States in which rules may change a price; afterwards it is agreed
PRICEABLE_STATES = ("draft", "sent")
LINE_ROLES = [
    ("main", "Ordered"),
    (pricing.GIFT, "Gift"),
    (pricing.ACCESSORY, "Accessory"),
    (pricing.BUNDLE, "Part of a bundle"),
    (pricing.SURCHARGE, "Surcharge"),
]
#: What a price depends on; writing one of them prices the line anew
INPUT_FIELDS = frozenset({"product_id", "product_uom_qty", "product_uom", "parameters", "product_no_variant_attribute_value_ids"})
_GIVEN_FIELDS = frozenset({"price_unit", "discount"})
#: Written by the rules only, on no door by anybody else
_ENGINE_FIELDS = frozenset({"rule_price", "rule_cost", "price_steps", "line_role", "origin_line_id", "price_rule_id"})
#: Value of ``crm_price_engine`` in the context of the engine's own writing. None like it comes by RPC.
_ENGINE = object()


class SaleOrderLine(models.Model):
    """The price of a line by the rules, and whether the salesperson set another by hand."""

    _inherit = "sale.order.line"

    rule_price = fields.Float(
        "Price by Rules",
        digits="Product Price",
        readonly=True,
        copy=False,
        help="Net price per unit that price list and price rules grant.",
    )
    rule_cost = fields.Float("Cost by Rules", digits="Product Price", readonly=True, copy=False, groups="crm_sales_order.group_margins")
    price_steps = fields.Text(readonly=True, copy=False, groups="crm_sales_order.group_margins")
    price_pinned = fields.Boolean("Price Set by Hand", help="Rules leave the price of this line alone.")
    parameters = fields.Char(help="Figures this price depends on, such as length=6; power=7.5.")
    line_role = fields.Selection(LINE_ROLES, string="Role", default="main", required=True, readonly=True, copy=False)
    origin_line_id = fields.Many2one(
        "sale.order.line", string="Comes with", ondelete="cascade", index=True, readonly=True, copy=False
    )
    companion_ids = fields.One2many("sale.order.line", "origin_line_id", string="Brings Along", readonly=True, copy=False)
    price_rule_id = fields.Many2one("crm.price.rule", string="By Rule", readonly=True, copy=False, ondelete="set null")

    # -- doors ---------------------------------------------------------------------------------------------------------

    def _is_price_engine(self):
        return self.env.context.get("crm_price_engine") is _ENGINE

    def _as_price_engine(self):
        return self.with_context(crm_price_engine=_ENGINE)

    @api.model
    def _without_engine_fields(self, vals):
        return {name: value for name, value in vals.items() if name not in _ENGINE_FIELDS}

    @api.model_create_multi
    def create(self, vals_list):
        if self._is_price_engine():
            return super().create(vals_list)
        vals_list = [self._without_engine_fields(vals) for vals in vals_list]
        self._read_products(vals_list)
        given = [bool(_GIVEN_FIELDS & vals.keys()) for vals in vals_list]
        lines = super().create(vals_list)
        pairs = [
            (line, is_given and "price_pinned" not in vals)
            for line, vals, is_given in zip(lines, vals_list, given)
            # on an order that is confirmed already, a price that is given was agreed
            if not is_given or line.order_id.state in PRICEABLE_STATES
        ]
        self._concat(line for line, _undecided in pairs)._price_lines({line for line, undecided in pairs if undecided}, new=True)
        return lines

    @api.model
    def _read_products(self, vals_list):
        """Have what Odoo asks each product for, line by line, read for all of them."""
        products = self.env["product.product"].browse({vals["product_id"] for vals in vals_list if vals.get("product_id")})
        if len(products) > 1:
            products.mapped("taxes_id")
            products.mapped("product_template_attribute_value_ids")
            products.mapped("product_tmpl_id.valid_product_template_attribute_line_ids")

    @api.model
    def _concat(self, lines):
        return self.browse([line.id for line in lines])

    @api.model
    def _prepare_add_missing_fields(self, values):
        """The rules price the new lines afterwards, all together.

        Taxes are linked only: where one was computed with before, Odoo wants to write what it has read of it, too.
        """
        missing = super(SaleOrderLine, self._as_price_engine())._prepare_add_missing_fields(values)
        if "tax_id" in missing:
            missing["tax_id"] = [command for command in missing["tax_id"] if command[0] == 6]
        return missing

    def write(self, vals):
        if self._is_price_engine():
            return super().write(vals)
        vals = self._without_engine_fields(vals)
        result = super().write(vals)
        if vals.keys() & (INPUT_FIELDS | _GIVEN_FIELDS | {"price_pinned"}):
            undecided = vals.keys() & _GIVEN_FIELDS and "price_pinned" not in vals
            self._price_lines(set(self) if undecided else ())
        return result

    def unlink(self):
        """With a line goes what came along with it; a line that is gone already is no error."""
        lines = self.exists()
        return super(SaleOrderLine, lines | lines.companion_ids | lines.companion_ids.companion_ids).unlink()

    @api.constrains("parameters")
    def _check_parameters(self):
        known = {parameter.code: parameter for parameter in self.env["crm.price.parameter"].sudo().search([])}
        for line in self.filtered("parameters"):
            for name, value in line._parse_parameters().items():
                if name not in known:
                    raise PriceRuleError(
                        _(
                            "There is no parameter “%(name)s”. Known are: %(known)s.",
                            name=name,
                            known=", ".join(sorted(known)) or _("none"),
                        )
                    )
                known[name]._check_value(value)

    def _parse_parameters(self):
        """{name: value} entered on the line; raises a PriceRuleError that says how to write it."""
        try:
            return parameters.parse(self.parameters or "")
        except parameters.ParameterError as error:
            raise PriceRuleError(
                _("“%(piece)s” gives no parameter a value. Write it like length=6; power=7.5.", piece=error.piece)
            ) from None

    # -- the form ------------------------------------------------------------------------------------------------------

    @api.onchange("product_id")
    def product_id_change(self):
        """Another product has another price: one set by hand for the first is forgotten."""
        result = super().product_id_change()
        if self.product_id and not self._is_price_engine():
            self.update({"price_pinned": False, "discount": 0.0, "parameters": self._get_usual_parameters()})
            self._onchange_price()
        return result

    @api.onchange("product_uom", "product_uom_qty")
    def product_uom_change(self):
        """A price set by hand stays whatever the quantity."""
        given = {"price_unit": self.price_unit, "discount": self.discount} if self.price_pinned else {}
        result = super().product_uom_change()
        self.update(given)
        self._onchange_price()
        return result

    @api.onchange("parameters", "price_pinned")
    def _onchange_price(self):
        """Show the price the rules grant."""
        if not self._is_price_engine():
            self._price_lines()

    @api.onchange("product_id", "price_unit", "product_uom", "product_uom_qty", "tax_id")
    def _onchange_discount(self):
        """Odoo takes the discount from the price list here; price rules have done so already."""

    @api.onchange("price_unit", "discount")
    def _onchange_price_by_hand(self):
        if self._takes_price_rules():
            self.price_pinned = not self._is_net(self.rule_price)

    # -- pricing -------------------------------------------------------------------------------------------------------

    def _takes_price_rules(self):
        """Whether rules price this line; hook for lines whose price has another source."""
        self.ensure_one()
        special = self.display_type or self.is_downpayment or self.is_reward_line or self.is_delivery
        special = special or self.order_id.flow in self.env["sale.order"]._get_free_flows()
        ready = self.product_id and self.product_uom and self.order_id.pricelist_id and self.order_id.partner_id
        return bool(ready and not special and self.line_role in ("main", pricing.ACCESSORY))

    def _price_lines(self, undecided=(), new=False):
        """Price the lines of ``self``, those of confirmed orders only when they are new. Set-based.

        :param undecided: lines with a price of which nobody said whether it was set by hand: it was if rules grant another
        :param new: the lines were just created; a price that is the list price was not set by hand, then
        """
        taking = self.filtered(lambda line: (new or line.order_id.state in PRICEABLE_STATES) and line._takes_price_rules())
        prices = taking._compute_prices() if taking else {}
        for line, price in prices.items():
            if line in undecided:
                given = not line._is_net(price.net) and not (new and line._is_net(price.list_price))
                line._set_price({"price_pinned": given})
            line._set_price(line._prepare_price(price))
        saved = taking.filtered(lambda line: line.id and line.order_id.state in PRICEABLE_STATES)
        if saved and (not new or any(price.companions for price in prices.values())):
            saved._sync_companions({line: prices[line].companions for line in saved})
        # what came along by a rule stays as the rule says, whatever is written on it
        touched = (self - taking).filtered(lambda line: line.id and line.origin_line_id)
        if touched and not new:
            touched.origin_line_id._price_lines()

    def _is_net(self, price):
        """Whether the line's net price is ``price``, to the digits of prices."""
        digits = self.env["decimal.precision"].precision_get("Product Price")
        return not float_compare(self.price_unit * (1 - (self.discount or 0.0) / 100.0), price, precision_digits=digits)

    def _prepare_price(self, price):
        """Values of the line at ``price``, a LinePrice."""
        values = {"rule_price": price.net, "rule_cost": price.cost, "price_steps": price.to_json()}
        if price.parameters and not self.parameters:
            values["parameters"] = parameters.render(price.parameters)
        if not self.price_pinned:
            values.update(price_unit=price.price_unit, discount=price.discount)
        return values

    def _set_price(self, values):
        """Write what changes of ``values``; on a line not saved yet, show it. Returns whether something changed."""
        changed = {name: value for name, value in values.items() if self._differs(name, value)}
        if not self.id:
            self.update(changed)
            return bool(changed)
        # what rules granted is written for everybody who may write the line, also those who may not read costs
        for line, names in ((self.sudo(), changed.keys() & _ENGINE_FIELDS), (self, changed.keys() - _ENGINE_FIELDS)):
            if names:
                line._as_price_engine().write({name: changed[name] for name in names})
        return bool(changed)

    def _differs(self, name, value):
        """Whether field ``name`` holds another value, as the database would store it."""
        field = self._fields[name]
        if field.type == "float":
            return bool(float_compare(self[name], value, precision_digits=field.get_digits(self.env)[1]))
        return (self[name].id if field.type == "many2one" else self[name]) != value

    @api.depends("rule_cost")
    def _compute_purchase_price(self):
        """A cost rule's cost in place of the product's own."""
        by_rule = self.filtered("rule_cost")
        for line in by_rule:
            line.purchase_price = line.rule_cost
        super(SaleOrderLine, self - by_rule)._compute_purchase_price()
