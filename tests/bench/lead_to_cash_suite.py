# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The suite: the same deals through its public methods, a batch at a time."""

from odoo import fields


class SuiteFlow:
    """Every step takes all deals of a batch at once. Used by the benchmark and by the integration test."""

    def __init__(self, masters):
        self.masters = masters
        self.env = masters.env

    def run(self, lead_ids):
        """Take won opportunities to matched payments.

        :returns: ids of the orders
        """
        orders = self.quote(self.env["crm.lead"].browse(lead_ids))
        self.check_stock(orders)
        self.confirm(orders)
        self.buy(orders)
        self.deliver(orders)
        self.invoice(orders)
        self.collect(orders)
        return orders.ids

    def quote(self, leads):
        return leads.action_create_quotations()

    def check_stock(self, orders):
        return orders.mapped("stock_state")

    def confirm(self, orders):
        """What is short is bought: the decision a person has to take before confirming it."""
        orders.order_line.filtered("short_qty").write({"shortage_choice": "buy"})
        orders.action_confirm()

    def buy(self, orders):
        """Buy what is short: received at the warehouse, or shipped by the vendor to the customer."""
        purchases = orders.action_buy_shortages()
        purchases.button_confirm()
        purchases.action_receive_all()
        return purchases

    def deliver(self, orders):
        open_pickings = orders.picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel"))
        open_pickings.action_deliver_available()

    def invoice(self, orders):
        return orders.action_invoice_delivered()

    def collect(self, orders):
        """The bank reports one payment per order; memos name the order as customers write it."""
        lines = [
            {
                "payment_ref": "Payment %s" % order.name,
                "amount": order.amount_total,
                "partner_id": order.partner_id.id,
                "date": fields.Date.today(),
            }
            for order in orders
        ]
        name = "Bank %s" % orders[0].name
        statement = self.env["account.bank.statement"].create_posted(self.masters.bank, name, lines)
        statement.action_match_invoices()
        return statement
