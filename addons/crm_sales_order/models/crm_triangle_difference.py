# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models, tools

from .crm_triangle import SOLD

#: (side, reason, amount): the rows of a side sum to its difference
REASONS = (
    ("delivered", "undelivered", "ordered - delivered - off - returned"),
    ("delivered", "cancelled", "off"),
    ("delivered", "returned", "returned"),
    ("invoiced", "unbilled", "GREATEST(delivered - billed, 0)"),
    ("invoiced", "ahead", "LEAST(delivered - billed, 0)"),
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
    _description = "Difference in the Triangle"
    _auto = False
    _rec_name = "order_id"
    _order = "date desc, id desc"

    order_id = fields.Many2one("sale.order", "Order", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", "Company", readonly=True)
    currency_id = fields.Many2one("res.currency", "Currency", readonly=True, help="Of the company.")
    date = fields.Date("Ordered on", readonly=True)
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
            ("open", "Not paid yet"),
            ("credited", "Credited"),
            ("written_off", "Written off"),
        ],
        readonly=True,
    )
    amount = fields.Monetary("Difference", readonly=True)

    def init(self):
        tools.drop_view_if_exists(self.env.cr, self._table)
        self.env.cr.execute(VIEW)
