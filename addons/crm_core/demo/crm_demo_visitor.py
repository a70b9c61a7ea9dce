# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, models

VISITORS = 12
SITE = "https://www.hengtuo.example"
#: path → title, in the order people read
READ = {
    "/energy": "永磁变频空压机 - 恒拓机电",
    "/energy/saving": "节能改造案例 - 恒拓机电",
    "/price": "报价与交期 - 恒拓机电",
    "/service": "售后服务 - 恒拓机电",
    "/about": "关于恒拓 - 恒拓机电",
}


class CrmDemo(models.AbstractModel):
    """Who read what on the company's site before sending the form."""

    _inherit = "crm.demo"

    @api.model
    def _tell_visitors(self):
        dice = self._random("visitors")
        website = self.env.ref("crm_core.demo_channel_website")
        website.action_start_visitors()
        touchpoints = self.env["crm.touchpoint"].search(
            [("channel_id", "=", website.id), ("lead_id", "!=", False)], order="received_at desc, id desc", limit=VISITORS
        )
        visitors = self.env["crm.visitor"].create([self._prepare_visitor(dice, touchpoint) for touchpoint in touchpoints])
        for touchpoint, visitor in zip(touchpoints, visitors):
            touchpoint.visitor_id = visitor

    @api.model
    def _prepare_visitor(self, dice, touchpoint):
        pages = list(READ)[: dice.randrange(2, len(READ) + 1)]
        seconds = [dice.randrange(10, 240) for _page in pages]
        first = touchpoint.received_at - timedelta(seconds=sum(seconds) + 60)
        moments = [first + timedelta(seconds=sum(seconds[:number])) for number in range(len(pages))]
        return {
            "channel_id": touchpoint.channel_id.id,
            "key": "%032x" % dice.getrandbits(128),
            "first_seen": first,
            "last_seen": moments[-1],
            "visits": 1,
            "pages": len(pages),
            "seconds": sum(seconds),
            "landing_page": SITE + pages[0],
            "last_landing_page": SITE + pages[0],
            "referrer": "https://www.baidu.com/",
            "keyword": touchpoint.keyword,
            "utm_source": "baidu",
            "event_ids": [
                (0, 0, {"view": "%016x" % number, "at": at, "page": SITE + page, "title": READ[page], "seconds": stayed})
                for number, (at, page, stayed) in enumerate(zip(moments, pages, seconds))
            ],
        }
