# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, fields, models

from ..engine.pace import Like, Median

#: How far back won deals count
YEARS = 2


class CrmDealCycle(models.Model):
    """How long won deals took, by industry and product: what an open deal is compared with. Measured anew every night."""

    _name = "crm.deal.cycle"
    _description = "Usual Length of Deals"
    _order = "deals desc, id"
    _log_access = False

    industry_id = fields.Many2one("res.partner.industry", string="Industry", readonly=True, ondelete="cascade", help="Empty: any.")
    product_id = fields.Many2one("product.product", string="Product", readonly=True, ondelete="cascade", help="Empty: any.")
    days = fields.Float(
        string="Usual Days", readonly=True, digits=(16, 1), group_operator="avg", help="Median, from the first day to the closing."
    )
    deals = fields.Integer(string="Won Deals", readonly=True)

    @api.model
    def _measure(self):
        """Measure all medians anew, in one pass over the won deals of the last years."""
        self.env["crm.lead"].flush()
        self.env["res.partner"].flush(["industry_id"])
        self.env.cr.execute("DELETE FROM crm_deal_cycle")
        self.env.cr.execute(
            """
            INSERT INTO crm_deal_cycle (industry_id, product_id, days, deals)
            SELECT deal.industry_id, deal.product_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY deal.days), count(*)
              FROM (SELECT customer.industry_id, lead.product_id,
                           extract(epoch FROM lead.date_closed - lead.create_date) / 86400 AS days
                      FROM crm_lead AS lead JOIN crm_stage AS stage ON stage.id = lead.stage_id AND stage.is_won
                      LEFT JOIN res_partner AS customer ON customer.id = lead.commercial_partner_id
                     WHERE lead.active AND lead.date_closed >= %s AND lead.date_closed >= lead.create_date) AS deal
             GROUP BY GROUPING SETS ((deal.industry_id, deal.product_id), (deal.industry_id), (deal.product_id), ())
            HAVING (grouping(deal.industry_id) = 1 OR deal.industry_id IS NOT NULL)
               AND (grouping(deal.product_id) = 1 OR deal.product_id IS NOT NULL) AND count(*) > 0
            """,
            [fields.Datetime.now() - timedelta(days=365 * YEARS)],
        )
        self.invalidate_cache()

    @api.model
    def _get_medians(self):
        """{Like: Median} as the engine wants them: one query."""
        self.env.cr.execute("SELECT industry_id, product_id, days, deals FROM crm_deal_cycle")
        return {Like(industry, product): Median(days, deals) for industry, product, days, deals in self.env.cr.fetchall()}
