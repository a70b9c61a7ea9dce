# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmStockGuard(models.Model):
    """One row per product and warehouse that whoever promises its goods writes before looking at them."""

    _name = "crm.stock.guard"
    _inherit = "crm.guard.mixin"
    _description = "Stock Promise Guard"
    _log_access = False
    _rec_name = "product_id"
    _guarded = ("product_id", "warehouse_id")

    product_id = fields.Many2one("product.product", required=True, ondelete="cascade")
    warehouse_id = fields.Many2one("stock.warehouse", required=True, ondelete="cascade")

    _sql_constraints = [
        ("product_warehouse_uniq", "UNIQUE (product_id, warehouse_id)", "A product has one guard per warehouse."),
    ]
