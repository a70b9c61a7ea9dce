# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models

from ..exceptions import SalesOrderError
from .sale_order import CONFIRMED_STATES


class SaleOrder(models.Model):
    """Spot cash: one button takes the money, invoices and ships; nothing leaves before it is paid."""

    _inherit = "sale.order"

    def _is_paid_up(self):
        """All of the order is invoiced and collected; an order over nothing is."""
        self.ensure_one()
        return self.currency_id.compare_amounts(self.amount_collected, self.amount_total) >= 0

    def _get_flow_step(self):
        step, hint = super()._get_flow_step()
        if not self.order_type_id.prepaid or self.state not in CONFIRMED_STATES or self._is_paid_up():
            return step, hint
        return "take_payment", _("Nothing ships before it is paid. Finance takes the money: invoice, payment and shipping in one step.")

    def action_take_payment(self):
        """Invoice, book the payment of the whole amount today, and ship what is there.

        Only who may post entries can do that. :returns: the transfers that were done
        """
        pickings = self.env["stock.picking"]
        for order in self:
            order._check_may_take_payment()
            if order.state not in CONFIRMED_STATES:
                order.action_confirm()
            invoices = order.invoice_ids.filtered(lambda move: move.state == "draft")
            invoices.action_post()
            order.action_invoice_delivered()
            order._pay_invoices(order._get_payment_journal())
            # who takes the money at the counter needs no right on transfers for the goods to leave
            pickings |= order.sudo().picking_ids.action_deliver_available()
        return pickings

    def _check_may_take_payment(self):
        self.ensure_one()
        if not self.env.user.has_group("account.group_account_invoice"):
            raise SalesOrderError(_("Finance takes the money for %(order)s: ask them to press “Take Payment”.", order=self.name))
        if not self.order_type_id.prepaid:
            raise SalesOrderError(
                _("%(order)s is not sold for cash: invoice it, and register the payment on the invoice.", order=self.name)
            )

    def _get_payment_journal(self):
        """The journal of the type, else the first cash journal."""
        self.ensure_one()
        journal = self.order_type_id.sudo().with_company(self.company_id).payment_journal_id
        journal = journal or self.env["account.journal"].search([("type", "=", "cash"), ("company_id", "=", self.company_id.id)], limit=1)
        if not journal:
            raise SalesOrderError(
                _(
                    "There is no journal for the money of %(order)s: finance sets one on the order type %(type)s.",
                    order=self.name,
                    type=self.order_type_id.name,
                )
            )
        return journal

    def _pay_invoices(self, journal):
        """Register and reconcile a payment of the open amount of each posted invoice."""
        invoices = self.invoice_ids.filtered(lambda move: move.state == "posted" and move.amount_residual)
        for invoice in invoices:
            register = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids)
            register.create({"journal_id": journal.id})._create_payments()


class StockMove(models.Model):
    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        """Whatever the door: goods that must be paid first do not leave before."""
        leaving = self.filtered(lambda move: move.location_dest_id.usage == "customer").sudo()
        unpaid = leaving.sale_line_id.order_id.filtered(lambda order: order.order_type_id.prepaid and not order._is_paid_up())
        if unpaid:
            raise SalesOrderError(
                _(
                    "%(orders)s must be paid before the goods leave: ask finance to take the payment.",
                    orders=", ".join(unpaid.mapped("name")),
                )
            )
        return super()._action_done(cancel_backorder=cancel_backorder)
