# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, models

#: Subject, company, city, state (code in China), product, days since it came in
WAITING = [
    ("数控机床询价", "东莞市凯锐精密模具有限公司", "东莞市", "GD", 0, 2),
    ("空压机节能改造", "佛山市南海宏泰铝业有限公司", "佛山市", "GD", 1, 3),
    ("生产线升级咨询", "惠州市德信电子有限公司", "惠州市", "GD", 2, 1),
    ("设备年度采购", "中山市华联家电配件有限公司", "中山市", "GD", 3, 9),
    ("展会留资:自动化设备", "珠海市新航机械厂", "珠海市", "GD", 4, 12),
    ("备件供应洽谈", "广州市番禺恒丰包装有限公司", "广州市", "GD", 5, 20),
    ("激光切割机询价", "苏州工业园区瑞科钣金有限公司", "苏州市", "JS", 6, 2),
    ("电机批量采购", "宁波市海曙通达水泵有限公司", "宁波市", "ZJ", 7, 4),
    ("输送线方案", "成都市双流锦程物流有限公司", "成都市", "SC", 8, 6),
    ("旧设备替换", "天津市津南永盛铸造有限公司", "天津市", "TJ", 9, 15),
]


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_pool(self):
        """What waits in the public pools: new enquiries nobody has claimed, and two leads that were given back."""
        demo = self._quiet()
        dice = demo._random("公海池")
        named = [("module", "=", "crm_core"), ("model", "=", "product.product")]
        products = demo.env["ir.model.data"].search(named, order="name").mapped("res_id")
        sources = demo.env["utm.source"].search([], order="id")
        pools = {True: demo._ref("demo_pool_guangdong"), False: demo._ref("demo_pool_elsewhere")}
        leads = demo.env["crm.lead"].create(
            [
                {
                    "name": subject,
                    "partner_name": company,
                    "city": city,
                    "state_id": self.env.ref("base.state_cn_%s" % state).id,
                    "country_id": self.env.ref("base.cn").id,
                    "product_id": products[number % len(products)],
                    "source_id": dice.choice(sources).id,
                    "phone": "+86 139 0000 %04d" % dice.randrange(10000),
                    "type": "opportunity",
                    "pool_id": pools[state == "GD"].id,
                    "user_id": False,
                    "team_id": False,
                }
                for subject, company, city, state, number, _days in WAITING
            ]
        )
        moments = [self._at(self._today() - timedelta(days=row[-1]), 9 + dice.random() * 8) for row in WAITING]
        self._backdate(leads, create_date=moments, pooled_since=moments)
        leads._update_scores()
        rep = self._ref("demo_user_rep")
        new = demo.env["crm.stage"].search([], limit=1)
        given_back = demo.env["crm.lead"].search(
            [("user_id", "=", rep.id), ("stage_id", "=", new.id)], order="create_date", limit=2
        )
        for lead, reason in zip(given_back, ("no_answer", "no_budget")):
            lead.with_user(rep)._release(self.env.ref("crm_core.release_reason_%s" % reason))
