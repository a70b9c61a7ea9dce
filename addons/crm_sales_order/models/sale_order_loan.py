# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.tools import format_date

from ..engine import rental
from ..exceptions import SalesOrderError


class SaleOrder(models.Model):
    """Samples and loans: due back on a day; what is kept or lost is sold at the order's price."""

    _inherit = "sale.order"

    def _wins_opportunity(self):
        """A sample is no sale: what the customer keeps is sold, but the deal is won by its own order."""
        return super()._wins_opportunity() and self.flow != "loan"

    def _check_flow(self):
        super()._check_flow()
        today = fields.Date.context_today(self)
        for order in self.filtered(lambda order: order.flow == "loan"):
            if not order.lent_until:
                raise SalesOrderError(_("%(order)s: enter when the goods are due back.", order=order.name))
            if order.lent_until < today:
                raise SalesOrderError(
                    _("%(order)s: the goods cannot be due back in the past. Enter a later day.", order=order.name)
                )

    @api.model
    def _cron_remind_of_goods(self):
        """Tell reps of goods due back: two days before, on the day, the day after, then every week."""
        today = fields.Date.context_today(self)
        for order in self.search([("goods_state", "=", "out"), ("lent_until", "!=", False)]):
            if order.user_id and rental.is_reminder_day(order.lent_until, today):
                order._remind_of_goods(today)

    def _remind_of_goods(self, today):
        self.ensure_one()
        order = self.with_context(lang=self.user_id.lang)
        late = (today - order.lent_until).days
        if late > 0:
            subject = _("%(customer)s has had your goods %(days)s days too long", customer=order.partner_id.name, days=late)
        else:
            subject = _(
                "%(customer)s returns your goods by %(date)s",
                customer=order.partner_id.name,
                date=format_date(order.env, order.lent_until),
            )
        body = _(
            "Order %(order)s: agree on the return, or sell what the customer keeps.",
            order=order.name,
        )
        self.env["crm.notification"]._notify(
            order.user_id, subject, body, record=order, key="goods-due-%s-%s" % (order.id, today)
        )
