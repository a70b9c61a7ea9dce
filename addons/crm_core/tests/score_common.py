# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import random

from .common import RolesCase


class ScoreCase(RolesCase):
    """No rules but the test's own, no model, and Odoo has not learnt anything yet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.score.rule"].search([]).active = False
        cls.env["crm.score.version"].action_stop()
        cls.env["crm.score.version"].search([("state", "=", "active")]).state = "retired"
        cls.env["crm.score.version"].clear_caches()
        cls.env["crm.lead.scoring.frequency"].search([]).unlink()
        cls.won_stage = cls.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        cls.fair, cls.web = cls.env["utm.source"].create([{"name": "Fair"}, {"name": "Web"}])

    @classmethod
    def rule(cls, points, **vals):
        return cls.env["crm.score.rule"].create({"name": "Rule of %s" % points, "points": points, **vals})

    @classmethod
    def decide_leads(cls, count, seed=1, chances=(0.85, 0.15)):
        """``count`` leads of the fair and as many of the web, won or lost by ``chances``; the newest of all.

        Decided in SQL: Odoo's own predictions do not learn of them.
        """
        dice = random.Random(seed)
        vals = [{"name": "L%d" % n, "type": "opportunity", "source_id": (cls.fair + cls.web)[n % 2].id} for n in range(2 * count)]
        leads = cls.env["crm.lead"].create(vals)
        leads.flush()
        won = [lead.id for n, lead in enumerate(leads) if dice.random() < chances[n % 2]]
        cls.env.cr.execute(
            "UPDATE crm_lead SET active = FALSE, probability = 0, date_closed = now() AT TIME ZONE 'UTC' WHERE id IN %s", [leads._ids]
        )
        query = "UPDATE crm_lead SET active = TRUE, probability = 100, stage_id = %s WHERE id IN %s"
        cls.env.cr.execute(query, [cls.won_stage.id, tuple(won)])
        leads.invalidate_cache()
        return leads

    def rewind(self, leads, days):
        leads.flush()
        self.env.cr.execute("UPDATE crm_lead SET create_date = create_date - %s * interval '1 day' WHERE id IN %s", [days, leads._ids])
        leads.invalidate_cache()
