# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What quotations, orders and the ledger say about a customer."""

from datetime import timedelta

from odoo import fields
from odoo.tests.common import tagged

from .common import SalesOrderCase


@tagged("post_install", "-at_install")
class TestCustomerFacts(SalesOrderCase):
    def facts(self):
        return self.customer._get_customer_facts()[self.customer.id]

    def lifecycle(self):
        self.env["crm.customer.change"]._cron_work_off()
        return self.customer.lifecycle

    def test_a_quotation_is_open_until_decided_and_unopened_until_the_customer_looks(self):
        order = self._create_opportunities([1000.0]).action_create_quotations()
        self.assertEqual((self.facts()["quotes_open"], self.facts()["quotes_unopened"]), (1, 0))
        order.write({"state": "sent", "date_order": fields.Datetime.now() - timedelta(days=4)})
        today = fields.Date.today()
        facts = self.facts()
        self.assertEqual((facts["quotes_unopened"], facts["unopened_since"]), (1, today - timedelta(days=4)))
        order.validity_date = today + timedelta(days=2)
        facts = self.facts()
        self.assertEqual((facts["quote_expiry_date"], facts["quotes_expired"]), (today + timedelta(days=2), 0))
        order.validity_date = today - timedelta(days=2)
        self.assertEqual((self.facts()["quote_expiry_date"], self.facts()["quotes_expired"]), (None, 1))
        order._note_opened()
        facts = self.facts()
        self.assertEqual((facts["quotes_open"], facts["quotes_unopened"], facts["unopened_since"]), (1, 0, None))
        opened = order.date_opened
        order._note_opened()
        self.assertEqual(order.date_opened, opened)

    def test_orders_and_open_money(self):
        orders = self._create_delivered_orders([1000.0, 500.0])
        orders.action_invoice_delivered()
        today = fields.Date.today()
        facts = self.facts()
        self.assertEqual(
            (facts["orders"], facts["revenue"], facts["last_order_date"], facts["receivable"], facts["overdue"]),
            (2, 1500.0, today, 1500.0, 0.0),
        )
        item = orders[0].invoice_ids.line_ids.filtered(lambda line: line.account_internal_type == "receivable")
        item.date_maturity = today - timedelta(days=12)
        facts = self.facts()
        self.assertEqual((facts["overdue"], facts["overdue_since"]), (1000.0, today - timedelta(days=12)))

    def test_quotations_and_orders_move_the_customer(self):
        order = self.env["sale.order"].create(
            {"partner_id": self.customer.id, "order_line": [(0, 0, {"product_id": self.pump.id, "price_unit": 700.0})]}
        )
        self.assertEqual(self.lifecycle(), "negotiation")
        order.action_confirm()
        self.assertEqual(self.lifecycle(), "won")
        self.assertEqual((self.customer.purchase_count, self.customer.purchase_value), (1, 700.0))
        order.copy().action_confirm()
        self.assertEqual(self.lifecycle(), "repeat")

    def test_a_won_deal_and_its_order_are_one_purchase(self):
        self._create_delivered_orders([1000.0])
        self.assertEqual(self.lifecycle(), "won")
        facts = self.facts()
        self.assertEqual((facts["won_count"], facts["orders"]), (1, 1))
