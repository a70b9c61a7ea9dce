# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    fapiao_limit = fields.Monetary(
        "Most on One Fapiao", help="Without tax; what is more is split over several. 0: no limit."
    )

    _sql_constraints = [
        ("fapiao_limit_positive", "CHECK (fapiao_limit >= 0)", "The limit of a fapiao is an amount above 0, or 0 for none.")
    ]
