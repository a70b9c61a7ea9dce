# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

SCORES = (2, 3, 4, 5)


class CrmRfmScore(models.Model):
    """Above which values a customer gets a score from 2 to 5; whoever bought has at least 1.

    The steps are the quintiles over all customers who ever bought, drawn anew every night. Comparing with steps gives equal
    values equal scores, always, and makes the cell of one customer a matter of itself alone.
    """

    _name = "crm.rfm.score"
    _description = "RFM Step"
    _order = "score desc"
    _rec_name = "score"

    score = fields.Integer(required=True, readonly=True)
    last_date = fields.Date(string="Last Purchase After", readonly=True)
    purchases = fields.Integer(string="Purchases More Than", readonly=True)
    value = fields.Float(string="Purchase Value More Than", readonly=True, digits=(16, 2))

    _sql_constraints = [("score_unique", "unique (score)", "There is one line for each score.")]

    @api.model
    def _get_scores(self):
        """The steps, drawn now if they never were."""
        return self.sudo().search([]) or self._draw()

    @api.model
    def _draw(self):
        """Draw the steps from the customers' purchases; returns them if they are others than before, else none."""
        self.env["res.partner"].flush()
        self.env.cr.execute(
            """
            SELECT count(*),
                   percentile_disc(ARRAY[0.2, 0.4, 0.6, 0.8]) WITHIN GROUP (ORDER BY last_purchase_date),
                   percentile_disc(ARRAY[0.2, 0.4, 0.6, 0.8]) WITHIN GROUP (ORDER BY purchase_count),
                   percentile_disc(ARRAY[0.2, 0.4, 0.6, 0.8]) WITHIN GROUP (ORDER BY purchase_value)
              FROM res_partner WHERE purchase_count > 0 AND is_customer AND id = commercial_partner_id
            """
        )
        count, *steps = self.env.cr.fetchone()
        if not count:
            return self.browse()
        known = {step.score: step for step in self.sudo().search([])}
        changed = self.browse()
        for score, last_date, purchases, value in zip(SCORES, *steps):
            vals = {"last_date": last_date, "purchases": purchases, "value": value}
            step = known.get(score)
            if not step:
                changed |= self.sudo().create({"score": score, **vals})
            elif (step.last_date, step.purchases, step.value) != (last_date, purchases, float(value)):
                step.write(vals)
                changed |= step
        return changed and self.sudo().search([])

    def _get_sql(self):
        """SQL of the columns recency, frequency and money (0 for who never bought) of ``res_partner``, and its parameters."""
        columns, params = [], []
        for name, column, cut in (
            ("recency", "last_purchase_date", "last_date"),
            ("frequency", "purchase_count", "purchases"),
            ("money", "purchase_value", "value"),
        ):
            steps = "".join(f" + coalesce(({column} > %s)::int, 0)" for _step in self)
            columns.append(f"CASE WHEN purchase_count > 0 THEN 1{steps} ELSE 0 END AS {name}")
            params += [step[cut] for step in self]
        return ", ".join(columns), params
