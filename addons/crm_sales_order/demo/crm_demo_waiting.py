# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _plan_waiting(self, unpaid):
        """Receipts of today that a person decides on, each for another reason: too much, ahead, and for who knows what.

        :param unpaid: invoices nothing is paid of yet; those due last are taken, as the example file takes the first
        """
        of_customer = {}
        for invoice in unpaid.sorted(lambda invoice: (invoice.invoice_date_due, invoice.id), reverse=True):
            of_customer.setdefault(invoice.commercial_partner_id, []).append(invoice)
        several = next((customer for customer, invoices in of_customer.items() if len(invoices) > 1), None)
        planned = []
        if several:
            owed = sum(invoice.amount_total for invoice in of_customer.pop(several))
            planned.append((several, round(owed * 0.6, -2), "往来款"))
        if of_customer:
            customer, invoices = next(iter(of_customer.items()))
            planned.append((customer, invoices[0].amount_total + 800.0, "货款 %s 含运费" % invoices[0].name))
        order = self._get_order_not_invoiced()
        if order:
            planned.append((order.partner_id.commercial_partner_id, round(order.amount_total * 0.3, -2), "%s 预付款" % order.name))
        return [
            {"date": self._today(), "invoice": None, "payer": customer.name, "amount": amount, "memo": memo}
            for customer, amount, memo in planned
        ]

    def _get_order_not_invoiced(self):
        """The last confirmed order nothing is invoiced for."""
        domain = [("state", "=", "sale"), ("team_id", "in", self._branches().ids), ("amount_total", ">", 3000)]
        orders = self.env["sale.order"].search(domain, order="date_order desc, id desc")
        return orders.filtered(lambda order: not order.invoice_ids)[:1]
