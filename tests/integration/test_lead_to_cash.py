# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""200 won deals from opportunity to money in the bank, through the five addons' public methods.

The deals are the first of the real pipeline (``../shared/data``) where it is there, generated ones elsewhere.
"""

import sys
from collections import Counter
from pathlib import Path

from odoo.tests.common import SavepointCase, tagged

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))

import lead_to_cash_deals as data
from lead_to_cash_check import check_suite
from lead_to_cash_suite import SuiteFlow

DEALS = 200


@tagged("post_install", "-at_install")
class TestLeadToCash(SavepointCase):
    """One story, told step by step; each step asserts what the next one stands on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(user=cls.env.ref("base.user_admin").id)
        cls.env["crm.gate"].search([]).active = False  # the demo company's; the deals come as another CRM left them
        cls.deals = data.get_won_deals(count=DEALS)
        cls.value = sum(deal.value for deal in cls.deals)
        cls.before = {
            code: cls._measure(code) for code in ("won_value", "ordered_value", "billed_value", "collected_value")
        }
        masters = data.Masters(cls.env, stock=DEALS)
        cls.flow = SuiteFlow(masters)
        cls.leads = cls.env["crm.lead"].concat(*masters.create_opportunities(cls.deals).values())
        cls.count = Counter(deal.product for deal in cls.deals)

    def test_200_deals_from_opportunity_to_bank(self):
        self.assertEqual(len(self.leads), DEALS)
        orders = self._quote()
        self._check_stock(orders)
        self._confirm(orders)
        self._buy(orders)
        self._deliver(orders)
        self._invoice(orders)
        self._collect(orders)
        facts = check_suite(orders, self.deals)
        self.assertEqual((facts["matched"], facts["won_value"]), (DEALS, self.value))

    def _quote(self):
        orders = self.flow.quote(self.leads)
        self.assertEqual(orders.opportunity_id, self.leads)
        self.assertEqual(set(orders.mapped("state")), {"draft"})
        self.assertEqual(orders.mapped("amount_total"), [deal.value for deal in self.deals])
        return orders

    def _check_stock(self, orders):
        states = Counter(self.flow.check_stock(orders))
        short = self.count[data.BOUGHT] + self.count[data.DROP_SHIPPED]
        self.assertEqual(states, {"all": DEALS - short, "short": short})

    def _confirm(self, orders):
        self.flow.confirm(orders)
        self.assertEqual(set(orders.mapped("state")), {"sale"})
        self.assertEqual(sum(self.leads.mapped("expected_revenue")), self.value)
        self.assertTrue(all(self.leads.mapped("stage_id.is_won")))
        self.assertEqual(len(orders.picking_ids), DEALS)

    def _buy(self, orders):
        purchases = self.flow.buy(orders)
        drop_shipped = purchases.filtered("dest_address_id")
        self.assertEqual(len(drop_shipped), self.count[data.DROP_SHIPPED])
        bought = (purchases - drop_shipped).order_line
        self.assertEqual(sum(bought.mapped("qty_received")), self.count[data.BOUGHT])
        self.assertFalse(orders.get_shortages())

    def _deliver(self, orders):
        self.flow.deliver(orders)
        for line in orders.order_line:
            self.assertEqual(line.qty_delivered, line.product_uom_qty, line.order_id.name)
        work_orders = self.env["crm.service.order"].search([("sale_order_id", "in", orders.ids)])
        self.assertEqual(len(work_orders), sum(self.count[product] for product in data.SERVICED))
        self.assertEqual(set(orders.mapped("next_action")), {"invoice"})

    def _invoice(self, orders):
        invoices = self.flow.invoice(orders)
        self.assertEqual(len(invoices), DEALS)
        self.assertEqual(set(invoices.mapped("state")), {"posted"})
        self.assertEqual(sum(invoices.mapped("amount_residual")), self.value)
        self.assertEqual(set(orders.mapped("payment_status")), {"billed"})
        self.assertEqual(sum(orders.partner_id.mapped("sales_amount_open")), self.value)

    def _collect(self, orders):
        statement = self.flow.collect(orders)
        self.assertTrue(statement.all_lines_reconciled)
        self.assertEqual(set(orders.mapped("payment_status")), {"paid"})
        self.assertEqual(set(orders.mapped("next_action")), {"done"})
        self.assertEqual(sum(orders.partner_id.mapped("sales_amount_collected")), self.value)
        for code in ("ordered_value", "billed_value", "collected_value"):
            self.assertAlmostEqual(self._measure(code) - self.before[code], self.value, 2, code)

    def test_the_cockpits_won_value_is_the_sources(self):
        self.assertAlmostEqual(self._measure("won_value") - self.before["won_value"], self.value, 2)

    @classmethod
    def _measure(cls, code):
        return cls.env["crm.bi.measure"].search([("code", "=", code)]).compute()
