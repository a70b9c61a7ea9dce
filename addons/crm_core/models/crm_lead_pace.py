# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine.pace import Pace, judge, usual

#: Open opportunities with an owner, how long they take and how long they may: the run and the filter look at these.
#: ``allowed`` is given as arrays; the four medians of engine/pace.py are four joins on a table of a few hundred rows.
PACE_FROM = """
      FROM crm_lead AS lead
      JOIN crm_stage AS stage ON stage.id = lead.stage_id AND stage.is_won IS NOT TRUE
      LEFT JOIN unnest(%(stage_ids)s::int[], %(rule_ids)s::int[], %(allowed)s::int[], %(leader_days)s::int[])
             AS allowed (stage_id, rule_id, days, leader_days) ON allowed.stage_id = lead.stage_id
      LEFT JOIN res_partner AS customer ON customer.id = lead.commercial_partner_id
      LEFT JOIN crm_deal_cycle AS alike ON alike.industry_id = customer.industry_id
            AND alike.product_id = lead.product_id AND alike.deals >= %(least)s
      LEFT JOIN crm_deal_cycle AS of_product ON of_product.product_id = lead.product_id
            AND of_product.industry_id IS NULL AND of_product.deals >= %(least)s
      LEFT JOIN crm_deal_cycle AS of_industry ON of_industry.industry_id = customer.industry_id
            AND of_industry.product_id IS NULL AND of_industry.deals >= %(least)s
      LEFT JOIN crm_deal_cycle AS of_all ON of_all.industry_id IS NULL AND of_all.product_id IS NULL
            AND of_all.deals >= %(least)s
     WHERE lead.active AND lead.type = 'opportunity' AND coalesce(lead.probability, 0) < 100
"""
#: Days beyond what is all right; NULL where nothing is said
OVER_STAGE = "extract(epoch FROM %(now)s - lead.date_last_stage_update) / 86400 - allowed.days"
OVER_CYCLE = (
    "extract(epoch FROM %(now)s - lead.create_date) / 86400"
    " - coalesce(alike.days, of_product.days, of_industry.days, of_all.days)"
)


class CrmLead(models.Model):
    """Opportunities that take too long, as a flag on lists and cards. Nothing of it is stored: it changes by the hour."""

    _inherit = "crm.lead"

    pace = fields.Selection(
        [("stage", "Too long in this stage"), ("cycle", "Longer than usual")],
        compute="_compute_pace",
        search="_search_pace",
        help="Too long in this stage: longer than its reminder rule allows.\n"
        "Longer than usual: longer than the median of won deals of its industry and product.",
    )
    pace_text = fields.Char(string="Pace in Words", compute="_compute_pace")

    @api.depends("stage_id", "probability", "active", "product_id", "date_last_stage_update")
    @api.depends_context("lang")
    def _compute_pace(self):
        """A constant number of queries, whatever the number of leads."""
        rules, cycle = self.env["crm.reminder.rule"]._get_stage_rules(), self.env["crm.reminder.rule"]._get_rule("cycle")
        medians = self.env["crm.deal.cycle"]._get_medians() if cycle else {}
        now = fields.Datetime.now()
        for lead in self:
            pace = lead.sudo()._judge_pace(now, rules, medians, cycle.least_deals)
            lead.pace = pace.state or False
            lead.pace_text = lead._tell_pace(pace)

    def _judge_pace(self, now, rules, medians, least):
        """How long this lead (in sudo mode) takes, as the engine judges."""
        is_open = self.active and self.type == "opportunity" and not self.stage_id.is_won and self.probability < 100
        if not is_open or not self._origin.create_date:
            return Pace()
        rule = rules.get(self.stage_id.id)
        age, in_stage = (
            (now - (moment or now)).total_seconds() / 86400 for moment in (self.create_date, self.date_last_stage_update)
        )
        industry = self.commercial_partner_id.industry_id.id
        limit = usual(medians, industry, self.product_id.id, least) if medians else None
        return judge(in_stage, rule.days if rule else None, age, limit)

    @api.model
    def _tell_pace(self, pace):
        if pace.state == "stage":
            return _("%(days)d days in this stage, %(limit)d are all right", days=pace.days, limit=pace.limit)
        if pace.state == "cycle":
            return _("%(days)d days old, deals like it take %(limit)d", days=pace.days, limit=round(pace.limit))
        return False

    @api.model
    def _search_pace(self, operator, value):
        """Served by one pass over the open opportunities."""
        wanted = set(value) if isinstance(value, (list, tuple)) else {value}
        if operator in ("!=", "not in"):
            wanted = {"stage", "cycle", False} - wanted
        chosen = [state for state in ("stage", "cycle") if (state in wanted) != (False in wanted)]
        if not chosen:
            return [(1 if False in wanted else 0, "=", 1)]
        conditions = {"stage": "{stage} > 0", "cycle": "({stage} > 0) IS NOT TRUE AND {cycle} > 0"}
        condition = " OR ".join("(%s)" % conditions[state].format(stage=OVER_STAGE, cycle=OVER_CYCLE) for state in chosen)
        query = "SELECT lead.id" + PACE_FROM + " AND (%s)" % condition
        self.flush()
        text = self.env.cr.mogrify(query, self._get_pace_params()).decode()
        return [("id", "not inselect" if False in wanted else "inselect", (text, []))]

    @api.model
    def _get_pace_params(self):
        """Parameters of :data:`PACE_FROM` and of the two expressions."""
        stage_rules = self.env["crm.reminder.rule"]._get_stage_rules()
        rules = list(stage_rules.values())
        cycle = self.env["crm.reminder.rule"]._get_rule("cycle")
        return {
            "now": fields.Datetime.now(),
            "stage_ids": list(stage_rules),
            "rule_ids": [rule.id for rule in rules],
            "allowed": [rule.days for rule in rules],
            "leader_days": [rule.leader_days for rule in rules],
            "least": cycle.least_deals if cycle else None,
            "cycle_rule": cycle.id or None,
            "cycle_leader_days": cycle.leader_days,
        }
