# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from .common import SalesOrderCase


class TestMerge(SalesOrderCase):
    def test_quotes_and_orders_move_with_a_merged_lead(self):
        head, tail = self._create_opportunities([100.0, 200.0])
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": self.customer.id,
                    "opportunity_id": tail.id,
                    "order_line": [(0, 0, {"product_id": self.pump.id, "price_unit": price})],
                }
                for price in (100.0, 200.0)
            ]
        )
        orders[1].action_confirm()
        merged = (head + tail).merge_opportunity()
        self.assertEqual(orders.opportunity_id, merged)
        self.assertEqual(merged.order_ids, orders)
        self.assertEqual((merged.quotation_count, merged.sale_order_count), (1, 1))
        self.assertEqual(orders.mapped("amount_untaxed"), [100.0, 200.0])

    def test_orders_move_with_a_merged_customer(self):
        self.customer._mark_as_customer()
        other = self.env["res.partner"].create({"name": "Acme Corp.", "is_company": True, "is_customer": True})
        order = self.env["sale.order"].create({"partner_id": other.id})
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge((self.customer + other).ids, self.customer)
        self.assertEqual(order.partner_id, self.customer)
        self.assertEqual(order.partner_invoice_id, self.customer)
