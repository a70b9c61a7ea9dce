# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

AMOUNTS = ("ordered", "delivered", "invoiced", "to_invoice", "cancelled", "collected", "open", "credited", "written_off", "claim")
#: An order's amount in the company's currency, at the order's own rate
IN_COMPANY = "ROUND({0} / COALESCE(NULLIF(sale.currency_rate, 0), 1) / currency.rounding) * currency.rounding"
#: Orders of the triangle, in the company's currency
SOLD = """
    SELECT sale.id, sale.id AS order_id, customer.commercial_partner_id AS partner_id, sale.company_id, company.currency_id,
           sale.user_id, sale.team_id, sale.date_order::date AS date, sale.currency_id AS order_currency_id, sale.state,
           {rest} AS rest_cancelled, {returned} AS returned, {billed} AS billed,
           {amounts}
      FROM sale_order sale
      JOIN res_partner customer ON customer.id = sale.partner_id
      JOIN res_company company ON company.id = sale.company_id
      JOIN res_currency currency ON currency.id = company.currency_id
     WHERE (sale.state IN ('sale', 'done') OR sale.is_called_off) AND sale.flow IS DISTINCT FROM 'framework'
""".format(
    amounts=", ".join("%s AS %s" % (IN_COMPANY.format("COALESCE(sale.triangle_%s, 0)" % name), name) for name in AMOUNTS),
    rest=IN_COMPANY.format("COALESCE(sale.amount_cancelled, 0)"),
    returned=IN_COMPANY.format("COALESCE(sale.amount_returned, 0)"),
    billed=IN_COMPANY.format("COALESCE(sale.amount_billed, 0)"),
)
#: Rounded apart, the terms of an identity would miss their sum by a cent: in each, one takes the rounding
VIEW = """
    CREATE VIEW crm_triangle AS
    SELECT id, order_id, partner_id, company_id, currency_id, user_id, team_id, date, order_currency_id, state,
           ordered, delivered, invoiced, cancelled, collected, credited, written_off, claim,
           CASE WHEN to_invoice = 0 THEN 0 ELSE ordered - invoiced - cancelled END AS to_invoice,
           CASE WHEN open = 0 THEN 0 ELSE invoiced - collected - credited - written_off END AS open
      FROM (%s) AS sold
""" % SOLD


class CrmTriangle(models.Model):
    """Ordered, delivered, invoiced, collected: one row per order, to be grouped by customer, salesperson and period.

    In the company's currency at the order's rate; the order itself shows its own currency. A view over columns of the order
    (sale_order_triangle.py), so it costs what reading the orders costs.
    """

    _name = "crm.triangle"
    _inherit = "crm.triangle.mixin"
    _description = "Receivable Triangle"
    _auto = False
    _view = VIEW

    order_currency_id = fields.Many2one("res.currency", "Currency of the Order", readonly=True)
    state = fields.Selection([("sale", "Order"), ("done", "Locked"), ("cancel", "Cancelled")], readonly=True)
    ordered = fields.Monetary("Ordered", readonly=True)
    delivered = fields.Monetary("Delivered", readonly=True)
    invoiced = fields.Monetary("Invoiced", readonly=True)
    to_invoice = fields.Monetary("Still to Invoice", readonly=True)
    cancelled = fields.Monetary("Cancelled", readonly=True)
    collected = fields.Monetary("Collected", readonly=True)
    open = fields.Monetary("Open", readonly=True)
    credited = fields.Monetary("Credited", readonly=True)
    written_off = fields.Monetary("Written Off", readonly=True)
    claim = fields.Monetary("Due, Not Invoiced", readonly=True)

    def action_open_order(self):
        return self.order_id.get_formview_action()
