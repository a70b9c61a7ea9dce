# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmStockGuard(models.Model):
    """One row per product and warehouse that whoever promises its goods writes before looking at them.

    Odoo runs REPEATABLE READ: of two who promise at once the later one gets a serialization error, and is started
    again on a snapshot that holds what the first one promised (by Odoo for web calls, by queue_job for jobs).
    """

    _name = "crm.stock.guard"
    _description = "Stock Promise Guard"
    _log_access = False
    _rec_name = "product_id"

    product_id = fields.Many2one("product.product", required=True, ondelete="cascade")
    warehouse_id = fields.Many2one("stock.warehouse", required=True, ondelete="cascade")
    version = fields.Integer(required=True, default=1)

    _sql_constraints = [
        ("product_warehouse_uniq", "UNIQUE (product_id, warehouse_id)", "A product has one guard per warehouse."),
    ]

    @api.model
    def _acquire(self, pools):
        """Make all others who promise from these pools wait for this transaction, and then start again.

        Written in one order by everybody, so nobody waits for each other in a circle.

        :param pools: iterable of (product id, warehouse id)
        :raise psycopg2.errors.SerializationFailure: another one promised since this transaction began
        """
        pools = sorted(set(pools))
        if not pools:
            return
        self.env.cr.execute(
            """
            INSERT INTO crm_stock_guard (product_id, warehouse_id, version)
                 SELECT product_id, warehouse_id, 1
                   FROM unnest(%s, %s) AS pool (product_id, warehouse_id)
                  ORDER BY product_id, warehouse_id
            ON CONFLICT (product_id, warehouse_id) DO UPDATE SET version = crm_stock_guard.version + 1
            """,
            [[product_id for product_id, _warehouse_id in pools], [warehouse_id for _product_id, warehouse_id in pools]],
        )
