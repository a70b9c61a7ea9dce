# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class ProductSupplierinfo(models.Model):
    _inherit = "product.supplierinfo"

    drop_ship = fields.Boolean(
        string="Drop-ship",
        help="What is short is shipped by this vendor straight to the customer, one purchase order per sales order.",
    )
