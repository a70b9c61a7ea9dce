# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from .common import SalesOrderCase


class TestLeadToPayment(SalesOrderCase):
    """From the opportunity to money in the bank, step by step."""

    def test_an_opportunity_becomes_a_quotation_at_its_expected_revenue(self):
        lead = self._create_opportunities([1200.0])
        order = lead.action_create_quotations()
        self.assertEqual(order.opportunity_id, lead)
        self.assertEqual(order.partner_id, self.customer)
        self.assertEqual(order.order_line.product_id, self.pump)
        self.assertEqual(order.amount_total, 1200.0)
        self.assertEqual(order.state, "draft")
        self.assertEqual(order.next_action, "send")

    def test_a_confirmed_order_wins_the_opportunity_at_the_ordered_value(self):
        lead = self._create_opportunities([1200.0])
        order = lead.action_create_quotations()
        order.order_line.price_unit = 1100.0
        order.action_confirm()
        self.assertTrue(lead.stage_id.is_won)
        self.assertEqual(lead.expected_revenue, 1100.0)

    def test_money_in_the_bank_shows_on_order_and_customer(self):
        order = self._create_delivered_orders([1200.0])
        self.assertEqual((order.payment_status, order.next_action), ("to_bill", "invoice"))
        invoice = order.action_invoice_delivered()
        self.assertEqual((order.payment_status, order.amount_open), ("billed", 1200.0))
        self.assertEqual(self.customer.sales_amount_open, 1200.0)
        self._create_statement([("payment " + order.name, 1200.0, self.customer)]).action_match_invoices()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual((order.payment_status, order.next_action), ("paid", "done"))
        self.assertEqual((order.amount_collected, order.amount_open), (1200.0, 0.0))
        self.assertEqual((self.customer.sales_amount_collected, self.customer.sales_amount_open), (1200.0, 0.0))
