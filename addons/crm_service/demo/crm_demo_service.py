# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict
from datetime import timedelta

from odoo import api, models

# Who serves which branch's customers
TECHNICIANS = {
    "technician": ("demo_team_shenzhen", "demo_team_chengdu"),
    "technician2": ("demo_team_shanghai", "demo_team_beijing"),
}
# The newest installations, newest first: (how far it came, technician, days from today, hour); all older ones are done.
# Who has a technician is near that technician's own branch.
NEWEST = [
    ("draft", None, None, None),
    ("draft", None, None, None),
    ("planned", "technician2", 2, 9.5),
    ("planned", "technician", 1, 9.5),
    ("planned", "technician", 0, 15.5),
    ("planned", "technician2", 0, 14),
    ("on_way", "technician2", 0, 10.5),
    ("planned", "technician2", -2, 15),
    ("in_progress", "technician", 0, 9),
    ("cancel", None, None, None),
]
STEPS = ("planned", "on_way", "in_progress", "done")
RESULTS = [
    "设备安装调试完成，试运行正常，操作人员已培训，客户签字确认。",
    "完成安装和参数设定，连续运行两小时无异常，已交付说明书和保修卡。",
    "调试完成。现场电压偏低，建议客户加装稳压装置，其余各项合格。",
]


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_installations(self):
        """A year's deliveries become the installed base, and work orders for what has to be put into service."""
        demo = self._quiet()
        deliveries = demo.env["stock.picking"].search(
            [("state", "=", "done"), ("sale_id.team_id", "in", demo._branches().ids)], order="date_done, id"
        )
        deliveries.action_create_service_orders()
        orders = demo.env["crm.service.order"].search([("picking_id", "in", deliveries.ids)])
        orders = orders.sorted(lambda order: (order.asset_id.delivered_on, order.id), reverse=True)
        plans, others = demo._plan_newest(orders, NEWEST)
        dice = demo._random("installations")
        for order in others:
            age = (demo._today() - order.asset_id.delivered_on).days
            days = -max(1, age - dice.randint(2, 9))
            plans[order] = ("done", demo._get_technician(order), days, dice.choice([9, 13.5, 15.5]))
        demo._carry_out(plans, RESULTS)
        opened = [demo._at(order.asset_id.delivered_on, 17) for order in orders]
        demo._backdate(orders, create_date=opened)

    def _plan_newest(self, orders, table):
        """Give each plan of the table to the newest order it fits: ({order: plan}, the orders left)."""
        plans, left = {}, list(orders)
        for plan in table:
            home = plan[1] and self._ref(TECHNICIANS[plan[1]][0])
            order = next((order for order in left if not home or order.partner_id.team_id == home), left[0])
            plans[order] = plan
            left.remove(order)
        return plans, left

    def _get_technician(self, order):
        """The technician of the customer's branch."""
        team = order.partner_id.team_id
        return next((login for login, names in TECHNICIANS.items() if team in map(self._ref, names)), "technician")

    def _carry_out(self, plans, results):
        """Take work orders through their steps: {order: (how far, technician, days from today, hour)}."""
        orders = self.env["crm.service.order"].concat(*plans)
        fates = {order: plan[0] for order, plan in plans.items()}
        starts = {order: plan[2:] and self._get_start(*plan[2:]) for order, plan in plans.items()}
        for technician in TECHNICIANS:
            user = self.env.ref(f"crm_service.demo_user_{technician}")
            mine = orders.filtered(lambda order, technician=technician: plans[order][1] == technician)
            mine.write({"technician_id": user.id, "planned_start": self._at(self._today(), 9)})
        planned = orders.filtered("technician_id")
        ends = [starts[order] + timedelta(hours=2) for order in planned]
        self._backdate(planned, planned_start=[starts[order] for order in planned], planned_end=ends)
        orders.filtered(lambda order: fates[order] == "cancel").action_cancel()

        def reached(step):
            return planned.filtered(lambda order: STEPS.index(fates[order]) >= STEPS.index(step))

        reached("on_way").action_depart()
        reached("in_progress").action_start()
        done = reached("done")
        done.checklist_ids.write({"done": True})
        by_result = defaultdict(done.browse)
        dice = self._random(results[0])
        for order in done:
            by_result[dice.choice(results)] |= order
        for result, group in by_result.items():
            group.write({"result": result, "signed_by": "现场负责人"})
        done.action_done()
        self._date_steps(planned, starts)

    def _get_start(self, days, hour):
        return days is not None and self._at(self._today() + timedelta(days=days), hour)

    def _date_steps(self, orders, starts):
        """Planned a day before, on the way an hour before, begun in time, done two hours later."""

        def moments(state_field, shift):
            return [starts[order] + shift if order[state_field] else None for order in orders]

        self._backdate(
            orders,
            planned_on=moments("planned_on", timedelta(hours=-20)),
            departed_on=moments("departed_on", timedelta(hours=-1)),
            started_on=moments("started_on", timedelta(minutes=5)),
            done_on=moments("done_on", timedelta(hours=2, minutes=10)),
        )
