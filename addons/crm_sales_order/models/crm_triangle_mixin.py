# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models, tools


class CrmTriangleMixin(models.AbstractModel):
    """Rows about orders in the company's currency, to be grouped by customer, salesperson and period.

    An inheriting model is a view, and gives its statement in ``_view``; the columns below are those of
    ``crm_triangle.SOLD``.
    """

    _name = "crm.triangle.mixin"
    _description = "Row about an Order in the Triangle"
    _rec_name = "order_id"
    _order = "date desc, id desc"
    _view = None

    order_id = fields.Many2one("sale.order", "Order", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", "Company", readonly=True)
    currency_id = fields.Many2one("res.currency", "Currency", readonly=True, help="Of the company.")
    date = fields.Date("Ordered on", readonly=True)

    def init(self):
        if self._view:
            tools.drop_view_if_exists(self.env.cr, self._table)
            self.env.cr.execute(self._view)
