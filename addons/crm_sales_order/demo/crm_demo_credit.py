# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, models

#: The customer whose limit is used up, and what is ready to leave for it
HELD_CUSTOMER, HELD_GOODS = "yuehai", {"chiller": 2, "oil": 6}
HELD_DAYS = 6
REQUEST = "客户承诺本周五付清逾期货款，设备现场急用，申请先发这一批。"


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_credit(self):
        """Limits follow from rules, finance fixed one: a shipment waits for its release. Reminders wait to be sent."""
        demo = self._quiet()
        demo.env["crm.payment.behaviour"]._refresh()
        demo.env["crm.credit.limit"]._cron_refresh()
        demo._hold_shipment()
        reminded = demo.env["crm.dunning.level"]._remind(demo.env.company).partner_id
        demo._read_notifications(reminded)

    def _hold_shipment(self):
        partner = self._ref(f"demo_partner_{HELD_CUSTOMER}")
        goods = {self._ref(f"demo_product_{key}"): quantity for key, quantity in HELD_GOODS.items()}
        self._add_to_stock(goods, self.env.ref("stock.warehouse0").lot_stock_id, "待发货备货盘点")
        moment = self._at(self._workday(self._today() - timedelta(days=HELD_DAYS)), 10)
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "user_id": partner.user_id.id,
                "team_id": partner.team_id.id,
                "warehouse_id": self.env.ref("stock.warehouse0").id,
                "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": quantity}) for product, quantity in goods.items()],
            }
        )
        order.action_confirm()
        self._backdate(order, date_order=[moment], create_date=[moment])
        order.commitment_date = moment + timedelta(days=HELD_DAYS)
        order.picking_ids.action_assign()
        self._fix_limit(partner, amount=20000, overdue_days=30, note="连续两次逾期，总经理办公会决定收紧额度。")
        order.picking_ids.with_user(partner.user_id)._request_release(REQUEST)

    def _fix_limit(self, partner, **values):
        """Finance decides, whether rules gave this customer a limit or not."""
        limits = self.env["crm.credit.limit"]
        found = limits.search([("partner_id", "=", partner.id), ("company_id", "=", self.env.company.id)])
        values["policy"] = "fixed"
        found.write(values) if found else limits.create(dict(values, partner_id=partner.id))

    def _read_notifications(self, records):
        """What people were told of these is no news to them any more."""
        self.env["mail.notification"].search(
            [("mail_message_id.model", "=", records._name), ("mail_message_id.res_id", "in", records.ids)]
        ).write({"is_read": True})
