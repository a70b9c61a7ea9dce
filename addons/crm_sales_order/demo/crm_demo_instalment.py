# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, models

INSTALLED_DAYS, SHIPPED_DAYS, PARTS_DAYS, PRESOLD_DAYS = 44, 26, 34, 12
SUBSCRIBED_MONTHS = 3


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_instalments(self):
        """Orders paid in parts: one waits for acceptance, one for its second month, one for its deposit; and a subscription."""
        demo = self._quiet()
        demo._install_compressor()
        demo._sell_in_parts()
        demo._presell_robot()
        demo._subscribe()

    def _sell_by_plan(self, code, customer, days, products):
        """A confirmed order, signed ``days`` ago, whose plan began then."""
        partner = self._ref(f"demo_partner_{customer}")
        day = self._workday(self._today() - timedelta(days=days))
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "user_id": partner.user_id.id,
                "team_id": partner.team_id.id,
                "warehouse_id": self.env.ref("stock.warehouse0").id,
                "order_type_id": self.env["crm.order.type"]._get_type(code).id,
                "order_line": [
                    (0, 0, {"product_id": self._ref(f"demo_product_{key}").id, "product_uom_qty": quantity})
                    for key, quantity in products.items()
                ],
            }
        )
        order.action_confirm()
        self._backdate(order, date_order=[self._at(day, 10)], create_date=[self._at(day, 9)])
        for part in order.instalment_ids:
            if part.trigger == "date":
                part.date_due = day + timedelta(days=part.days)
        self._reached_on(order, "signing", day)
        return order

    def _reached_on(self, order, trigger, day):
        """What this trigger made due was due since that day."""
        for part in order.instalment_ids.filtered(lambda part: part.trigger == trigger):
            part.write({"date_triggered": day, "date_due": day + timedelta(days=part.days)})

    def _bill_parts(self, order, day, paid_after=None):
        """What is due is invoiced that day, and paid so many days later."""
        invoices = order._create_invoices(date=day)
        for invoice in invoices:
            invoice.date = day
        invoices.action_post()
        if paid_after is not None:
            context = {"active_model": "account.move", "active_ids": invoices.ids}
            wizard = self.env["account.payment.register"].with_context(**context)
            wizard.create({"payment_date": day + timedelta(days=paid_after)})._create_payments()

    def _install_compressor(self):
        """Deposit paid, balance on shipping overdue, the rest waits until the customer accepts."""
        goods = {"comp37": 1, "install": 1}
        stock = self.env.ref("stock.warehouse0").lot_stock_id
        self._add_to_stock({self._ref("demo_product_comp37"): 1}, stock, "安装工程备货盘点")
        order = self._sell_by_plan("installation", "jinli", INSTALLED_DAYS, goods)
        start = order.date_order.date()
        self._bill_parts(order, start, paid_after=3)
        order.picking_ids.action_deliver_available()
        shipped = self._workday(self._today() - timedelta(days=SHIPPED_DAYS))
        order.commitment_date = self._at(shipped, 17)
        self._date_transfers(order)
        self._reached_on(order, "shipping", shipped)
        self._bill_parts(order, shipped)

    def _sell_in_parts(self):
        """The first month is paid, the second is due these days."""
        stock = self.env.ref("stock.warehouse0").lot_stock_id
        self._add_to_stock({self._ref("demo_product_marker"): 1}, stock, "分期订单备货盘点")
        order = self._sell_by_plan("instalment", "qiangli", PARTS_DAYS, {"marker": 1})
        start = order.date_order.date()
        self._bill_parts(order, start, paid_after=5)
        order.picking_ids.action_deliver_available()
        order.commitment_date = self._at(self._workday(start + timedelta(days=4)), 17)
        self._date_transfers(order)
        self.env["sale.order.instalment"]._cron_reach_dates()

    def _presell_robot(self):
        """The deposit is invoiced and not paid yet; nothing has shipped."""
        order = self._sell_by_plan("presale", "weisheng", PRESOLD_DAYS, {"scara6": 1})
        order.commitment_date = self._at(self._workday(self._today() + timedelta(days=20)), 17)
        self._bill_parts(order, order.date_order.date())

    def _subscribe(self):
        """Remote supervision, invoiced month by month by itself."""
        partner = self._ref("demo_partner_tianhe")
        start = self._today().replace(day=1)
        for _month in range(SUBSCRIBED_MONTHS):
            start = (start - timedelta(days=1)).replace(day=1)
        line = {"product_id": self._ref("demo_product_remote").id, "product_uom_qty": 1, "price_unit": 460.0}
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "user_id": partner.user_id.id,
                "team_id": partner.team_id.id,
                "order_type_id": self.env["crm.order.type"]._get_type("subscription").id,
                "subscription_start": start,
                "order_line": [(0, 0, line)],
            }
        )
        order.action_confirm()
        self._backdate(order, date_order=[self._at(start, 10)], create_date=[self._at(start, 9)])
        order._invoice_periods()
