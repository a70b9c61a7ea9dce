# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmOrderType(models.Model):
    _inherit = "crm.order.type"

    credit_check = fields.Boolean(
        "Credit Check",
        default=True,
        help="Orders of this kind are confirmed and shipped only while the customer's credit allows it. Switch it off for what "
        "is paid before it leaves, or costs the customer nothing.",
    )

    def _init_column(self, column_name):
        """Types older than credit control: what the data of this addon says of new ones."""
        super()._init_column(column_name)
        if column_name == "credit_check":
            query = "UPDATE crm_order_type SET credit_check = FALSE WHERE prepaid OR flow IN ('framework', 'gift', 'internal', 'return')"
            self.env.cr.execute(query)
