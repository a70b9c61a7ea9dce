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
