# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, models
from odoo.fields import Datetime

from .crm_demo import TIMEZONE

HISTORY = 90  # days of assignments that are told
FRESH = [
    ("深圳市锐视光学有限公司", "谢婉君", "demo_source_baidu", "comp37"),
    ("东莞市长兴模具有限公司", "卢志明", "demo_source_referral", "vmc850"),
    ("苏州市安捷半导体有限公司", "陆晨", "demo_source_fair", "robot10"),
    ("佛山市三水铝业有限公司", "何敏仪", "demo_source_douyin", "comp75"),
    ("珠海市海格水产有限公司", "容静", "demo_source_wechat", "chiller"),
]


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_assignment(self):
        """The last months' leads were given by the rules; today's have just been given and wait for an answer."""
        self.env.ref("base.main_company").resource_calendar_id.tz = TIMEZONE.zone
        self._tell_past_assignments()
        leads = self._quiet().env["crm.lead"].create([self._prepare_fresh_lead(*fresh) for fresh in FRESH])
        self.env["crm.assignment.rule"]._assign(leads)

    def _tell_past_assignments(self):
        """Who has a lead got it by a rule when it was assigned; most answered in time."""
        dice = self._random("assignments")
        referral, rest = self._ref("demo_assignment_referral"), self._ref("demo_assignment_rest")
        start = Datetime.now() - timedelta(days=HISTORY)
        leads = (
            self.env["crm.lead"]
            .with_context(active_test=False)
            .search([("team_id", "in", self._branches().ids), ("date_open", ">", start), ("user_id", "!=", False)], order="id")
        )
        rows = []
        for lead in leads:
            rule = referral if lead.source_id in (self._ref("demo_source_referral"), self._ref("demo_source_fair")) else rest
            given = lead.date_open
            due = given + timedelta(hours=rule.response_hours)
            answered = given + timedelta(minutes=dice.choice([12, 25, 40, 55, 80, 110, 150, 300]))
            rows.append((lead.id, rule.id, lead.user_id.id, lead.team_id.id, lead.company_id.id, given, due, answered))
        self.env["crm.lead"].flush()
        self.env.cr.execute(
            "INSERT INTO crm_assignment (lead_id, rule_id, user_id, team_id, company_id, assigned_at, day, due, responded_at, state)"
            " SELECT lead_id, rule_id, user_id, team_id, company_id, given, given::date, due, answered, 'answered' FROM unnest"
            " (%s::int[], %s::int[], %s::int[], %s::int[], %s::int[], %s::timestamp[], %s::timestamp[], %s::timestamp[])"
            " AS past (lead_id, rule_id, user_id, team_id, company_id, given, due, answered)",
            [list(column) for column in zip(*rows)],
        )
        self.env["crm.lead"].invalidate_cache()

    def _prepare_fresh_lead(self, company, contact, source, product):
        dice = self._random(company)
        product = self._ref("demo_product_" + product)
        return {
            "type": "opportunity",
            "name": f"{self._short_name({'partner_name': company})}采购{product.name}",
            "partner_name": company,
            "contact_name": contact,
            "mobile": f"134 9{dice.randint(100, 999)} {dice.randint(1000, 9999)}",
            "user_id": False,
            "team_id": False,
            "source_id": self._ref(source).id,
            "product_id": product.id,
            "expected_revenue": product.lst_price,
        }
