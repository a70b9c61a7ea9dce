# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.exceptions import ValidationError


class CrmProductSubstitute(models.Model):
    """A product that may be sold in another one's place when that is missing."""

    _name = "crm.product.substitute"
    _description = "Substitute"
    _order = "product_tmpl_id, sequence, id"
    _rec_name = "substitute_id"

    product_tmpl_id = fields.Many2one("product.template", "Product", required=True, index=True, ondelete="cascade")
    substitute_id = fields.Many2one(
        "product.product", "Sold Instead", required=True, index=True, ondelete="cascade", domain=[("sale_ok", "=", True)]
    )
    ratio = fields.Float(
        default=1.0, required=True, digits=(16, 4), help="How many stock units of the substitute make up for one of the product."
    )
    sequence = fields.Integer(default=10, help="The first one is offered first.")
    note = fields.Char(help="What the rep should tell the customer, e.g. needs another flange.")
    company_id = fields.Many2one(related="product_tmpl_id.company_id", store=True, index=True)

    _sql_constraints = [
        ("substitute_uniq", "UNIQUE (product_tmpl_id, substitute_id)", "This product is a substitute already."),
        ("ratio_positive", "CHECK (ratio > 0)", "The ratio has to be more than zero: so many units replace one."),
    ]

    @api.constrains("product_tmpl_id", "substitute_id")
    def _check_other_product(self):
        for row in self:
            if row.substitute_id.product_tmpl_id == row.product_tmpl_id:
                raise ValidationError(_("%(product)s cannot replace itself. Choose another product.", product=row.product_tmpl_id.name))


class ProductTemplate(models.Model):
    _inherit = "product.template"

    substitute_ids = fields.One2many("crm.product.substitute", "product_tmpl_id", "Substitutes", copy=True)
