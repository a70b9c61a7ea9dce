# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict
from datetime import timedelta

from odoo import api, models

from .crm_demo import HISTORY_DAYS

LEADS = 350
STAGES = {"new": "crm.stage_lead1", "qualified": "crm.stage_lead2", "proposition": "crm.stage_lead3"}
# branch: (xml id of the team, share of the leads)
BRANCHES = {"demo_team_shenzhen": 42, "demo_team_shanghai": 28, "demo_team_beijing": 18, "demo_team_chengdu": 12}
# source: (medium, campaign or None, share, chance of winning)
SOURCES = {
    "demo_source_baidu": ("demo_medium_search", "demo_campaign_energy", 24, 0.32),
    "demo_source_douyin": ("demo_medium_feed", "demo_campaign_live", 18, 0.22),
    "demo_source_wechat": ("demo_medium_social", None, 12, 0.36),
    "demo_source_fair": ("demo_medium_event", "demo_campaign_fair", 14, 0.42),
    "demo_source_referral": ("demo_medium_personal", None, 10, 0.62),
    "demo_source_repeat": ("demo_medium_personal", "demo_campaign_care", 22, 0.74),
}
# what is asked for, by share
PRODUCTS = {
    "comp37": 16, "comp75": 9, "scroll15": 5, "dryer": 6, "adsorb": 4, "tank": 3, "robot10": 7, "cobot5": 6,
    "scara6": 5, "vmc850": 3, "lathe": 4, "laser3k": 3, "marker": 7, "forklift": 6, "packline": 4, "chiller": 5,
    "yearly": 6, "audit": 4, "airend": 4, "inverter": 4,
    "servo": 3, "oil": 5, "airfilter": 4, "separator": 4, "coolant": 3, "lens": 2, "desiccant": 2,
}  # fmt: skip
LOST = {
    "demo_lost_price": 34,
    "demo_lost_budget": 26,
    "demo_lost_leadtime": 16,
    "demo_lost_spec": 12,
    "demo_lost_contact": 12,
}
TAGS = {
    "demo_tag_energy": 0.25,
    "demo_tag_auto": 0.18,
    "demo_tag_bid": 0.1,
    "demo_tag_key": 0.12,
    "demo_tag_urgent": 0.1,
}
# Who asked and is no customer yet: company, contact
PROSPECTS = [
    ("深圳市启明星精密制造有限公司", "冯志强"), ("东莞市佳信五金制品有限公司", "赖文华"), ("苏州市禾丰自动化有限公司", "沈建平"),
    ("广州市穗联包装材料有限公司", "区丽仪"), ("成都市锐步电子有限公司", "曾小琴"), ("宁波市联创塑机有限公司", "应海波"),
    ("天津市宏业金属制品有限公司", "孟繁荣"), ("惠州市新材光电有限公司", "钟伟光"), ("无锡市锡北齿轮有限公司", "过敏华"),
    ("重庆市渝工液压有限公司", "冉启明"), ("青岛市蓝湾水产食品有限公司", "曲晓梅"), ("佛山市南粤铝型材有限公司", "霍锦棠"),
    ("上海沪昌医用耗材有限公司", "顾晨曦"), ("北京冀辰仪表有限公司", "纪春生"), ("中山市金源家具有限公司", "梁锦辉"),
    ("厦门市闽兴茶业有限公司", "林志坚"), ("长沙市岳麓新材料有限公司", "易文彬"), ("西安市长陵机电有限公司", "雷向前"),
    ("杭州市钱江模塑有限公司", "章燕飞"), ("合肥市科源电池材料有限公司", "汪晓明"), ("珠海市南屏电路板有限公司", "容伟杰"),
    ("济南市历下检测设备有限公司", "孔祥瑞"), ("沈阳市北方铸锻有限公司", "佟立军"), ("常州市武进纺机有限公司", "恽建伟"),
]  # fmt: skip
NOTES = [
    "电话沟通：现有设备使用六年，能耗偏高，希望下季度前更换，预算已批。",
    "客户要求提供同行业案例和能效检测报告，已发送资料。",
    "现场拜访，查看空压站和管路，记录用气量，约定一周内给方案。",
    "微信回复：技术参数已确认，等设备部和财务会签。",
    "客户反馈另一家报价低约 6%，需要突出质保和售后响应时间。",
    "与生产厂长确认安装位置、电源容量和进场时间。",
    "总经理出差，下周三回来后再定，已约电话。",
    "客户询问分期付款方式，已建议预付三成、验收后付清。",
    "已寄样品配件，客户反映尺寸合适，准备小批试用。",
    "客户来访展厅，看了样机运行，对噪音和振动满意。",
    "招标文件已收到，截止日在月底，需要准备授权书和业绩证明。",
    "老客户介绍，首次联系，对售后服务网点比较关心。",
]
ACTIVITIES = [
    ("mail.mail_activity_data_call", "电话回访报价意见"),
    ("mail.mail_activity_data_call", "确认预算和决策流程"),
    ("mail.mail_activity_data_meeting", "上门勘查现场"),
    ("mail.mail_activity_data_meeting", "邀请客户到展厅看样机"),
    ("mail.mail_activity_data_email", "发送技术方案和案例"),
    ("mail.mail_activity_data_todo", "准备投标文件"),
]


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_leads(self):
        """The leads: where they came from, how they ended, and what is to be done about the open ones."""
        demo = self._quiet()
        demo._assign_customers()
        plans = demo._plan_leads()
        leads = demo.env["crm.lead"].create([plan["values"] for plan in plans])
        demo._decide_leads(leads, plans)
        demo._date_leads(leads, plans)
        demo._note_leads(leads, plans)
        demo._schedule_lead_activities(leads, plans)
        demo._rate_leads()

    def _assign_customers(self):
        """Each branch's customers, with their people, belong to its rep."""
        for team in self._branches():
            customers = self.env["res.partner"].search([("team_id", "=", team.id)])
            (customers | customers.child_ids).write({"user_id": team.member_ids[:1].id})

    # -- what happened -------------------------------------------------------------------------------------------------

    def _plan_leads(self):
        """One dict a lead, oldest first: values, created and moved (datetimes), fate, and the notes' texts."""
        dice, today = self._random("leads"), self._today()
        customers = defaultdict(list)
        for partner in self.env["res.partner"].search([("is_company", "=", True), ("team_id", "in", self._branches().ids)]):
            customers[partner.team_id].append(partner)
        ages = sorted((int(HISTORY_DAYS * dice.random() ** 1.5) for _lead in range(LEADS)), reverse=True)
        plans = []
        for age in ages:
            team = self._pick(dice, BRANCHES)
            source = dice.choices(list(SOURCES), [share for *_rest, share, _chance in SOURCES.values()])[0]
            created = self._at(self._workday(today - timedelta(days=age)), dice.uniform(9, 18))
            fate = self._draw_fate(dice, age, SOURCES[source][3])
            days = 0 if fate == "new" else min(age, dice.randint(2, 12) if fate == "qualified" else dice.randint(6, 55))
            known = fate == "won" or source == "demo_source_repeat" or dice.random() < 0.6
            values = self._prepare_lead(dice, team, source)
            values.update(self._prepare_known(dice, customers[team]) if known else self._prepare_prospect(dice))
            product = self.env["product.product"].browse(values["product_id"])
            values["name"] = f"{self._short_name(values)}采购{product.name}"
            if fate in ("new", "qualified", "proposition"):
                values["date_deadline"] = today + timedelta(days=dice.randint(-6, 75))
            moved = self._at(self._workday(created.date() + timedelta(days=days)), dice.uniform(9, 18))
            notes = dice.sample(NOTES, 0 if fate == "new" else dice.randint(1, 3))
            plans.append({"values": values, "created": created, "moved": max(created, moved), "fate": fate, "notes": notes})
        return plans

    def _draw_fate(self, dice, age, chance):
        """Old leads are decided, young ones mostly open."""
        if dice.random() < min(0.97, age / 75):
            return "won" if dice.random() < chance else "lost"
        return dice.choices(["new", "qualified", "proposition"], [40, 35, 25] if age < 30 else [5, 40, 55])[0]

    def _prepare_lead(self, dice, team, source):
        medium, campaign, _share, _chance = SOURCES[source]
        product = self._ref("demo_product_" + dice.choices(list(PRODUCTS), list(PRODUCTS.values()))[0])
        quantity = dice.choice([1, 1, 1, 1, 1, 1, 2, 2, 3]) if product.lst_price > 4000 else dice.randint(4, 40)
        return {
            "type": "opportunity",
            "user_id": team.member_ids[:1].id,
            "team_id": team.id,
            "source_id": self._ref(source).id,
            "medium_id": self._ref(medium).id,
            "campaign_id": campaign and self._ref(campaign).id,
            "product_id": product.id,
            "expected_revenue": round(product.lst_price * quantity * dice.uniform(0.9, 1.0), -2),
            "priority": dice.choices("0123", [45, 30, 18, 7])[0],
            "tag_ids": [(6, 0, [self._ref(tag).id for tag, share in TAGS.items() if dice.random() < share])],
        }

    def _prepare_known(self, dice, customers):
        """A customer, asking through one of their people. Good customers ask more often than others."""
        partner = customers[int(len(customers) * dice.random() ** 1.6)]
        contact = dice.choice(partner.child_ids)
        return {
            "partner_id": partner.id,
            "partner_name": partner.name,
            "contact_name": contact.name,
            "function": contact.function,
            "mobile": contact.mobile,
            "wechat": contact.wechat,
        }

    def _prepare_prospect(self, dice):
        company, contact = dice.choice(PROSPECTS)
        number = str(dice.randint(1000000, 9999999))
        return {
            "partner_name": company,
            "contact_name": contact,
            "phone": f"134 9{number[:3]} {number[3:]}",
            "email_from": f"mail{number[-4:]}@prospect.example",
            "country_id": self.env.ref("base.cn").id,
        }

    def _short_name(self, values):
        """深圳市华锐精密五金有限公司 → 华锐精密五金"""
        name = values["partner_name"].replace("有限公司", "")
        return name.split("市", 1)[-1]

    # -- taking the steps, then dating them ----------------------------------------------------------------------------

    def _decide_leads(self, leads, plans):
        """Move every lead to where its fate put it, the way a user would."""
        dice = self._random("lost reasons")
        lost, by_stage = defaultdict(leads.browse), defaultdict(leads.browse)
        for lead, plan in zip(leads, plans):
            stage = plan["fate"]
            if stage == "lost":
                reason = dice.choices(list(LOST), list(LOST.values()))[0]
                lost[reason] |= lead
                stage = "new" if reason == "demo_lost_contact" else dice.choice(["qualified", "proposition"])
            by_stage[stage] |= lead
        by_stage.pop("won").action_set_won()
        for stage, group in by_stage.items():
            group.stage_id = self.env.ref(STAGES[stage])
        for reason, group in lost.items():
            group.action_set_lost(lost_reason=self._ref(reason).id)

    def _date_leads(self, leads, plans):
        created = [plan["created"] for plan in plans]
        moved = [plan["moved"] for plan in plans]
        closed = [plan["moved"] if plan["fate"] in ("won", "lost") else None for plan in plans]
        dice = self._random("answers")
        assigned = [moment + timedelta(minutes=dice.randint(8, 300)) for moment in created]
        self._backdate(
            leads,
            create_date=created,
            write_date=moved,
            date_open=assigned,
            date_last_stage_update=moved,
            date_closed=closed,
        )

    def _note_leads(self, leads, plans):
        notes = []
        for lead, plan in zip(leads, plans):
            span = (plan["moved"] - plan["created"]) / (len(plan["notes"]) + 1)
            for step, text in enumerate(plan["notes"], 1):
                notes.append((lead, lead.user_id, plan["created"] + step * span, text))
        self._post_notes(notes)

    def _schedule_lead_activities(self, leads, plans):
        """Most open leads have a next step: some overdue, some for today, most to come."""
        dice, today = self._random("activities"), self._today()
        model = self.env["ir.model"]._get("crm.lead")
        values = []
        for lead, plan in zip(leads, plans):
            if plan["fate"] in ("won", "lost") or dice.random() > 0.8:
                continue
            kind, summary = dice.choice(ACTIVITIES)
            shift = dice.choices([dice.randint(-9, -1), 0, dice.randint(1, 14)], [25, 20, 55])[0]
            values.append(
                {
                    "res_model_id": model.id,
                    "res_id": lead.id,
                    "activity_type_id": self.env.ref(kind).id,
                    "summary": summary,
                    "user_id": lead.user_id.id,
                    "date_deadline": today + timedelta(days=shift),
                }
            )
        self.env["mail.activity"].create(values)

    def _rate_leads(self):
        """Let Odoo learn its win probabilities from the whole year, as its nightly job would."""
        self.env["ir.config_parameter"].set_param("crm.pls_start_date", str(self._opening_day()))
        self.env["crm.lead"]._cron_update_automated_probabilities()

    # -- shorthands ----------------------------------------------------------------------------------------------------

    def _ref(self, name):
        return self.env.ref(f"crm_core.{name}")

    def _branches(self):
        return self.env["crm.team"].concat(*(self._ref(name) for name in BRANCHES))

    def _pick(self, dice, shares):
        return self._ref(dice.choices(list(shares), list(shares.values()))[0])
