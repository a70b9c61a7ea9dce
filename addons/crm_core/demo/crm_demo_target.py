# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, fields, models

from ..models.crm_target_plan_line import MONTH_FIELDS

#: Measure, goal of the year, how it is laid over months and reps
YEAR = [("won_value", 15000000, "last_year"), ("new_leads", 480, "even")]
#: Subject, who comes, days from now, hour in UTC, hours
MEETINGS = [
    ("深圳团队周会：本月目标与重点商机", ("leader", "rep"), 1, 1, 1),
    ("上门演示：协作机器人上下料", ("rep",), 2, 6, 2),
    ("销售例会：本季度回款与预测", ("director", "leader", "rep2", "rep3"), 3, 2, 1),
]


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_targets(self):
        """The director lays the year's goals over months and reps; the team has some meetings ahead."""
        demo = self._quiet()
        director, year = demo._ref("demo_user_director"), fields.Date.context_today(self).year
        for code, goal, method in YEAR:
            plan = demo.env["crm.target.plan"].with_user(director).new({
                "year": year,
                "measure_id": demo.env["crm.bi.measure"].search([("code", "=", code)]).id,
                "team_id": demo._ref("demo_team_sales").id,
                "goal": goal,
                "method": method,
            })  # fmt: skip
            plan._onchange_lay_out()
            lines = [
                (0, 0, {"user_id": line.user_id.id, **{name: line[name] for name in MONTH_FIELDS}}) for line in plan.line_ids
            ]
            demo.env["crm.target.plan"].with_user(director).create(
                {**{name: plan[name] for name in ("year", "goal", "method")}, "measure_id": plan.measure_id.id,
                 "team_id": plan.team_id.id, "line_ids": lines}
            ).action_save()  # fmt: skip
        demo._tell_meetings()

    @api.model
    def _tell_meetings(self):
        today = fields.Datetime.today()
        for subject, people, days, hour, hours in MEETINGS:
            users = [self._ref("demo_user_%s" % name) for name in people]
            start = today + timedelta(days=days, hours=hour)
            self.env["calendar.event"].create({
                "name": subject,
                "start": start,
                "stop": start + timedelta(hours=hours),
                "user_id": users[0].id,
                "partner_ids": [(6, 0, [user.partner_id.id for user in users])],
            })  # fmt: skip
