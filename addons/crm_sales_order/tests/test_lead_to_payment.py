# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from ..exceptions import SalesOrderError
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

    def test_an_opportunity_without_customer_gets_one_from_its_contact_data(self):
        leads = self.env["crm.lead"].create(
            [
                {
                    "name": "Pump for Gamma",
                    "partner_name": "Gamma Ltd",
                    "contact_name": "Li",
                    "phone": "0755 8888 0001",
                },
                {"name": "Pump for Mrs Wang", "contact_name": "Mrs Wang", "email_from": "wang@example.com"},
            ]
        )
        leads.write({"type": "opportunity", "product_id": self.pump.id, "expected_revenue": 500.0})
        orders = leads.action_create_quotations()
        self.assertEqual(orders.mapped("partner_id.name"), ["Gamma Ltd", "Mrs Wang"])
        self.assertEqual(orders.mapped("partner_id.is_company"), [True, False])
        self.assertEqual(leads.partner_id, orders.partner_id)
        self.assertTrue(all(orders.mapped("partner_id.is_customer")))

    def test_without_a_product_nothing_is_quoted_and_the_opportunity_is_named(self):
        leads = self._create_opportunities([100.0, 200.0])
        leads[1].product_id = False
        with self.assertRaisesRegex(SalesOrderError, "Deal over 200.0"):
            leads.action_create_quotations()
        self.assertFalse(leads.order_ids)

    def test_without_expected_revenue_the_list_price_holds(self):
        self.assertEqual(self._create_opportunities([0.0]).action_create_quotations().amount_total, 500.0)

    def test_taxes_follow_the_customers_fiscal_position(self):
        tax = self.env["account.tax"].create({"name": "VAT 13", "amount": 13.0, "type_tax_use": "sale"})
        exempt = self.env["account.fiscal.position"].create(
            {"name": "Export", "tax_ids": [(0, 0, {"tax_src_id": tax.id, "tax_dest_id": False})]}
        )
        self.pump.taxes_id = tax
        self.assertEqual(self._create_opportunities([100.0]).action_create_quotations().amount_total, 113.0)
        self.customer.property_account_position_id = exempt
        self.assertEqual(self._create_opportunities([100.0]).action_create_quotations().amount_total, 100.0)

    def test_what_is_in_stock_ships_and_the_rest_becomes_a_back_order(self):
        self._add_stock(self.valve, 2)
        order = self._create_opportunities([80.0], self.valve).action_create_quotations()
        order.order_line.product_uom_qty = 3
        order.action_confirm()
        order.picking_ids.action_deliver_available()
        self.assertEqual(sorted(order.picking_ids.mapped("state")), ["confirmed", "done"])
        self.assertEqual((order.order_line.qty_delivered, order.stock_state), (2.0, "partial"))
        order.action_invoice_delivered()
        self.assertEqual((order.amount_billed, order.payment_status), (160.0, "billed"))
        self.assertEqual(order.next_action, "deliver")

    def test_a_credit_note_lowers_what_was_billed(self):
        order = self._create_delivered_orders([1000.0])
        invoice = order.action_invoice_delivered()
        refund = invoice._reverse_moves([{"invoice_date": invoice.invoice_date}], cancel=True)
        self.assertEqual(refund.state, "posted")
        self.assertEqual((order.amount_billed, order.amount_open), (0.0, 0.0))
        self.assertEqual(order.payment_status, "to_bill")

    def test_a_new_order_form_opens_before_a_customer_is_chosen(self):
        order = self.env["sale.order"].new({"partner_id": False})
        self.assertEqual((order.payment_status, order.next_action, order.stock_state), ("none", "send", False))
