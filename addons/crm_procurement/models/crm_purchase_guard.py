# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmPurchaseGuard(models.Model):
    """One row per product that every purchase plan writes before it looks at the stock.

    Odoo runs REPEATABLE READ: of two plans for the same product the later one gets a serialization error
    and is retried by Odoo on a snapshot that holds what the first one bought.
    """

    _name = "crm.purchase.guard"
    _description = "Purchase Plan Guard"
    _log_access = False
    _rec_name = "product_id"

    product_id = fields.Many2one("product.product", required=True, ondelete="cascade")
    version = fields.Integer(required=True, default=1)

    _sql_constraints = [
        ("product_uniq", "UNIQUE (product_id)", "A product has one guard."),
    ]

    @api.model
    def _acquire(self, products):
        """Make every other plan for these products wait for this transaction, and then start again."""
        if not products:
            return
        self.env.cr.execute(
            """
            INSERT INTO crm_purchase_guard (product_id, version)
                 SELECT product_id, 1 FROM unnest(%s) AS product_id ORDER BY product_id
            ON CONFLICT (product_id) DO UPDATE SET version = crm_purchase_guard.version + 1
            """,
            [products.ids],
        )
        self.invalidate_cache()
