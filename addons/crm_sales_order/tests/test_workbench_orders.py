# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SalesOrderCase


@tagged("post_install", "-at_install")
class TestWorkbenchOrders(SalesOrderCase):
    """Ann's order over 1,200 is invoiced and late, 500 of it are paid; Bob's over 700 is invoiced today."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann = cls._create_user("wb_ann", "crm_core.group_sales_rep")
        cls.bob = cls._create_user("wb_bob", "crm_core.group_sales_rep")
        cls.lead = cls._create_user("wb_lead", "crm_core.group_team_leader")
        cls.finance = cls._create_user("wb_finance", "crm_sales_order.group_finance")
        cls.boss = cls._create_user("wb_boss", "crm_core.group_executive")
        cls.north = cls.env["crm.team"].create({"name": "North", "user_id": cls.lead.id, "member_ids": [(6, 0, cls.ann.ids)]})
        cls.order, cls.invoice = cls._sell(cls.ann, 1200.0)
        cls.other, _invoice = cls._sell(cls.bob, 700.0)
        cls.today = fields.Date.context_today(cls.order)
        cls._create_statement([(cls.invoice.payment_reference, 500.0, cls.invoice.partner_id)]).action_match_invoices()
        if cls.invoice.payment_state != "partial":  # the matching leaves a part to a person
            journal = cls.env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1)
            register = cls.env["account.payment.register"].with_context(active_model="account.move", active_ids=cls.invoice.ids)
            register.create({"amount": 500.0, "journal_id": journal.id, "payment_date": cls.today})._create_payments()
        cls.env["base"].flush()
        late = cls.today - timedelta(days=9)
        cls.env.cr.execute("UPDATE account_move SET invoice_date_due = %s WHERE id = %s", [late, cls.invoice.id])
        cls.env.cache.invalidate()

    @classmethod
    def _sell(cls, user, amount):
        customer = cls.env["res.partner"].create({"name": f"Customer of {user.name}", "is_company": True, "user_id": user.id})
        order = cls._create_delivered_orders([amount], partner_id=customer.id, user_id=user.id, team_id=user.sale_team_id.id)
        return order, order.action_invoice_delivered()

    def _tiles(self, user):
        everything = self.env["crm.workbench.tile"].with_user(user)._get_mine()
        return {tile["key"]: tile for tile in self.env["crm.workbench"].with_user(user)._get_tiles_data(everything)}

    def _behind(self, user, tile):
        action = tile["action"]
        return self.env[action["res_model"]].with_user(user).with_context(**action["context"]).search(action["domain"])

    def test_receivables_are_the_readers(self):
        mine = self._tiles(self.ann)["receivables"]
        self.assertEqual((mine["value"], mine["unit"], mine["status"]), (700.0, "money", "late"))
        self.assertEqual(self._behind(self.ann, mine), self.order)
        self.assertEqual(self._behind(self.lead, self._tiles(self.lead)["receivables"]), self.order)
        self.assertEqual(self._tiles(self.bob)["receivables"]["value"], 700.0)
        self.assertFalse(self._tiles(self.bob)["receivables"]["status"])

    def test_money_on_a_tile_is_the_sum_of_what_it_opens(self):
        amounts = {"receivables": "amount_open", "overdue": "amount_residual_signed", "open_receivables": "amount_residual_signed"}
        for user in (self.ann, self.lead, self.finance, self.boss):
            tiles = self._tiles(user)
            for key, tile in tiles.items():
                with self.subTest(user=user.login, tile=key):
                    self.assertFalse(tile["error"])
                    behind = self._behind(user, tile)
                    if tile["unit"] == "count":
                        self.assertEqual(tile["value"], len(behind))
                    elif key in amounts:
                        self.assertAlmostEqual(tile["value"], sum(behind.mapped(amounts[key])), 2)

    def test_finance_has_invoices_and_bank_and_no_leads(self):
        tiles = self._tiles(self.finance)
        self.assertTrue({"overdue", "open_receivables", "to_bill", "bank_lines"} <= tiles.keys())
        self.assertFalse({"my_leads", "follow_ups", "receivables"} & tiles.keys())
        self.assertIn(self.invoice, self._behind(self.finance, tiles["overdue"]))

    # ------------------------------------------------------------------ targets

    def _target(self, code, **vals):
        measure = self.env["crm.bi.measure"].search([("code", "=", code)])
        return self.env["crm.target"].create({"measure_id": measure.id, "goal": 10000, "date_from": self.today, **vals})

    def test_targets_for_orders_and_collected_money(self):
        ordered, number = self._target("ordered_value", user_id=self.ann.id), self._target("orders", user_id=self.ann.id)
        money, team = self._target("collected_money", user_id=self.ann.id), self._target("collected_money", team_id=self.north.id)
        found = [target.with_user(self.ann if target.user_id else self.lead).achieved for target in (ordered, number, money, team)]
        self.assertEqual(found, [1200, 1, 500, 500])
        action = money.with_user(self.ann).action_open_records()
        self.assertEqual(sum(self.env[action["res_model"]].with_user(self.ann).search(action["domain"]).mapped("amount")), 500)

    def test_a_product_lines_orders(self):
        pumps = self.env["product.category"].create({"name": "Pumps"})
        self.pump.categ_id = pumps
        target = self._target("ordered_by_product", user_id=self.ann.id, category_id=pumps.id)
        empty = self.env["product.category"].create({"name": "Other"})
        other = self._target("ordered_by_product", user_id=self.ann.id, category_id=empty.id)
        self.env["base"].flush()
        self.assertEqual((target.achieved, other.achieved), (1200, 0))

    def test_collected_money_is_seen_by_who_may(self):
        reports = self.env["crm.collection.report"]
        row = reports.search([("invoice_id", "=", self.invoice.id)])
        self.assertEqual((row.amount, row.date, row.user_id, row.team_id), (500.0, self.today, self.ann, self.north))
        for user in (self.ann, self.lead, self.finance, self.boss):
            self.assertTrue(reports.with_user(user).search([("id", "=", row.id)]), user.login)
        self.assertFalse(reports.with_user(self.bob).search([("id", "=", row.id)]))
        warehouse = self._create_user("wb_warehouse", "crm_sales_order.group_warehouse")
        with self.assertRaises(AccessError):
            reports.with_user(warehouse).search([])
