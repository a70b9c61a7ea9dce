# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import SalesOrderError
from ..tools.bulk import post_notes


class SaleOrder(models.Model):
    """From the customer's request to the quotation sent: how long it took, and what the opportunity learns from it."""

    _inherit = "sale.order"

    date_requested = fields.Datetime(
        "Requested on",
        copy=False,
        default=fields.Datetime.now,
        help="When the customer asked for this quotation, or for a new one. The response time counts from here.",
    )
    response_hours = fields.Float(
        "Response Time (h)",
        readonly=True,
        copy=False,
        digits=(16, 1),
        group_operator="avg",
        help="Working hours of the company from the request to the quotation sent.",
    )

    @api.constrains("date_requested")
    def _check_date_requested(self):
        latest = fields.Datetime.add(fields.Datetime.now(), minutes=1)
        for order in self:
            if order.date_requested and order.date_requested > latest:
                raise SalesOrderError(_("%(order)s: a request cannot lie in the future. Correct “Requested on”.", order=order.name))

    def _quotations_sent(self):
        answered = self.filtered(lambda order: order.date_requested and (not order.date_sent or order.date_requested > order.date_sent))
        super()._quotations_sent()
        now = fields.Datetime.now()
        for order in answered.sudo():
            order.response_hours = order._get_working_hours(order.date_requested, now)
        self._tell_opportunities()

    def _get_working_hours(self, start, end):
        """Hours of the company's working time between two moments (naive UTC); all hours when it keeps no calendar."""
        self.ensure_one()
        if start >= end:
            return 0.0
        calendar = self.company_id.resource_calendar_id
        if not calendar:
            return (end - start).total_seconds() / 3600
        return calendar.get_work_hours_count(start, end)

    def _tell_opportunities(self):
        """The opportunities follow what was sent; where a gate keeps one back, the quotation says so."""
        refused = self.opportunity_id._follow_sent_quotations()
        held = self.sudo().filtered(lambda order: order.opportunity_id in refused)
        post_notes(held, [refused[order.opportunity_id].replace("\n", "<br/>") for order in held])
