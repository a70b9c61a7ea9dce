# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

#: What reps offered below what they may: (customer, product, quantity, price with tax, why, the answer)
CONCESSIONS = [
    ("tianhe", "forklift", 1, 83500, "", ""),
    ("weisheng", "packline", 1, 128000, "客户想按去年的价格成交。", "低于成本价，请先和采购确认能不能降成本。"),
    ("jinli", "comp37", 2, 51500, "竞品报价 5.2 万，客户三年内还要上两台，建议让利拿下首单。", ""),
]
SUBSCRIBED = "按月付费的老客户，年费已折算到每月。"


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_approvals(self):
        """Three quotations below what the rep may offer: one to be asked for, one refused, one that waits for the leader."""
        demo = self._quiet()
        leader, director = demo._ref("demo_user_leader"), demo._ref("demo_user_director")
        for customer, product, quantity, price, why, answer in CONCESSIONS:
            order = demo._offer(customer, product, quantity, price)
            if why:
                order.with_user(order.user_id).action_request_approval(why)
            if answer:
                order.with_user(leader).action_refuse_approval(answer)
        for order in demo.env["sale.order"].search([("state", "=", "sale")]).filtered(lambda order: order.approval_state == "needed"):
            order.with_user(order.user_id).action_request_approval(SUBSCRIBED)
            for decider in leader, director:
                if order.approval_state == "requested":
                    order.with_user(decider).action_grant_approval()
            demo._read_notifications(order)

    def _offer(self, customer, product, quantity, price):
        partner, rep = self._ref("demo_partner_%s" % customer), self._ref("demo_user_rep")
        line = {"product_id": self._ref("demo_product_%s" % product).id, "product_uom_qty": quantity, "price_unit": price}
        values = {"partner_id": partner.id, "user_id": rep.id, "team_id": rep.sale_team_id.id, "order_line": [(0, 0, line)]}
        return self.env["sale.order"].create(values)
