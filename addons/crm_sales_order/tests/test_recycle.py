# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import fields
from odoo.addons.crm_core.tests.test_recycle import RecycleCase


class TestRecycleOfBuyers(RecycleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env["product.product"].create({"name": "Drill", "type": "service", "invoice_policy": "order"})

    def order(self, partner, lead=None, days=0):
        line = (0, 0, {"product_id": self.product.id, "price_unit": 10.0})
        vals = {"partner_id": partner.id, "order_line": [line], "opportunity_id": lead and lead.id}
        return self.env["sale.order"].create({**vals, "date_order": self.now - timedelta(days=days)})

    def test_lead_with_a_quotation_stays_until_it_is_cancelled(self):
        self.rule(warn_days=0)
        self.age(self.lead_ann, 30)
        quotation = self.order(self.customer_ann, self.lead_ann)
        self.assertEqual(self.run_all().recycled, 0)
        quotation.action_cancel()
        self.assertEqual(self.run_all().recycled, 1)

    def test_customer_with_an_open_quotation_or_order_of_a_contact_stays(self):
        self.rule(res_model="res.partner", warn_days=0)
        self.customer_bob.recycle_protected = True
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.customer_ann.id})
        self.age(self.customer_ann, 30)
        order = self.order(contact)
        self.assertEqual(self.run_all().recycled, 0)
        order.action_confirm()
        order.flush()
        self.assertEqual(order.invoice_status, "to invoice")
        self.assertEqual(self.run_all().recycled, 0)
        order.order_line.qty_to_invoice = 0
        order.invoice_status = "invoiced"
        self.assertEqual(self.run_all().recycled, 1)

    def test_last_order_starts_the_clock(self):
        self.rule(res_model="res.partner", trigger="no_order", days=100, warn_days=0)
        for customer, days in ((self.customer_ann, 150), (self.customer_bob, 50)):
            self.age(customer, 300)
            order = self.order(customer)
            order.action_confirm()
            order.write({"date_order": fields.Datetime.now() - timedelta(days=days), "invoice_status": "invoiced"})
        self.run_all()
        self.assertTrue(self.customer_ann.pool_id)
        self.assertFalse(self.customer_bob.pool_id)
