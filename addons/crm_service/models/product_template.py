# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    service_required = fields.Boolean(
        string="Service after Delivery",
        help="Every delivery to a customer opens a work order.",
    )
    service_kind = fields.Selection(
        selection=lambda self: self.env["crm.service.order"]._fields["kind"].selection,
        default="installation",
        string="Kind of Service",
    )
    service_checklist = fields.Text(help="One step per line. Copied to each work order of the product.")
    warranty_months = fields.Integer(string="Warranty (Months)", help="Counted from the day of delivery.")

    replace_months = fields.Integer(
        string="Replace Every (Months)",
        help="After so many months the customer needs it anew: consumables, wear parts. The customer's card says when it is due. 0: never.",
    )

    fits_ids = fields.Many2many(
        "product.template",
        "crm_service_part_fits_rel",
        "part_id",
        "machine_id",
        "Spare Part of",
        help="The products this part fits; empty: nobody knows, so it is not checked.",
    )

    _sql_constraints = [
        (
            "warranty_months_positive",
            "CHECK (warranty_months >= 0)",
            "The warranty cannot be negative. Enter 0 for a product without warranty.",
        ),
        (
            "replace_months_positive",
            "CHECK (replace_months >= 0)",
            "Months cannot be negative. Enter 0 for a product that is not replaced regularly.",
        ),
    ]

    def _get_service_steps(self):
        """Return the steps of the product's checklist."""
        self.ensure_one()
        return [step.strip() for step in (self.service_checklist or "").splitlines() if step.strip()]
