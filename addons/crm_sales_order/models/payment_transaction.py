# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models
from odoo.exceptions import UserError
from odoo.tools import html_escape

from .sale_order import CONFIRMED_STATES
from .sale_order_type import QUOTATION_STATES


class PaymentTransaction(models.Model):
    """Money that came in online is booked, whatever becomes of the quotation it pays; then the quotation becomes an order.

    Odoo confirms first: an order that credit control or anything else holds back would keep the money out of the books.
    """

    _inherit = "payment.transaction"

    def _check_amount_and_confirm_order(self):
        self.ensure_one()
        booked_later = self.state == "done" and not self.payment_id
        if booked_later and any(order.credit_hold in ("blocked", "requested") for order in self._get_quotations()):
            return  # the money itself may be what credit control waits for
        try:
            with self.env.clear_upon_failure(), self.env.cr.savepoint():
                super()._check_amount_and_confirm_order()
        except UserError as error:
            if not booked_later:
                self._tell_unconfirmed(error.args[0])

    def _reconcile_after_transaction_done(self):
        """What is still a quotation when the money is booked is tried again."""
        result = super()._reconcile_after_transaction_done()
        for transaction in self.filtered("payment_id"):
            orders = transaction._get_quotations()
            if orders and not any(order.currency_id.compare_amounts(transaction.amount, order.amount_total) for order in orders):
                transaction._check_amount_and_confirm_order()
                orders._send_order_confirmation_mail()
        return result

    def _get_quotations(self):
        return self.sale_order_ids.filtered(lambda order: order.state in QUOTATION_STATES)

    def _tell_unconfirmed(self, reason):
        """The salespeople hear what keeps the quotations from being orders."""
        for order in self._get_quotations():
            order.message_post(body=_("Paid, but not confirmed yet: %(reason)s", reason=html_escape(reason)))
            if order.user_id:
                subject = order.with_context(lang=order.user_id.lang)._say_paid_unconfirmed()
                self.env["crm.notification"].sudo()._notify(order.user_id, subject, reason, record=order)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _send_order_confirmation_mail(self):
        """No confirmation is sent of what is not confirmed."""
        confirmed = self.filtered(lambda order: order.state in CONFIRMED_STATES)
        if confirmed:
            super(SaleOrder, confirmed)._send_order_confirmation_mail()

    def _say_paid_unconfirmed(self):
        return _("%(customer)s paid quotation %(order)s, but it is not confirmed yet", customer=self.partner_id.name, order=self.name)
