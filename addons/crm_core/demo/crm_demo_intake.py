# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, models

from ..engine.intake import example

# xml id: (name, kind, source, medium, campaign or None)
CHANNELS = {
    "demo_channel_website": ("官网询价表单", "website", None, None, None),
    "demo_channel_baidu": ("百度基木鱼落地页", "baidu", "demo_source_baidu", "demo_medium_search", "demo_campaign_energy"),
    "demo_channel_douyin": ("抖音飞鱼表单", "ocean", "demo_source_douyin", "demo_medium_feed", "demo_campaign_live"),
    "demo_channel_fair": ("展会扫码登记", "exhibition", "demo_source_fair", "demo_medium_event", "demo_campaign_fair"),
}
KEYWORDS = ["永磁变频空压机", "空压机节能改造", "激光打标机价格", "工业机器人集成", "冷水机 5匹", "空压机保养"]
PAGES = ["energy", "robot", "laser", "service"]
# Share of the leads that come back through the website
AGAIN = 0.25
DEAD = [
    ('{"name": "彭先生", "phone": "1390755', "text cut off on the way"),
    ('{"contact": {"who": "赵工", "how": "0755-2788 0000"}, "need": "冷干机报价"}', "fields nobody has mapped yet"),
]


class CrmDemo(models.AbstractModel):
    """How the leads came in: channels, the submissions behind the leads, and two nobody could read."""

    _inherit = "crm.demo"

    @api.model
    def _tell_intake(self):
        dice = self._random("intake")
        channels = {xmlid: self._make_channel(xmlid, *row) for xmlid, row in CHANNELS.items()}
        website = channels["demo_channel_website"]
        by_source = {channel.source_id: channel for channel in channels.values() if channel.source_id}
        leads = self.env["crm.lead"].with_context(active_test=False).search([("source_id", "in", [s.id for s in by_source])], order="id")
        touches = []
        for lead in leads:
            touches.append((by_source[lead.source_id], lead, lead.create_date, "created"))
            if dice.random() < AGAIN and lead.create_date.date() < self._today() - timedelta(days=10):
                touches.append((website, lead, lead.create_date + timedelta(days=dice.randrange(1, 9)), "attached"))
        for channel in channels.values():
            self._tell_touches(dice, [touch for touch in touches if touch[0] == channel])
        self._tell_dead_letters(website)

    @api.model
    def _make_channel(self, xmlid, name, kind, source, medium, campaign):
        ref = lambda found: self.env.ref("crm_core." + found).id if found else False  # noqa: E731
        vals = {"name": name, "kind": kind, "source_id": ref(source), "medium_id": ref(medium), "campaign_id": ref(campaign)}
        channel = self.env["crm.intake.channel"].create(vals)
        self.env["ir.model.data"].create(
            {"module": "crm_core", "name": xmlid, "model": channel._name, "res_id": channel.id, "noupdate": True}
        )
        return channel

    @api.model
    def _tell_touches(self, dice, touches):
        """The submissions of one channel: stored as its platform sends them, and linked to the leads they became."""
        if not touches:
            return
        channel = touches[0][0]
        lines = channel.mapping_ids._get_lines()
        rows = []
        for number, (_channel, lead, moment, _outcome) in enumerate(touches):
            payload = example(lines, self._prepare_values(dice, lead))
            rows.append({"payload": payload, "idempotency_key": "demo %d" % number, "occurred_at": moment})
        touchpoints = self.env["crm.touchpoint"]
        touchpoints = touchpoints.browse(touchpoints._accept_rows(channel, rows))
        touchpoints._parse_submissions()
        self._backdate(
            touchpoints,
            lead_id=[lead.id for _channel, lead, _moment, _outcome in touches],
            partner_id=[lead.partner_id.id or None for _channel, lead, _moment, _outcome in touches],
            state=["done"] * len(touches),
            attempts=[1] * len(touches),
            outcome=[outcome for _channel, _lead, _moment, outcome in touches],
            match_kind=["phone" if outcome == "attached" else None for _channel, _lead, _moment, outcome in touches],
            received_at=[moment for _channel, _lead, moment, _outcome in touches],
            occurred_at=[moment for _channel, _lead, moment, _outcome in touches],
        )

    @api.model
    def _prepare_values(self, dice, lead):
        """What the visitor filled in, by target of the mapping."""
        values = {
            "contact_name": lead.contact_name,
            "partner_name": lead.partner_name,
            "phone": lead.phone or lead.mobile,
            "email_from": lead.email_from,
            "city": lead.city,
            "description": lead.name,
            "touch.keyword": dice.choice(KEYWORDS),
            "touch.landing_page": "https://www.hengtuo.example/" + dice.choice(PAGES),
        }
        return {target: value for target, value in values.items() if value}

    @api.model
    def _tell_dead_letters(self, channel):
        touchpoints = self.env["crm.touchpoint"]
        rows = [{"payload": text, "idempotency_key": "demo dead %d" % number} for number, (text, _why) in enumerate(DEAD)]
        touchpoints = touchpoints.browse(touchpoints._accept_rows(channel, rows))
        problems = touchpoints._parse_submissions()
        self._backdate(
            touchpoints,
            state=["dead"] * len(DEAD),
            attempts=[1] * len(DEAD),
            reason=[str(problems[touchpoint.id]) for touchpoint in touchpoints],
            received_at=[self._at(self._workday(self._today() - timedelta(days=1 + number)), 15) for number in range(len(DEAD))],
        )
