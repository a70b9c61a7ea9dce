# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

from .crm_triangle import SOLD

#: (side, reason, amount): the rows of a side sum to its difference
REASONS = (
    ("delivered", "undelivered", "ordered - delivered - off - returned"),
    ("delivered", "cancelled", "off"),
    ("delivered", "returned", "returned"),
    ("invoiced", "unbilled", "GREATEST(delivered - billed, 0)"),
    ("invoiced", "ahead", "CASE WHEN state = 'cancel' THEN 0 ELSE LEAST(delivered - billed, 0) END"),
    ("invoiced", "called_off", "CASE WHEN state = 'cancel' THEN LEAST(delivered - billed, 0) ELSE 0 END"),
    ("invoiced", "credited", "billed - invoiced"),
    ("collected", "open", "invoiced - collected - credited - written_off"),
    ("collected", "credited", "credited"),
    ("collected", "written_off", "written_off"),
)
#: What was cancelled of the order: its rest, or with a cancelled order all that was not delivered
OFF = "CASE WHEN state = 'cancel' THEN ordered - delivered - returned ELSE rest_cancelled END"
VIEW = """
    CREATE VIEW crm_triangle_difference AS
    SELECT sold.id * %d + reason.number AS id, sold.order_id, sold.partner_id, sold.company_id, sold.currency_id, sold.user_id,
           sold.team_id, sold.date, reason.side, reason.reason, reason.amount
      FROM (SELECT *, %s AS off FROM (%s) AS plain) AS sold
      CROSS JOIN LATERAL (VALUES %s) AS reason (number, side, reason, amount)
     WHERE reason.amount <> 0
""" % (
    len(REASONS),
    OFF,
    SOLD,
    ", ".join("(%d, '%s', '%s', %s)" % (number, *row) for number, row in enumerate(REASONS)),
)


class CrmTriangleDifference(models.Model):
    """Why ordered, delivered, invoiced and collected differ: one row per order and reason, in the company's currency."""

    _name = "crm.triangle.difference"
    _inherit = "crm.triangle.mixin"
    _description = "Difference in the Triangle"
    _auto = False
    _view = VIEW

    side = fields.Selection(
        [
            ("delivered", "Ordered – Delivered"),
            ("invoiced", "Delivered – Invoiced"),
            ("collected", "Invoiced – Collected"),
        ],
        readonly=True,
    )
    reason = fields.Selection(
        [
            ("undelivered", "Still to deliver"),
            ("cancelled", "Cancelled"),
            ("returned", "Returned"),
            ("unbilled", "Delivered, not invoiced yet"),
            ("ahead", "Invoiced before delivery"),
            ("called_off", "Invoiced of a cancelled order"),
            ("open", "Not paid yet"),
            ("credited", "Credited"),
            ("written_off", "Written off"),
        ],
        readonly=True,
    )
    amount = fields.Monetary("Difference", readonly=True)
