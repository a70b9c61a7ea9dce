# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""From an order paid in parts to money in the bank: what the bank's file says closes the triangle, and can be taken back."""

import base64

from odoo.tests.common import SavepointCase, tagged

HEAD = "账号：,%s\n交易日期,交易时间,收入金额,支出金额,账户余额,币种,摘要,对方账号,对方户名\n"
ACCOUNT = "6222029876543210"
PARTS = [(30.0, "signing"), (70.0, "shipping")]


@tagged("post_install", "-at_install")
class TestReceivables(SavepointCase):
    """One story, told step by step by those who do it: the rep sells, finance imports, the matcher books."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True, no_reset_password=True))
        cls.env["crm.gate"].search([]).active = False
        cls.rep = cls._create_user("receivables rep", "crm_core.group_sales_rep")
        cls.other = cls._create_user("receivables other", "crm_core.group_sales_rep")
        cls.finance = cls._create_user("receivables finance", "crm_sales_order.group_finance")
        cls.bank = cls.env["account.journal"].create(
            {
                "name": "Receivables",
                "code": "RCVB",
                "type": "bank",
                "bank_acc_number": ACCOUNT,
                "match_fee_tolerance": 50.0,
                "match_fee_account_id": cls._find_account("expense").id,
            }
        )
        cls.customer = cls.env["res.partner"].create({"name": "苏州明远机电设备有限公司", "is_company": True, "user_id": cls.rep.id})
        cls.product = cls.env["product.product"].create(
            {"name": "Press", "type": "product", "list_price": 10000.0, "taxes_id": [(5, 0, 0)], "invoice_policy": "delivery"}
        )
        warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.env.company.id)], limit=1)
        cls.env["stock.quant"]._update_available_quantity(cls.product, warehouse.lot_stock_id, 10)
        cls.order = cls._create_order()

    @classmethod
    def _find_account(cls, group):
        domain = [("internal_type", "=", "other"), ("internal_group", "=", group), ("company_id", "=", cls.env.company.id)]
        return cls.env["account.account"].search(domain, limit=1)

    @classmethod
    def _create_user(cls, login, group):
        groups = [cls.env.ref("base.group_user").id, cls.env.ref(group).id]
        return cls.env["res.users"].create({"name": login, "login": login, "groups_id": [(6, 0, groups)]})

    @classmethod
    def _create_order(cls):
        parts = [
            (0, 0, {"name": trigger, "percent": percent, "trigger": trigger, "sequence": number})
            for number, (percent, trigger) in enumerate(PARTS)
        ]
        return cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "user_id": cls.rep.id,
                "order_line": [(0, 0, {"product_id": cls.product.id, "product_uom_qty": 2, "price_unit": 10000.0})],
                "instalment_ids": [(5, 0, 0), *parts],
            }
        )

    def test_from_order_to_closed_triangle_and_back(self):
        order = self.order
        order.action_confirm()
        first = order._create_invoices()
        first.action_post()
        self.assertEqual(self._triangle(), dict(ordered=20000.0, invoiced=6000.0, to_invoice=14000.0, collected=0.0, open=6000.0))
        self._deposit_is_paid(first)
        order.picking_ids.action_deliver_available()
        rest = order._create_invoices()
        rest.action_post()
        line = self._rest_is_paid(rest)
        self._each_is_told()
        line.button_undo_reconciliation()
        self.assertEqual(order.instalment_ids.mapped("state"), ["paid", "invoiced"])
        self.assertEqual((self._triangle()["open"], order.payment_status), (rest.amount_total, "partial"))
        self.assertEqual(len(self._payments()), 1)
        self._check_ledger()

    def _deposit_is_paid(self, invoice):
        """The number of the order in the memo, the very amount: booked by itself."""
        line = self._import("20260301,101112,6000.00,,6000.00,人民币,预付款 %s,62220001,%s" % (self.order.name, self.customer.name))
        self.assertEqual((line.is_reconciled, line.partner_id), (True, self.customer))
        self.assertEqual((invoice.payment_state, self.order.instalment_ids.mapped("state")), ("paid", ["paid", "waiting"]))
        self.assertEqual(self.order.payment_status, "to_bill")

    def _rest_is_paid(self, invoice):
        """From the account known by now, less a fee the bank kept; the matcher asks, finance accepts."""
        self.assertEqual(invoice.amount_total, 14000.0)
        line = self._import("20260405,101112,13985.00,,19985.00,人民币,货款%s,62220001,%s" % (invoice.name, self.customer.name))
        if not line.is_reconciled:
            line.with_user(self.finance).proposal_id.action_accept()
        self.assertTrue(line.is_reconciled)
        self.assertEqual((invoice.payment_state, set(self.order.instalment_ids.mapped("state"))), ("paid", {"paid"}))
        triangle = self._triangle()
        self.assertEqual((triangle["to_invoice"], triangle["open"]), (0.0, 0.0))
        self.assertEqual((self.order.payment_status, self.order.amount_open), ("paid", 0.0))
        self.assertEqual(len(self._payments()), 2)
        self._check_ledger()
        return line

    def _each_is_told(self):
        told = self.env["crm.notification"].search([("user_id", "=", self.rep.id), ("subject", "like", "Payment from")])
        self.assertEqual(len(told), 2)
        self.assertFalse(self.env["crm.notification"].search([("user_id", "=", self.other.id)]))

    def _import(self, row):
        """A file of one row through the wizard, by finance. :returns: its line"""
        content = base64.b64encode((HEAD % ACCOUNT + row + "\n").encode("gb18030"))
        env = self.env(user=self.finance)
        attachment = env["ir.attachment"].create({"name": "ccb.csv", "datas": content, "res_model": "crm.statement.import"})
        wizard = env["crm.statement.import"].create({"attachment_ids": [(6, 0, attachment.ids)]})
        wizard.action_read()
        wizard.accepted = True
        wizard.action_import()
        return self.env["account.bank.statement"].search([("journal_id", "=", self.bank.id)], order="id desc", limit=1).line_ids

    def _triangle(self):
        self.env["base"].flush()
        [row] = self.env["crm.triangle"].with_user(self.rep).search([("order_id", "=", self.order.id)])
        row.invalidate_cache()
        return {name: row[name] for name in ("ordered", "invoiced", "to_invoice", "collected", "open")}

    def _payments(self):
        """Payments on the customer's timeline, as the rep sees it."""
        timeline = self.env["crm.timeline"].with_user(self.rep)
        timeline.invalidate_cache()
        entries = timeline.get_page("res.partner", self.customer.id, limit=100)["entries"]
        return [entry for entry in entries if entry["kind"] == "payment"]

    def _check_ledger(self):
        """Nothing of this order is among what does not hold."""
        self.env["base"].flush()
        check = self.env["crm.triangle.check"]._run(self.env.company)
        self.assertFalse(check.finding_ids.filtered(lambda one: one.order_id == self.order or one.move_id in self.order.invoice_ids))
