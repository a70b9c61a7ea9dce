# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmPriceRulePart(models.Model):
    """A product that comes along by a rule: a gift, a part of a bundle, an accessory."""

    _name = "crm.price.rule.part"
    _description = "Product of a Price Rule"
    _order = "rule_id, sequence, id"

    rule_id = fields.Many2one("crm.price.rule", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    product_id = fields.Many2one("product.product", required=True, domain=[("sale_ok", "=", True)], ondelete="restrict")
    quantity = fields.Float(default=1.0, required=True, digits="Product Unit of Measure")
    every = fields.Float(
        string="For Every",
        default=1.0,
        digits="Product Unit of Measure",
        help="So many units sold of the product the rule is for. 0: once, whatever the quantity.",
    )

    _sql_constraints = [
        ("quantity_positive", "check (quantity > 0)", "What comes along has a quantity above zero."),
        ("every_not_negative", "check (every >= 0)", "“For every” cannot be negative: enter 0 for once."),
    ]
