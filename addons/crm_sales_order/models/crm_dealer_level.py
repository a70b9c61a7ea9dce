# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmDealerLevel(models.Model):
    """What dealers of a level may order, how their orders are taken, and when their rep is told about them."""

    _name = "crm.dealer.level"
    _description = "Dealer Level"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")
    order_mode = fields.Selection(
        [("quotation", "Wait for the salesperson"), ("confirm", "Are confirmed at once")],
        string="Orders from the Portal",
        required=True,
        default="quotation",
        help="Confirmed at once: if prices, approvals and stock allow it; otherwise the salesperson is asked, too.",
    )
    category_ids = fields.Many2many(
        "product.category", string="Product Categories", help="What they may order, subcategories included. Empty: all goods for sale."
    )
    slow_days = fields.Integer(
        string="Days without Order", default=45, help="A dealer without an order for so many days is flagged. 0: never."
    )
    least_sell_out = fields.Float(
        string="Least Sell-out a Month",
        default=0.0,
        help="Pieces of all products. A dealer who reported less for the last reported month is flagged. 0: never.",
    )
    cover_days = fields.Integer(
        string="Least Days of Cover",
        default=15,
        help="A listed product that lasts for fewer days at the pace of the last three months is flagged as running out. 0: never.",
    )

    _sql_constraints = [
        (
            "thresholds_not_negative",
            "CHECK (slow_days >= 0 AND least_sell_out >= 0 AND cover_days >= 0)",
            "Days and pieces cannot be negative. 0 means: never.",
        )
    ]
