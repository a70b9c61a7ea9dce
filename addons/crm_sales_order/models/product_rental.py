# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.exceptions import ValidationError

RENT_UNITS = [("day", "Day"), ("week", "Week"), ("month", "Month")]


class ProductTemplate(models.Model):
    """Rent is a service with a price of its own; it says which goods it hands out."""

    _inherit = "product.template"

    rented_product_id = fields.Many2one(
        "product.product",
        "Rents Out",
        domain="[('type', '=', 'product')]",
        ondelete="restrict",
        help="These goods go to the customer for a time. The sales price is the rent of one piece for one period.",
    )
    rent_unit = fields.Selection(RENT_UNITS, "Rent per", default="month", required=True)
    rent_deposit = fields.Float("Deposit per Piece", digits="Product Price")
    rent_late_fee = fields.Float("Late Fee per Piece and Day", digits="Product Price")

    _sql_constraints = [
        (
            "rent_amounts_positive",
            "CHECK (rent_deposit >= 0 AND rent_late_fee >= 0)",
            "Deposit and late fee cannot be negative. Enter 0 for none.",
        ),
    ]

    @api.constrains("rented_product_id", "type")
    def _check_rented_product(self):
        for template in self.filtered("rented_product_id"):
            if template.type != "service":
                raise ValidationError(
                    _("%(product)s: rent is a service. Set its type to Service, or clear “Rents Out”.", product=template.name)
                )
            if template.rented_product_id.type != "product":
                raise ValidationError(
                    _(
                        "%(goods)s cannot be rented out: only storable products come back.",
                        goods=template.rented_product_id.display_name,
                    )
                )
