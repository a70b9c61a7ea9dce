# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine.fapiao import clean, is_tax_code
from ..exceptions import FapiaoError, FapiaoValidationError


class CrmFapiaoLine(models.Model):
    """A line of a fapiao, as printed. On a red one quantity and amounts are negative.

    An invoice line may be on several fapiao (a limit cut it); a discount is what credit notes and deducted advances of
    the same rate took away.
    """

    _name = "crm.fapiao.line"
    _description = "Line of a Fapiao"
    _order = "fapiao_id, id"

    fapiao_id = fields.Many2one("crm.fapiao", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="fapiao_id.company_id", store=True)
    currency_id = fields.Many2one(related="fapiao_id.currency_id")
    move_line_id = fields.Many2one("account.move.line", "Invoice Line", index=True, ondelete="set null")
    original_line_id = fields.Many2one("crm.fapiao.line", "Takes Back", index=True, ondelete="restrict")
    product_id = fields.Many2one("product.product", "Product", ondelete="restrict")
    name = fields.Char("Item", required=True)
    tax_code = fields.Char("Tax Code", help="税收分类编码, 19 digits.")
    specification = fields.Char()
    unit = fields.Char()
    quantity = fields.Float(digits=(16, 6))
    price_unit = fields.Float("Price", compute="_compute_price_unit", digits=(16, 8), help="Before tax and discount.")
    discount = fields.Monetary(help="Taken off before tax; the untaxed amount is what is left.")
    amount_untaxed = fields.Monetary("Untaxed", required=True)
    tax_rate = fields.Float("Rate (%)", digits=(5, 2))
    amount_tax = fields.Monetary("Tax", required=True)

    @api.depends("quantity", "amount_untaxed", "discount")
    def _compute_price_unit(self):
        for line in self:
            line.price_unit = (line.amount_untaxed + line.discount) / line.quantity if line.quantity else 0.0

    @api.constrains("tax_code")
    def _check_tax_code(self):
        for line in self:
            if line.tax_code and not is_tax_code(line.tax_code):
                raise FapiaoValidationError(
                    _("“%(code)s” of “%(item)s” is no tax code: it has 19 digits.", code=line.tax_code, item=line.name)
                )

    def write(self, vals):
        """People write the tax code only, of what has no product and is not in a batch file yet."""
        if not self.env.su and (set(vals) - {"tax_code"} or self.fapiao_id.filtered(lambda fapiao: fapiao.state != "requested")):
            raise FapiaoError(_("Of a line, only the tax code is written by hand, and only until the batch file is made."))
        if vals.get("tax_code"):
            vals = dict(vals, tax_code=clean(vals["tax_code"]))
        return super().write(vals)

    def _prepare_red(self, part):
        """Values of the red line that takes ``part`` (:class:`engine.fapiao.Line`, positive) of this one back."""
        self.ensure_one()
        return {
            "original_line_id": self.id,
            "product_id": self.product_id.id,
            "name": self.name,
            "tax_code": self.tax_code,
            "specification": self.specification,
            "unit": self.unit,
            "quantity": -part.quantity,
            "amount_untaxed": -part.untaxed / 100,
            "tax_rate": self.tax_rate,
            "amount_tax": -part.tax / 100,
        }
