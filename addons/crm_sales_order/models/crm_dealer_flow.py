# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models, tools

#: Reported figures, and what was delivered less what came back, by month of the company's clock
FLOWS = """
    SELECT line.dealer_id, line.product_id, line.company_id, line.month, 0.0 AS sell_in, line.sold AS sell_out, line.stock,
           line.id * 2 AS number
      FROM crm_dealer_report_line AS line
     UNION ALL
    SELECT buyer.commercial_partner_id, move.product_id, move.company_id,
           date_trunc('month', move.date AT TIME ZONE 'UTC' AT TIME ZONE coalesce(home.tz, 'UTC'))::date,
           CASE WHEN target.usage = 'customer' THEN move.product_qty ELSE -move.product_qty END, 0.0, NULL, move.id * 2 + 1
      FROM res_partner AS dealer
      JOIN res_partner AS buyer ON buyer.commercial_partner_id = dealer.id
      JOIN sale_order AS sale ON sale.partner_id = buyer.id
      JOIN sale_order_line AS sold ON sold.order_id = sale.id
      JOIN stock_move AS move ON move.sale_line_id = sold.id AND move.state = 'done'
      JOIN stock_location AS origin ON origin.id = move.location_id
      JOIN stock_location AS target ON target.id = move.location_dest_id
      JOIN res_company AS company ON company.id = move.company_id
      JOIN res_partner AS home ON home.id = company.partner_id
     WHERE dealer.is_dealer AND (origin.usage = 'customer') <> (target.usage = 'customer')
"""
#: A count closes a stretch of months: the stock of the next ones is worked out from it. engine/dealer_stock.py says the same
VIEW = f"""
    CREATE VIEW crm_dealer_flow AS
    WITH flow AS NOT MATERIALIZED (
        SELECT dealer_id, product_id, company_id, month, sum(sell_in) AS sell_in, sum(sell_out) AS sell_out,
               max(stock) AS stock, min(number) AS id
          FROM ({FLOWS}) AS one GROUP BY dealer_id, product_id, company_id, month
    ), stretch AS NOT MATERIALIZED (
        SELECT flow.*,
               count(stock) OVER (PARTITION BY dealer_id, product_id, company_id ORDER BY month
                                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS number,
               lag(stock) OVER (PARTITION BY dealer_id, product_id, company_id ORDER BY month) AS opening
          FROM flow
    ), standing AS NOT MATERIALIZED (
        SELECT stretch.*,
               coalesce(first_value(opening) OVER same, 0) + sum(sell_in - sell_out) OVER same AS computed
          FROM stretch
        WINDOW same AS (PARTITION BY dealer_id, product_id, company_id, number ORDER BY month)
    )
    SELECT standing.id, standing.dealer_id, standing.product_id, standing.company_id, standing.month,
           dealer.dealer_region_id AS region_id, dealer.dealer_level_id AS level_id, dealer.user_id, dealer.team_id,
           standing.sell_in, standing.sell_out, standing.stock AS stock_reported, standing.stock IS NOT NULL AS is_reported,
           standing.computed AS stock_computed, standing.stock - standing.computed AS difference
      FROM standing
      JOIN res_partner AS dealer ON dealer.id = standing.dealer_id
"""


class CrmDealerFlow(models.Model):
    """Sell-in, sell-out and stock of dealers by product and month, and by how much a count differs from what follows.

    Computed stock = opening + sell-in − sell-out, the opening being the last count before, else 0. Filters on dealer and
    product are pushed down to the tables; what is not asked for is not worked out.
    """

    _name = "crm.dealer.flow"
    _description = "Dealer Sell-in, Sell-out and Stock"
    _auto = False
    _rec_name = "product_id"
    _order = "month desc, dealer_id, product_id, id"

    month = fields.Date(readonly=True)
    dealer_id = fields.Many2one("res.partner", string="Dealer", readonly=True)
    product_id = fields.Many2one("product.product", string="Product", readonly=True)
    region_id = fields.Many2one("crm.dealer.region", string="Region", readonly=True)
    level_id = fields.Many2one("crm.dealer.level", string="Level", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    sell_in = fields.Float(string="Sell-in", readonly=True, help="Delivered to the dealer, less what came back.")
    sell_out = fields.Float(string="Sell-out", readonly=True, help="As the dealer reported it.")
    stock_computed = fields.Float(
        string="Computed Stock", readonly=True, group_operator=None, help="Last count + sell-in − sell-out since."
    )
    is_reported = fields.Boolean(string="Counted", readonly=True)
    stock_reported = fields.Float(string="Counted Stock", readonly=True, group_operator=None, help="As the dealer reported it.")
    difference = fields.Float(readonly=True, help="Counted less computed: sold, lost or found without being reported.")

    def init(self):
        """The view reads columns of models that are set up after this one."""
        self.pool.post_init(self._create_view)

    def _create_view(self):
        tools.drop_view_if_exists(self.env.cr, self._table)
        self.env.cr.execute(VIEW)
