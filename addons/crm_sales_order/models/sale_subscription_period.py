# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import SubscriptionError


class SaleSubscriptionPeriod(models.Model):
    """A period that was invoiced: there is one of each, whoever invoices, and however often."""

    _name = "sale.subscription.period"
    _description = "Subscription Period"
    _order = "order_id, date_start desc"

    order_id = fields.Many2one("sale.order", "Order", required=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    date_start = fields.Date("From", required=True, readonly=True)
    date_end = fields.Date("To", required=True, readonly=True)
    move_id = fields.Many2one("account.move", "Invoice", readonly=True, ondelete="restrict", index=True)
    payment_state = fields.Selection(related="move_id.payment_state")
    currency_id = fields.Many2one(related="order_id.currency_id")
    amount_total = fields.Monetary(related="move_id.amount_total", string="Amount")

    _sql_constraints = [("once", "UNIQUE(order_id, date_start)", "This period is invoiced already.")]


class SaleSubscriptionPrice(models.Model):
    """Another price of a line from a date: for periods that start then or later."""

    _name = "sale.subscription.price"
    _description = "Subscription Price"
    _order = "date_start, id"

    order_id = fields.Many2one("sale.order", "Order", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="order_id.currency_id")
    line_id = fields.Many2one(
        "sale.order.line",
        "Service",
        required=True,
        ondelete="cascade",
        domain="[('order_id', '=', order_id), ('display_type', '=', False)]",
    )
    date_start = fields.Date("From", required=True)
    price_unit = fields.Float("Unit Price", required=True, digits="Product Price")

    _sql_constraints = [("one_a_day", "UNIQUE(line_id, date_start)", "This line has a new price from that date already.")]

    @api.constrains("line_id", "order_id", "date_start", "price_unit")
    def _check_price(self):
        for price in self:
            if price.line_id.order_id != price.order_id:
                raise SubscriptionError(_("Choose a line of %(order)s for its new price.", order=price.order_id.name))
            if price.price_unit < 0:
                raise SubscriptionError(_("A price is not negative: give 0 for a free period."))
            price._check_not_invoiced()

    def unlink(self):
        for price in self:
            price._check_not_invoiced()
        return super().unlink()

    def write(self, vals):
        for price in self:
            price._check_not_invoiced()
        return super().write(vals)

    def _check_not_invoiced(self):
        periods = self.order_id.subscription_period_ids.filtered(lambda period: period.date_start >= self.date_start)
        if periods:
            raise SubscriptionError(
                _(
                    "The period from %(date)s is invoiced: a price changes from a later date on.",
                    date=fields.Date.to_string(max(periods.mapped("date_start"))),
                )
            )
