# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    credit_overdue_days = fields.Integer(
        "Block When Overdue (Days)",
        help="A customer with an invoice overdue for more days gets no more goods until finance releases them, unless finance "
        "agreed other days with the customer. 0: never.",
    )
    credit_near_percent = fields.Float(
        "Near the Limit (%)", default=80.0, digits=(5, 2), help="From this share of the credit limit on, a customer is shown as near it."
    )

    _sql_constraints = [
        (
            "credit_settings_valid",
            "CHECK (credit_overdue_days >= 0 AND credit_near_percent > 0 AND credit_near_percent <= 100)",
            "Days overdue cannot be negative (0: never block), and near the limit is more than 0 % and at most 100 %.",
        )
    ]
