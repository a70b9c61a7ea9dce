# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, models

# (days ago, installed product, category, channel, priority, stage, what the customer says)
TICKETS = [
    (0, "comp37", "fault", "phone", "3", "new", "空压机排气温度高报警停机，产线已停"),
    (0, "robot10", "question", "wechat", "1", "new", "示教器提示电池电量低，怎样更换不丢原点"),
    (1, "chiller", "fault", "phone", "2", "new", "冷水机水温降不下来，显示高压故障"),
    (1, "forklift", "fault", "phone", "2", "in_progress", "电动叉车举升无力，举到一半会下滑"),
    (2, "marker", "question", "wechat", "1", "in_progress", "打标深度不够，参数应当如何调整"),
    (3, "comp75", "fault", "phone", "3", "in_progress", "空压机加载后压力上不去，只有 0.5 兆帕"),
    (5, "laser3k", "fault", "web", "2", "awaiting", "切割断面挂渣严重，怀疑保护镜片烧蚀"),
    (6, "comp37", "complaint", "phone", "2", "in_progress", "上次保养后三天又漏油，要求尽快处理"),
    (8, "lathe", "question", "email", "1", "awaiting", "需要数控系统的宏程序说明书"),
    (12, "scara6", "fault", "wechat", "2", "done", "机器人第二轴有异响，回零偏差"),
    (16, "packline", "fault", "phone", "2", "done", "封箱机胶带切不断，频繁卡纸箱"),
    (23, "comp37", "question", "phone", "0", "done", "多少小时需要更换空气滤芯和油滤"),
    (31, "dryer", "fault", "phone", "1", "done", "干燥机出气含水，露点报警"),
    (38, "comp75", "return", "web", "1", "done", "收到的油气分离芯型号不符，申请换货"),
    (47, "forklift", "question", "phone", "0", "done", "叉车电池日常补液和充电的注意事项"),
    (59, "robot10", "fault", "phone", "2", "done", "机器人与输送线通讯中断，报总线错误"),
    (74, "comp37", "fault", "phone", "2", "done", "空压机自动停机后无法重启，变频器报过流"),
    (88, "vmc850", "fault", "phone", "2", "done", "主轴启动有尖叫声，加工面有振纹"),
    (103, "scroll15", "question", "email", "0", "done", "无油机是否需要定期更换密封条"),
    (126, "marker", "return", "wechat", "1", "cancelled", "多拍了一套夹具，申请退货"),
    (151, "comp75", "fault", "phone", "2", "done", "排气带油严重，油耗明显增加"),
    (187, "packline", "complaint", "phone", "1", "done", "培训人员迟到，影响当日试产"),
]
CHANNELS = {
    "phone": "helpdesk_mgmt.helpdesk_ticket_channel_phone",
    "email": "helpdesk_mgmt.helpdesk_ticket_channel_email",
    "web": "helpdesk_mgmt.helpdesk_ticket_channel_web",
    "wechat": "crm_service.demo_channel_wechat",
}
STAGES = {"new": "新建", "in_progress": "处理中", "awaiting": "等待客户", "done": "已解决", "cancelled": "已取消"}
# The visits to the newest faults, newest first; all older ones are done.
NEWEST_VISITS = [
    ("draft", None, None, None),
    ("planned", "technician", 0, 13),
    ("planned", "technician", 1, 14),
]
RESULTS = [
    "更换损坏部件后试机正常，旧件已带回检测。",
    "清洗散热器并更换滤芯，温度恢复正常，建议缩短保养周期。",
    "重新紧固接线并更新参数，连续运行观察一小时无报警。",
]


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_tickets(self):
        """What customers with an installed product called about; for faults somebody goes there."""
        demo = self._quiet()
        for key, name in STAGES.items():
            demo.env.ref(f"helpdesk_mgmt.helpdesk_ticket_stage_{key}").with_context(lang="zh_CN").name = name
        moments = [demo._at(demo._today() - timedelta(days=days), 8.5 + days % 8) for days, *_rest in TICKETS]
        tickets = demo.env["helpdesk.ticket"].create([demo._prepare_ticket(*ticket) for ticket in reversed(TICKETS)])
        tickets = tickets[::-1]
        demo._advance_tickets(tickets, moments)
        demo._visit(tickets, moments)

    def _prepare_ticket(self, days, product, category, channel, priority, _stage, subject):
        asset = self._get_asset(product, self._today() - timedelta(days=days))
        contact = asset.partner_id.child_ids[:1] or asset.partner_id
        agent = self.env.ref("crm_service.demo_user_agent")
        return {
            "name": subject,
            "description": f"<p>{contact.name}反映：{subject}。</p>",
            "partner_id": contact.id,
            "partner_name": contact.name,
            "partner_email": contact.email,
            "asset_id": asset.id,
            "category_id": self.env.ref(f"crm_service.demo_category_{category}").id,
            "channel_id": self.env.ref(CHANNELS[channel]).id,
            "team_id": self.env.ref("crm_service.demo_team_service").id,
            "user_id": days and agent.id,
            "priority": priority,
        }

    def _get_asset(self, product, day):
        """An installed product of that kind, delivered before that day and near the head office if there is one."""
        assets = self.env["crm.service.asset"].search([("product_id", "=", self._get_by_key([product]).id)])
        before = assets.filtered(lambda asset: asset.delivered_on < day) or assets
        near = before.filtered(lambda asset: asset.partner_id.team_id == self._ref("demo_team_shenzhen"))
        return (near or before or self.env["crm.service.asset"].search([]))[:1]

    def _advance_tickets(self, tickets, moments):
        for key in STAGES:
            group = tickets.browse(ticket.id for ticket, plan in zip(tickets, TICKETS) if plan[5] == key)
            group.write({"stage_id": self.env.ref(f"helpdesk_mgmt.helpdesk_ticket_stage_{key}").id})
        shift = self._random("tickets")
        now = self._at(self._today(), 18)
        answered = [min(now, moment + timedelta(hours=shift.randint(1, 5))) for moment in moments]
        closed = [min(now, moment + timedelta(hours=shift.randint(20, 90))) for moment in moments]
        self._backdate(
            tickets,
            create_date=moments,
            assigned_date=[moment if ticket.assigned_date else None for ticket, moment in zip(tickets, answered)],
            last_stage_update=answered,
            closed_date=[moment if ticket.closed_date else None for ticket, moment in zip(tickets, closed)],
        )

    def _visit(self, tickets, moments):
        """Open a work order for each fault that has been taken up, and carry out the older ones."""
        called = dict(zip(tickets, moments))
        category = self.env.ref("crm_service.demo_category_fault")
        faults = tickets.filtered(lambda ticket: ticket.category_id == category and ticket.user_id)
        faults.action_create_service_order()
        orders = faults.mapped("service_order_ids")
        plans, others = self._plan_newest(orders, NEWEST_VISITS)
        dice = self._random("visits")
        for order in others:
            age = (self._today() - called[order.ticket_id].date()).days
            days = -max(1, age - dice.randint(1, 3))
            plans[order] = ("done", self._get_technician(order), days, dice.choice([9, 14]))
        self._carry_out(plans, RESULTS)
        self._backdate(orders, create_date=[called[order.ticket_id] + timedelta(hours=1) for order in orders])
