# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

#: Reported figures, and what was delivered less what came back, by month of the company's clock
FLOWS = """
    SELECT line.dealer_id, line.product_id, line.company_id, line.month, 0.0 AS sell_in, line.sold AS sell_out, line.stock
      FROM crm_dealer_report_line AS line
     WHERE line.dealer_id = ANY(%(ids)s)
     UNION ALL
    SELECT buyer.commercial_partner_id, move.product_id, move.company_id,
           date_trunc('month', move.date AT TIME ZONE 'UTC' AT TIME ZONE coalesce(home.tz, 'UTC'))::date,
           CASE WHEN target.usage = 'customer' THEN move.product_qty ELSE -move.product_qty END, 0.0, NULL
      FROM res_partner AS dealer
      JOIN res_partner AS buyer ON buyer.commercial_partner_id = dealer.id
      JOIN sale_order AS sale ON sale.partner_id = buyer.id
      JOIN sale_order_line AS sold ON sold.order_id = sale.id
      JOIN stock_move AS move ON move.sale_line_id = sold.id AND move.state = 'done'
      JOIN stock_location AS origin ON origin.id = move.location_id
      JOIN stock_location AS target ON target.id = move.location_dest_id
      JOIN res_company AS company ON company.id = move.company_id
      JOIN res_partner AS home ON home.id = company.partner_id
     WHERE dealer.id = ANY(%(ids)s) AND dealer.is_dealer AND (origin.usage = 'customer') <> (target.usage = 'customer')
"""
#: A count closes a stretch of months: the stock of the next ones is worked out from it. engine/dealer_stock.py says the same
DRAW = f"""
    WITH flow AS (
        SELECT dealer_id, product_id, company_id, month, sum(sell_in) AS sell_in, sum(sell_out) AS sell_out, max(stock) AS stock
          FROM ({FLOWS}) AS one GROUP BY dealer_id, product_id, company_id, month
    ), stretch AS (
        SELECT flow.*,
               count(stock) OVER (PARTITION BY dealer_id, product_id, company_id ORDER BY month
                                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS number,
               lag(stock) OVER (PARTITION BY dealer_id, product_id, company_id ORDER BY month) AS opening
          FROM flow
    ), standing AS (
        SELECT stretch.*,
               coalesce(first_value(opening) OVER same, 0) + sum(sell_in - sell_out) OVER same AS computed
          FROM stretch
        WINDOW same AS (PARTITION BY dealer_id, product_id, company_id, number ORDER BY month)
    )
    INSERT INTO crm_dealer_flow (dealer_id, product_id, company_id, month, region_id, level_id, user_id, team_id, sell_in, sell_out,
                                 stock_reported, is_reported, stock_computed, difference)
    SELECT standing.dealer_id, standing.product_id, standing.company_id, standing.month, dealer.dealer_region_id,
           dealer.dealer_level_id, dealer.user_id, dealer.team_id, standing.sell_in, standing.sell_out,
           standing.stock, standing.stock IS NOT NULL, standing.computed, standing.stock - standing.computed
      FROM standing
      JOIN res_partner AS dealer ON dealer.id = standing.dealer_id
        ON CONFLICT (dealer_id, product_id, month, company_id) DO UPDATE SET sell_in = excluded.sell_in
"""
#: Dealers whose flows changed in this transaction, kept until it ends
NOTED = "crm_sales_order.dealer_flow"


class CrmDealerFlow(models.Model):
    """Sell-in, sell-out and stock of dealers by product and month, and by how much a count differs from what follows.

    Computed stock = opening + sell-in − sell-out, the opening being the last count before, else 0. The rows are drawn from
    reports and deliveries: those of a dealer at the end of each transaction that changed something about it, all each night.
    """

    _name = "crm.dealer.flow"
    _description = "Dealer Sell-in, Sell-out and Stock"
    _log_access = False
    _rec_name = "product_id"
    _order = "month desc, dealer_id, product_id, id"

    month = fields.Date(required=True, readonly=True)
    dealer_id = fields.Many2one("res.partner", string="Dealer", required=True, readonly=True, ondelete="cascade")
    product_id = fields.Many2one("product.product", string="Product", required=True, readonly=True, ondelete="cascade")
    region_id = fields.Many2one("crm.dealer.region", string="Region", readonly=True)
    level_id = fields.Many2one("crm.dealer.level", string="Level", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    sell_in = fields.Float(string="Sell-in", readonly=True, help="Delivered to the dealer, less what came back.")
    sell_out = fields.Float(string="Sell-out", readonly=True, help="As the dealer reported it.")
    stock_computed = fields.Float(
        string="Computed Stock", readonly=True, group_operator=None, help="Last count + sell-in − sell-out since."
    )
    is_reported = fields.Boolean(string="Counted", readonly=True)
    stock_reported = fields.Float(string="Counted Stock", readonly=True, group_operator=None, help="As the dealer reported it.")
    difference = fields.Float(readonly=True, help="Counted less computed: sold, lost or found without being reported.")

    _sql_constraints = [("month_unique", "UNIQUE (dealer_id, product_id, month, company_id)", "A month has one line for a product.")]

    def init(self):
        super().init()
        # serves the list: the newest month first
        self.env.cr.execute(
            "CREATE INDEX IF NOT EXISTS crm_dealer_flow_month_idx ON crm_dealer_flow (month DESC, dealer_id, product_id, id)"
        )

    @api.model
    def _note(self, dealers):
        """Draw the flows of these dealers anew before the transaction is committed: once, however often it is said."""
        if dealers:
            precommit = self.env.cr.precommit
            if NOTED not in precommit.data:
                precommit.data[NOTED] = set()
                precommit.add(self.sudo()._refresh_noted)
            precommit.data[NOTED].update(dealers.ids)

    @api.model
    def _refresh_noted(self):
        self._refresh(self.env.cr.precommit.data.pop(NOTED, ()))

    @api.model
    def _refresh(self, dealer_ids):
        """Two statements, however many dealers. Where two transactions draw the same dealer, one fails on serialization (that is
        what ON CONFLICT is for: nothing else is there any more) and is tried again by the web layer."""
        self.env["base"].flush()
        ids = sorted(dealer_ids)
        self.env.cr.execute("DELETE FROM crm_dealer_flow WHERE dealer_id = ANY(%s)", [ids])
        self.env.cr.execute(DRAW, {"ids": ids})
        self.invalidate_cache()
