# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, fields, models

REASON = "今年预算已用完，明年一季度再谈。"


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_quotations(self):
        """What customers did with the quotations they were sent: most looked, one got a second version, one said no."""
        demo = self._quiet()
        orders = demo.env["sale.order"].search([("state", "=", "sent"), ("version_id", "!=", False)], order="date_order, id")
        if len(orders) < 3:
            return
        open_orders = orders.filtered(lambda order: not order.is_expired)
        demo._tell_sending(orders)
        demo._tell_visits(orders)
        for order in open_orders[-1:]:
            order.order_line[0].product_uom_qty += 1
            order.action_send_link()
        for order in open_orders[-2:-1]:
            order._reject_online(REASON)

    def _tell_sending(self, orders):
        """Asked for hours or a day before it was sent. Its date and validity were moved after that: the version follows."""
        dice = self._random("response")
        sent = [order.date_order for order in orders]
        asked = [moment - timedelta(hours=dice.choice((2, 3, 5, 20, 26))) for moment in sent]
        hours = [order._get_working_hours(start, end) for order, start, end in zip(orders, asked, sent)]
        valid, digests = orders.mapped("validity_date"), [order._get_digest() for order in orders]
        versions = self.env["crm.quotation.version"].concat(*(order.version_id for order in orders))
        self._backdate(versions, date_sent=sent, date_requested=asked, validity_date=valid, digest=digests)
        self._backdate(orders, date_requested=asked, response_hours=hours)

    def _tell_visits(self, orders):
        dice = self._random("visits")
        visited = orders.filtered(lambda order: dice.random() < 0.7)
        now = fields.Datetime.now()
        last = [min(now, order.date_order + timedelta(hours=dice.randint(3, 60))) for order in visited]
        counts = [dice.randint(1, 5) for _order in visited]
        versions = self.env["crm.quotation.version"].concat(*(order.version_id for order in visited))
        self._backdate(versions, views_count=counts, date_viewed=last, outcome=["viewed"] * len(visited))
        self._backdate(visited, date_opened=last)
