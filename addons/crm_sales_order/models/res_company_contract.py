# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    contract_link_days = fields.Integer(
        string="Contract Links Valid (Days)", default=30, help="How long a customer can sign through the link that was sent."
    )
    contract_alert_days = fields.Integer(
        string="Contract Alert (Days)", default=60, help="How long before its end a contract's salesperson is told to renew it."
    )

    _sql_constraints = [
        (
            "contract_days_positive",
            "CHECK (contract_link_days > 0 AND contract_alert_days >= 0)",
            "A link is valid for a day at least, and alerts come before the end.",
        )
    ]
