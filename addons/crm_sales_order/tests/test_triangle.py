# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Receivable plan and triangle: what happens to an order after it is confirmed, to the cent."""

from odoo import fields
from odoo.addons.sale.models.sale import SaleOrder as OdooSaleOrder
from odoo.exceptions import AccessError
from odoo.tests.common import Form

from ..exceptions import InstalmentError, SalesOrderError
from .order_types import OrderTypeCase

NAMES = ("ordered", "delivered", "invoiced", "to_invoice", "cancelled", "collected", "open", "credited", "written_off", "claim")


class TriangleCase(OrderTypeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.checks = cls.env["crm.triangle.check"]

    def triangle(self, order):
        """The order's triangle without its zeros."""
        return {name: amount for name in NAMES for amount in [round(order["triangle_%s" % name], 2)] if amount}

    def assert_proved(self):
        check = self.checks._run(self.company)
        findings = [(item.kind, item.order_id.name, item.move_id.name, item.expected, item.found) for item in check.finding_ids]
        self.assertEqual((findings, check.state), ([], "holds"))
        return check

    def take_back(self, order, quantity, to_refund=True):
        """Odoo's return of what was delivered last."""
        picking = order.picking_ids.filtered(lambda picking: picking.state == "done" and picking.picking_type_code == "outgoing")[-1:]
        wizard = Form(self.env["stock.return.picking"].with_context(active_id=picking.id, active_model="stock.picking")).save()
        wizard.product_return_moves.write({"quantity": quantity, "to_refund": to_refund})
        back = self.env["stock.picking"].browse(wizard._create_returns()[0])
        back.move_lines.quantity_done = quantity
        back.with_context(skip_backorder=True, skip_sms=True).button_validate()
        return back

    def down_payment(self, order, percent):
        context = {"active_model": "sale.order", "active_ids": order.ids, "active_id": order.id}
        values = {"advance_payment_method": "percentage", "amount": percent}
        account = self.kind("instalment")._get_account("advance_account_id", self.company)
        values["deposit_account_id"] = account.id
        wizard = self.env["sale.advance.payment.inv"].with_context(**context).create(values)
        wizard.create_invoices()
        order.invoice_ids.filtered(lambda move: move.state == "draft").action_post()


class TestDownPayment(TriangleCase):
    """Order over 2,260: 1,000 down, one of four pumps (565) ships, then the back order: the right amounts are 1,000 down,
    nothing for the first pump (it is paid), 1,260 for the rest.
    """

    def _invoice_parts(self, create_invoices):
        order = self.sign(self.quote("standard"))
        self.down_payment(order, 50)
        for quantity in (1, 3):
            self.ship(order, quantity)
            create_invoices(order, final=True).action_post()
        signs = {"out_invoice": 1, "out_refund": -1}
        return order, [round(signs[move.move_type] * move.amount_total, 2) for move in order.invoice_ids.sorted("id")]

    def test_down_payment_partial_delivery_back_order_final_invoice(self):
        order, amounts = self._invoice_parts(type(self.env["sale.order"])._create_invoices)
        self.assertEqual(amounts, [1000.0, 0.0, 1260.0])
        self.assertEqual(self.triangle(order), {"ordered": 2260.0, "delivered": 2260.0, "invoiced": 2260.0, "open": 2260.0})
        self.pay_all(order)
        self.assert_closed(order)
        self.assert_proved()

    def test_plain_odoo_makes_a_credit_note_of_the_first_back_order(self):
        """The same steps with Odoo's own method: the customer gets 435 back with goods not yet delivered, then owes 1,695."""
        _order, amounts = self._invoice_parts(OdooSaleOrder._create_invoices)
        self.assertEqual(amounts, [1000.0, -435.0, 1695.0])


class TestReplanning(TriangleCase):
    def amounts(self, order):
        return order.instalment_ids.mapped(lambda part: round(part.amount, 2))

    def history(self, order):
        changes = order.instalment_change_ids.sorted("id")
        return [(change.name, round(change.amount_before, 2), round(change.amount_after, 2), change.reason) for change in changes]

    def test_a_plan_of_99_percent_is_refused_naming_the_line(self):
        order = self.quote("presale")
        order.instalment_ids[1].percent = 69
        with self.assertRaisesRegex(InstalmentError, r"99 %.*Instalment 2 “.*”: change Share \(%\) from 69 to 70"), self.cr.savepoint():
            self.sign(order)
        order.instalment_ids[0].percent = 0
        with self.assertRaisesRegex(InstalmentError, "nstalment 1 “.*”: Share"):
            self.sign(order)

    def test_price_and_quantity_change_the_plan_and_leave_a_history(self):
        order = self.sign(self.quote("presale"))
        self.assertEqual(self.amounts(order), [678.0, 1582.0])
        self.bill(order)
        order.order_line.filtered(lambda line: line.product_id == self.pump).product_uom_qty = 5
        self.assertEqual(self.amounts(order), [678.0, 2147.0])
        order.order_line[0].price_unit = 450.0
        self.assertEqual(self.amounts(order), [678.0, 1864.5])
        order.flush()
        self.assertEqual([row[1:] for row in self.history(order)], [(1582.0, 2147.0, "changed"), (2147.0, 1864.5, "changed")])
        self.assertEqual(order.instalment_change_ids.mapped("user_id"), self.env.user)
        self.assertEqual(self.triangle(order), {"ordered": 2542.5, "invoiced": 678.0, "to_invoice": 1864.5, "open": 678.0})
        self.assert_proved()

    def test_a_history_cannot_be_written_or_forged(self):
        rep = self._create_user("triangle_rep", "crm_core.group_sales_rep")
        order = self.sign(self.quote("presale", user_id=rep.id))
        order.order_line[0].price_unit = 450.0
        order.flush()
        change = order.with_user(rep).with_context(crm_replan="returned").instalment_change_ids
        self.assertTrue(change)
        values = {"order_id": order.id, "name": "x"}
        for door in (lambda: change.write({"amount_after": 1.0}), change.unlink, lambda: change.create(values)):
            with self.assertRaises(AccessError):
                door()
        line = (1, order.order_line[0].id, {"qty_returned": 1})
        for values in ({"amount_cancelled": 1.0}, {"is_called_off": True}, {"order_line": [line]}):
            with self.assertRaisesRegex(SalesOrderError, "not written by hand"):
                order.with_user(rep).write(values)

    def test_the_rest_is_cancelled_and_stays_visible(self):
        order = self.sign(self.quote("presale"))
        self.pay(self.bill(order))
        self.ship(order, 1)
        self.assertTrue(order.has_rest)
        order.action_cancel_rest()
        self.assertEqual((order.amount_total, order.amount_cancelled, order.has_rest), (565.0, 1695.0, False))
        self.assertEqual(set(order.picking_ids.mapped("state")), {"done", "cancel"})
        self.assertEqual(self.amounts(order), [565.0, 0.0])
        self.assertEqual([row[-1] for row in self.history(order)], ["cancelled", "cancelled"])
        # 678 is invoiced, 565 is left of the order
        self.assertEqual(self.triangle(order)["to_invoice"], -113.0)
        self.assertEqual((order.flow_step, order.invoice_status), ("invoice_instalment", "to invoice"))
        note = self.bill(order)
        self.assertEqual((note.move_type, note.amount_total), ("out_refund", 113.0))
        expected = {"ordered": 2260.0, "delivered": 565.0, "invoiced": 678.0, "cancelled": 1582.0}
        self.assertEqual(self.triangle(order), dict(expected, collected=678.0, open=-113.0, credited=113.0))
        self.bill(order)  # the pump itself, paid by the advance
        self.assertEqual(self.balance(self.kind("presale")._get_account("advance_account_id", self.company), order), 0.0)
        self.assertEqual(order.invoice_status, "invoiced")
        with self.assertRaisesRegex(SalesOrderError, "no rest to cancel"):
            order.action_cancel_rest()
        self.assert_proved()

    def test_what_comes_back_leaves_the_order_and_is_credited(self):
        order = self.sign(self.quote("presale"))
        self.pay(self.bill(order))
        self.ship(order)
        self.pay(self.bill(order))
        self.take_back(order, 1)
        line = order.order_line.filtered(lambda line: line.product_id == self.pump)
        self.assertEqual((line.product_uom_qty, line.qty_returned, order.amount_returned), (3.0, 1.0, 565.0))
        self.assertEqual(self.amounts(order), [678.0, 1017.0])
        self.assertEqual([row[1:] for row in self.history(order)], [(1582.0, 1017.0, "returned")])
        note = self.bill(order)
        self.assertEqual((note.move_type, note.amount_total, line.qty_invoiced), ("out_refund", 565.0, 3.0))
        expected = {"ordered": 2260.0, "delivered": 1695.0, "invoiced": 2260.0, "collected": 2260.0, "open": -565.0, "credited": 565.0}
        self.assertEqual(self.triangle(order), expected)
        self.assertEqual(order.instalment_ids.mapped("state"), ["paid", "paid"])
        self.assert_proved()

    def test_returned_without_instalments_and_sent_again(self):
        order = self.sign(self.quote("standard"))
        self.ship(order)
        self.bill(order)
        back = self.take_back(order, 1)
        note = self.bill(order)
        self.assertEqual((note.move_type, note.amount_total, note.amount_residual), ("out_refund", 565.0, 0.0), "it pays the invoice")
        expected = {"ordered": 2260.0, "delivered": 1695.0, "invoiced": 2260.0, "open": 1695.0, "credited": 565.0}
        self.assertEqual(self.triangle(order), expected)
        wizard = Form(self.env["stock.return.picking"].with_context(active_id=back.id, active_model="stock.picking")).save()
        again = self.env["stock.picking"].browse(wizard._create_returns()[0])
        again.move_lines.quantity_done = 1
        again.with_context(skip_backorder=True, skip_sms=True).button_validate()
        self.assertEqual((order.order_line.product_uom_qty, order.amount_returned, order.order_line.qty_returned), (4.0, 0.0, 0.0))
        self.assertEqual(self.bill(order).amount_total, 565.0)
        self.assertEqual(self.triangle(order)["invoiced"], 2260.0)
        self.assert_proved()

    def test_a_repair_that_goes_back_to_the_customer_changes_nothing(self):
        order = self.sign(self.quote("standard"))
        self.ship(order)
        self.take_back(order, 1, to_refund=False)
        self.assertEqual((order.order_line.product_uom_qty, order.amount_returned), (4.0, 0.0))

    def test_a_price_changed_after_the_goods_were_invoiced(self):
        for price, kind, amount in ((450.0, "out_refund", 226.0), (510.0, "out_invoice", 45.2)):
            with self.subTest(price=price), self.rolled_back():
                order = self.sign(self.quote("presale"))
                self.pay(self.bill(order))
                self.ship(order)
                self.pay(self.bill(order))
                line = order.order_line.filtered(lambda line: line.product_id == self.pump)
                line.price_unit = price
                move = self.bill(order)
                self.assertEqual((move.move_type, round(move.amount_total, 2)), (kind, amount))
                self.assertEqual((line.qty_invoiced, order.invoice_status), (4.0, "invoiced"))
                self.assertEqual(self.balance(self.kind("presale")._get_account("advance_account_id", self.company), order), 0.0)
                self.assertEqual(self.triangle(order)["to_invoice"] if "to_invoice" in self.triangle(order) else 0.0, 0.0)
                self.assert_proved()

    def test_delivered_beyond_the_order_is_ordered_too(self):
        order = self.sign(self.quote("presale"))
        self.bill(order)
        order.picking_ids.move_lines.quantity_done = 5
        order.picking_ids.with_context(skip_backorder=True, skip_sms=True).button_validate()
        self.bill(order)
        self.assertEqual(self.triangle(order), {"ordered": 2825.0, "delivered": 2825.0, "invoiced": 2825.0, "open": 2825.0})
        self.assertFalse(order._get_over_billed())
        self.assert_proved()

    def test_a_cancelled_order_shows_what_was_cancelled(self):
        order = self.sign(self.quote("presale"))
        self.bill(order)
        order.with_context(disable_cancel_warning=True).action_cancel()
        self.assertEqual(self.triangle(order), {"ordered": 2260.0, "invoiced": 678.0, "cancelled": 1582.0, "open": 678.0})
        self.assert_proved()
        rows = self.env["crm.triangle.difference"].search([("order_id", "=", order.id), ("side", "=", "invoiced")])
        self.assertEqual([(row.reason, row.amount) for row in rows], [("called_off", -678.0)])
        order.action_draft()
        self.assertEqual(self.triangle(order), {})
        quotation = self.quote("presale")
        quotation.action_cancel()
        self.assertEqual(self.triangle(quotation), {}, "never ordered")

    def test_what_was_billed_beyond_an_order_that_is_cancelled_is_to_be_credited(self):
        order = self.sign(self.quote("standard"))
        self.down_payment(order, 50)
        order.order_line[0].price_unit = 100.0
        self.assertEqual(self.triangle(order), {"ordered": 452.0, "invoiced": 1000.0, "to_invoice": -548.0, "open": 1000.0})
        order.with_context(disable_cancel_warning=True).action_cancel()
        self.assertEqual(self.triangle(order), {"ordered": 452.0, "invoiced": 1000.0, "to_invoice": -548.0, "open": 1000.0})
        self.assert_proved()
        today = fields.Date.today()
        order.invoice_ids._reverse_moves([{"invoice_date": today, "date": today}], cancel=True)
        self.assertEqual(self.triangle(order), {"ordered": 452.0, "cancelled": 452.0})
        self.assert_proved()


class TestTriangle(TriangleCase):
    def test_written_off_in_a_payment_is_not_collected(self):
        order = self.sign(self.quote("standard"))
        self.ship(order)
        invoice = self.bill(order)
        fee = self.company_data_account("expenses")
        wizard = Form(self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids))
        wizard.amount = 2250.0
        wizard.payment_difference_handling = "reconcile"
        wizard.writeoff_account_id = fee
        payment = wizard.save()._create_payments()
        expected = dict.fromkeys(("ordered", "delivered", "invoiced"), 2260.0)
        self.assertEqual(self.triangle(order), dict(expected, collected=2250.0, written_off=10.0))
        self.assert_proved()
        payment.action_draft()
        self.assertEqual(self.triangle(order)["open"], 2260.0)

    def company_data_account(self, kind):
        domain = [("company_id", "=", self.company.id), ("user_type_id", "=", self.env.ref("account.data_account_type_%s" % kind).id)]
        return self.env["account.account"].search(domain, limit=1)

    def test_one_invoice_over_two_orders_is_shared_out_to_the_cent(self):
        orders = self.env["sale.order"]
        for quantity in (1, 2):
            order = self.sign(self.quote("standard", (self.pump, quantity, 33.33)))
            self.ship(order)
            orders |= order
        invoice = orders._create_invoices()
        invoice.action_post()
        self.assertEqual(len(invoice), 1)
        total = invoice.amount_total
        self.assertEqual(round(sum(orders.mapped("triangle_open")), 2), round(total, 2))
        wizard = Form(self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids))
        wizard.amount = 10.01
        wizard.save()._create_payments()
        self.assertEqual(round(sum(orders.mapped("triangle_collected")), 2), 10.01)
        self.assertEqual(round(sum(orders.mapped("triangle_open")), 2), round(invoice.amount_residual, 2))
        for order in orders:
            self.assertEqual(round(order.triangle_collected + order.triangle_open, 2), round(order.triangle_invoiced, 2))
        self.assert_proved()

    def test_report_by_customer_and_reasons_of_the_differences(self):
        order = self.sign(self.quote("standard"))
        self.ship(order, 1)
        self.pay(self.bill(order))
        order.flush()
        domain = [("partner_id", "=", self.customer.id)]
        [group] = self.env["crm.triangle"].read_group(domain, ["ordered", "delivered", "invoiced", "to_invoice"], ["partner_id"])
        self.assertEqual([group[name] for name in ("ordered", "delivered", "invoiced", "to_invoice")], [2260.0, 565.0, 565.0, 1695.0])
        rows = self.env["crm.triangle.difference"].search([("order_id", "=", order.id)])
        self.assertEqual([(row.side, row.reason, row.amount) for row in rows], [("delivered", "undelivered", 1695.0)])
        self.assertEqual(self.env["crm.triangle"].search(domain).action_open_order()["res_id"], order.id)

    def test_each_sees_the_triangle_of_the_orders_they_see(self):
        users = {
            name: self._create_user("triangle_%s" % name, group)
            for name, group in (
                ("own", "crm_core.group_sales_rep"),
                ("other", "crm_core.group_sales_rep"),
                ("finance", "crm_sales_order.group_finance"),
                ("store", "crm_sales_order.group_warehouse"),
            )
        }
        order = self.sign(self.quote("standard", user_id=users["own"].id))
        order.flush()
        domain = [("order_id", "=", order.id)]
        for model in ("crm.triangle", "crm.triangle.difference"):
            seen = {name for name in ("own", "other", "finance") if self.env[model].with_user(users[name]).search(domain)}
            self.assertEqual(seen, {"own", "finance"})
            with self.assertRaises(AccessError):
                self.env[model].with_user(users["store"]).search(domain)
        with self.assertRaises((SalesOrderError, AccessError)):
            self.checks.with_user(users["own"]).action_check_now()
        self.assertTrue(self.checks.with_user(users["finance"]).action_check_now()["res_id"])
        menu = self.env.ref("crm_sales_order.crm_triangle_check_action_open")
        self.assertTrue(menu.with_user(users["finance"]).run()["res_id"])


class TestTriangleCheck(TriangleCase):
    def test_what_does_not_hold_is_listed_with_its_link_and_finance_is_told(self):
        finance = self._create_user("triangle_check", "crm_sales_order.group_finance")
        order = self.sign(self.quote("presale"))
        invoice = self.bill(order)
        check = self.assert_proved()
        self.assertEqual(check.balance, check.open_invoices - check.open_credits - check.open_receipts + check.open_manual)
        for query, record, kind in (
            ("UPDATE sale_order_instalment SET amount = amount - 1 WHERE id = %s", order.instalment_ids[1], "plan"),
            ("UPDATE sale_order SET triangle_ordered = triangle_ordered + 1 WHERE id = %s", order, "ordered"),
            ("UPDATE sale_order SET triangle_collected = 1 WHERE id = %s", order, "invoiced"),
            ("UPDATE sale_order SET triangle_open = 0, triangle_collected = triangle_open WHERE id = %s", order, "settled"),
            ("UPDATE sale_order SET amount_billed = 1 WHERE id = %s", order, "billed"),
            ("UPDATE account_move SET amount_residual = 5 WHERE id = %s", invoice, "invoice"),
            (
                "UPDATE account_move_line SET amount_residual = 5 WHERE id = %s",
                invoice.line_ids.filtered(lambda item: item.account_internal_type == "receivable"),
                "item",
            ),
        ):
            with self.subTest(kind), self.rolled_back():
                self.env["base"].flush()
                self.env.cr.execute(query, [record.id])
                self.env.cache.invalidate()
                check = self.checks._run(self.company)
                self.assertEqual(check.state, "broken")
                self.assertIn(kind, check.finding_ids.mapped("kind"))
                link = check.finding_ids.filtered(lambda item, kind=kind: item.kind == kind)[0].action_open()
                self.assertIn(link["res_id"], (order.id, invoice.id))
        self.env.cr.execute("UPDATE account_move SET amount_residual = 5 WHERE id = %s", [invoice.id])
        self.checks._cron_check()
        told = self.env["crm.notification"].search([("user_id", "=", finance.id)])
        self.assertEqual(len(told), 1, told.mapped("subject"))
        self.checks._cron_check()
        self.assertEqual(self.env["crm.notification"].search_count([("user_id", "=", finance.id)]), 1, "once a day")

    def test_what_is_not_money_of_customers_stands_apart(self):
        """An advance nobody has matched, and an entry by hand on the receivable account."""
        before = self.assert_proved()
        account = self.customer.property_account_receivable_id
        values = {"payment_type": "inbound", "partner_type": "customer", "partner_id": self.customer.id}
        payment = self.env["account.payment"].create(dict(values, amount=300.0, journal_id=self.bank.id))
        payment.action_post()
        income = self.pump.product_tmpl_id.get_product_accounts()["income"]
        lines = [{"account_id": account.id, "partner_id": self.customer.id, "debit": 70.0}, {"account_id": income.id, "credit": 70.0}]
        journal = self.env["account.journal"].search([("type", "=", "general"), ("company_id", "=", self.company.id)], limit=1)
        values = {"journal_id": journal.id, "date": fields.Date.today(), "line_ids": [(0, 0, line) for line in lines]}
        self.env["account.move"].create(values).action_post()
        check = self.assert_proved()
        self.assertEqual(check.open_receipts - before.open_receipts, 300.0)
        self.assertEqual(check.open_manual - before.open_manual, 70.0)
        self.assertEqual(check.balance - before.balance, -230.0)
