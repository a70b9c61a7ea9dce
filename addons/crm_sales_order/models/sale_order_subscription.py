# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging
from datetime import timedelta

from odoo import _, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..engine import subscription
from ..exceptions import SubscriptionError
from .sale_order import CONFIRMED_STATES

_logger = logging.getLogger(__name__)


class CrmOrderType(models.Model):
    _inherit = "crm.order.type"

    flow = fields.Selection(selection_add=[("subscription", "Subscription")], ondelete={"subscription": "cascade"})


class SaleOrder(models.Model):
    """Invoiced every period in advance, by a cron, once each; a pause is not invoiced, a missed night is caught up."""

    _inherit = "sale.order"

    subscription_months = fields.Integer("Months per Period", default=1)
    subscription_start = fields.Date("Subscription Starts", copy=False, help="Empty: the day the order is confirmed.")
    subscription_end = fields.Date("Subscription Ends", copy=False, help="The last day; a period it cuts short is charged by days.")
    subscription_next = fields.Date("Next Period", readonly=True, copy=False)
    subscription_state = fields.Selection(
        [("active", "Active"), ("paused", "Paused"), ("ended", "Ended")], "Subscription", readonly=True, copy=False
    )
    subscription_period_ids = fields.One2many("sale.subscription.period", "order_id", "Periods Invoiced", readonly=True)
    subscription_price_ids = fields.One2many("sale.subscription.price", "order_id", "New Prices")

    @api.model
    def _get_unshipped_flows(self):
        return super()._get_unshipped_flows() | {"subscription"}

    @api.constrains("subscription_months", "subscription_start", "subscription_end")
    def _check_subscription(self):
        for order in self:
            if order.subscription_months < 1:
                raise SubscriptionError(_("A period of %(order)s lasts at least one month.", order=order.name))
            if order.subscription_start and order.subscription_end and order.subscription_end < order.subscription_start:
                raise SubscriptionError(_("The subscription %(order)s ends before it starts.", order=order.name))

    def write(self, vals):
        running = self.filtered("subscription_state") if vals.keys() & {"subscription_months", "subscription_start"} else ()
        if running:
            raise SubscriptionError(_("%(order)s runs already: start and length of its periods stay.", order=running[0].name))
        if vals.keys() & {"subscription_state", "subscription_next"} and not self.env.su:
            raise SubscriptionError(_("Use the buttons to pause, resume or end a subscription."))
        return super().write(vals)

    def _flow_subscription_confirmed(self):
        for order in self.sudo().filtered(lambda order: not order.subscription_period_ids):
            start = order.subscription_start or fields.Date.context_today(order)
            order.write({"subscription_start": start})
            order.write({"subscription_next": start, "subscription_state": "active"})

    # -- pause, resume, end --------------------------------------------------------------------------------------------

    def action_pause_subscription(self):
        self._check_subscription_state("active")
        self.sudo().write({"subscription_state": "paused"})
        return True

    def action_resume_subscription(self):
        """Goes on with the first period that starts today or later."""
        self._check_subscription_state("paused")
        for order in self.sudo():
            start, months = order.subscription_start, order.subscription_months
            since = max(fields.Date.context_today(order), order.subscription_next)
            number = subscription.get_number(start, months, since)
            order.write({"subscription_state": "active", "subscription_next": subscription.get_start(start, months, number)})
        return True

    def action_end_subscription(self):
        """Ends with the last period invoiced; one that was never invoiced ends today."""
        self._check_subscription_state("active", "paused")
        for order in self.sudo():
            today = fields.Date.context_today(order)
            ends = order.subscription_period_ids.mapped("date_end")
            order.write({"subscription_end": max(ends, default=max(today, order.subscription_start)), "subscription_state": "ended"})
        return True

    def _check_subscription_state(self, *states):
        self.check_access_rights("write")
        self.check_access_rule("write")
        for order in self:
            if order.state not in CONFIRMED_STATES or order.subscription_state not in states:
                raise SubscriptionError(_("%(order)s is no running subscription, or has taken this step already.", order=order.name))

    # -- invoices ------------------------------------------------------------------------------------------------------

    @api.model
    def _cron_invoice_periods(self):
        """Invoice all periods that have begun; one subscription that cannot be invoiced does not hold up the others."""
        today = fields.Date.context_today(self)
        domain = [("subscription_state", "=", "active"), ("subscription_next", "<=", today), ("state", "in", CONFIRMED_STATES)]
        for order in self.search(domain, order="id"):
            try:
                with self.env.cr.savepoint():
                    order._invoice_periods()
            except UserError as error:
                _logger.warning("Subscription %s was not invoiced: %s", order.name, error)
                order.message_post(body=_("This period was not invoiced: %(error)s", error=error))

    def action_invoice_periods(self):
        """Finance invoices the periods that have begun now, without waiting for the night."""
        if not self.env.user.has_group("account.group_account_invoice"):
            raise SubscriptionError(_("Subscriptions are invoiced at night, or by finance."))
        for order in self:
            order._invoice_periods()
        return self.action_view_invoice()

    def _invoice_periods(self):
        """A posted invoice for each period that has begun and has none.

        Two at once: the second fails on the period's unique constraint or on serialization, and finds them done.
        """
        self.ensure_one()
        self._check_subscription_state("active")
        order = self.sudo()
        today = fields.Date.context_today(order)
        start, months, end = order.subscription_start, order.subscription_months, order.subscription_end
        for period in subscription.get_due(start, months, order.subscription_next, today, end):
            record = (
                self.env["sale.subscription.period"]
                .sudo()
                .create({"order_id": order.id, "date_start": period.start, "date_end": period.stop})
            )
            record.move_id = order._create_period_invoice(period)
            order.subscription_next = period.stop + timedelta(days=1)
        if end and order.subscription_next > end:
            order.subscription_state = "ended"

    def _create_period_invoice(self, period):
        lines = self.order_line.filtered(lambda line: line.product_id and not line.is_downpayment)
        values = self.with_company(self.company_id)._prepare_invoice()
        values["invoice_date"] = fields.Date.context_today(self)
        values["invoice_line_ids"] = [(0, 0, line._prepare_period_line(period)) for line in lines]
        invoice = self.env["account.move"].with_context(default_move_type="out_invoice").create(values)
        invoice.action_post()
        return invoice

    def _get_flow_step(self):
        step, hint = super()._get_flow_step()
        if self.flow != "subscription" or self.state not in CONFIRMED_STATES:
            return step, hint
        today = fields.Date.context_today(self)
        if self.subscription_state == "ended":
            return False, _("The subscription ended on %(date)s.", date=format_date(self.env, self.subscription_end))
        if self.subscription_state == "paused":
            return "resume", _("Paused: no period is invoiced until it is resumed.")
        due = self.subscription_next and self.subscription_next <= today
        return ("invoice_periods" if due else False), _(
            "The period from %(date)s is invoiced by itself.", date=format_date(self.env, self.subscription_next)
        )


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _prepare_period_line(self, period):
        """Values of the invoice line over ``period`` (engine), at the price of its first day."""
        self.ensure_one()
        changes = self.order_id.subscription_price_ids.filtered(lambda price: price.line_id == self and price.date_start <= period.start)
        price = changes.sorted("date_start")[-1:].price_unit if changes else self.price_unit
        dates = [format_date(self.with_context(lang=self.order_id.partner_id.lang).env, day) for day in (period.start, period.stop)]
        return self._prepare_invoice_line(
            quantity=self.product_uom_qty,
            price_unit=self.order_id.currency_id.round(price * period.share),
            name="%s\n%s – %s" % (self.name, *dates),
        )
