# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests.common import tagged

from ..exceptions import CreditError, CreditRuleError
from .order_types import OrderTypeCase


class CreditCase(OrderTypeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rep = cls._create_user("credit-rep", "crm_core.group_sales_rep")
        cls.finance = cls._create_user("credit-finance", "crm_sales_order.group_finance")
        cls.keeper = cls._create_user("credit-keeper", "crm_sales_order.group_warehouse")
        cls.customer.user_id = cls.rep
        cls.pump.taxes_id = False
        cls._add_stock(cls.valve, 10)

    @classmethod
    def limit(cls, amount, customer=None, **values):
        """What finance agrees with the customer."""
        customer = customer or cls.customer
        limits = cls.env["crm.credit.limit"].with_user(cls.finance)
        limit = limits.search([("partner_id", "=", customer.id)])
        limit.unlink()
        return limits.create({"partner_id": customer.id, "policy": "fixed", "amount": amount, **values})

    def sell(self, quantity=4, confirm=True, **values):
        """An order over ``quantity`` pumps at 500."""
        order = self.quote("standard", (self.pump, quantity), user_id=self.rep.id, **values)
        if confirm:
            order.action_confirm()
        return order

    def ready(self, order):
        picking = order.picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel"))
        picking.action_assign()
        return picking

    def exposure(self):
        pair = (self.customer.id, self.company.id)
        return tuple(self.env["crm.credit"]._get_verdicts([pair], every=True)[pair].exposure)


class TestExposure(CreditCase):
    """Each step moves money from one pot to the next: (to invoice, drafts, open, credits), in cents."""

    def test_from_the_order_to_the_bank(self):
        order = self.sell(4, confirm=False)
        self.assertEqual(self.exposure(), (0, 0, 0, 0))
        order.action_confirm()
        self.assertEqual(self.exposure(), (200000, 0, 0, 0))
        self.ship(order, 1)
        self.assertEqual(self.exposure(), (200000, 0, 0, 0))
        invoice = order._create_invoices()
        self.assertEqual(self.exposure(), (150000, 50000, 0, 0))
        invoice.action_post()
        self.assertEqual(self.exposure(), (150000, 0, 50000, 0))
        self.pay(invoice)
        self.assertEqual(self.exposure(), (150000, 0, 0, 0))
        order.picking_ids.filtered(lambda picking: picking.state != "done").action_cancel()
        self.assertEqual(self.exposure(), (0, 0, 0, 0))

    def test_goods_that_came_back_and_their_credit_note(self):
        order = self.sell(2)
        self.ship(order)
        self.bill(order)
        back = order.picking_ids._return_moves({order.picking_ids.move_lines: 1.0})
        back.to_refund = True
        back.quantity_done = 1.0
        back._action_done()
        self.assertEqual(self.exposure(), (0, 0, 100000, 0))
        order._create_invoices(final=True).action_post()
        to_invoice, drafts, owed, credits = self.exposure()
        self.assertEqual((to_invoice, drafts, owed - credits), (0, 0, 50000))

    def test_an_advance_is_counted_once(self):
        order = self.sign(self.quote("presale"))
        self.assertEqual(self.exposure(), (200000, 0, 0, 0))
        deposit = self.bill(order)
        self.assertEqual(self.exposure(), (200000 - 60000, 0, 60000, 0))
        self.pay(deposit)
        self.assertEqual(self.exposure(), (200000 - 60000, 0, 0, 0))
        self.ship(order)
        self.bill(order)
        self.assertEqual(self.exposure(), (0, 0, 140000, 0))

    def test_money_not_allocated_and_orders_of_contacts_count_other_payers_do_not(self):
        contact = self.env["res.partner"].create({"name": "Branch", "parent_id": self.customer.id})
        other = self.env["res.partner"].create({"name": "Headquarters"})
        self.sell(1, partner_id=contact.id, partner_invoice_id=contact.id)
        self.sell(9, partner_invoice_id=other.id)
        journal = self.bank
        payment = {"payment_type": "inbound", "partner_type": "customer", "partner_id": self.customer.id, "amount": 70.0}
        self.env["account.payment"].create(dict(payment, journal_id=journal.id)).action_post()
        self.assertEqual(self.exposure(), (50000, 0, 0, 7000))

    def test_foreign_orders_at_the_order_s_rate(self):
        currency = self.env["res.currency"].create(
            {"name": "CRD", "symbol": "¤", "rounding": 0.001, "rate_ids": [(0, 0, {"rate": 0.125, "name": "2020-01-01"})]}
        )
        pricelist = self.env["product.pricelist"].create({"name": "Foreign", "currency_id": currency.id})
        order = self.quote("standard", (self.pump, 2, 100.0), pricelist_id=pricelist.id)
        order.action_confirm()
        self.assertEqual(self.exposure(), (160000, 0, 0, 0))
        self.ship(order, 1)
        self.bill(order)
        self.assertEqual(self.exposure(), (80000, 0, 80000, 0))

    def test_goods_that_stay_ours_and_agreements_are_no_debt(self):
        self.sign(self.quote("framework"))
        self.ship(self.sign(self.quote("consignment")))
        self.assertEqual(self.exposure(), (0, 0, 0, 0))


class TestHeldOrders(CreditCase):
    def test_without_a_limit_nobody_is_checked(self):
        self.sell(40)
        self.assertFalse(self.env["crm.credit.guard"].search([("partner_id", "=", self.customer.id)]))

    def test_no_door_confirms_what_the_limit_does_not_allow(self):
        self.limit(2000.0)
        self.sell(2)
        order = self.sell(3, confirm=False)
        bulk = order | self.sell(1, confirm=False)
        doors = {
            "button": order.action_confirm,
            "bulk": bulk.action_confirm,
            "state": lambda: order.write({"state": "sale"}),
            "superuser": order.sudo().action_confirm,
            "born confirmed": lambda: self.sell(3, confirm=False, state="sale"),
            "context": order.with_context(crm_credit_checked=True).action_confirm,
        }
        for door, confirm in doors.items():
            with self.subTest(door), self.rolled_back(), self.assertRaisesRegex(CreditError, "over the credit limit|credit limit is"):
                confirm()
        order.order_line.product_uom_qty = 2
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_many_orders_cost_as_many_queries_as_one(self):
        def count(customers):
            orders = self.env["sale.order"]
            for number in range(customers):
                customer = self.env["res.partner"].create({"name": "Customer %d" % number})
                self.limit(9999.0, customer)
                orders |= self.sell(1, confirm=False, partner_id=customer.id)
            orders.state = "sale"
            self.env["base"].flush()
            documents = {order: {order._get_credit_pair()} for order in orders}
            before = self.env.cr.sql_log_count
            self.env["crm.credit"]._hold(documents)
            return self.env.cr.sql_log_count - before

        count(1)
        self.assertEqual(count(1), count(6))

    def test_the_rep_reads_amounts(self):
        self.limit(1000.0)
        order = self.sell(3, confirm=False).with_user(self.rep)
        self.assertEqual(order.credit_hold, "blocked")
        self.assertRegex(order.credit_message, "1,500.00.*1,000.00")
        with self.assertRaisesRegex(CreditError, "1,500.00.*1,000.00"):
            order.action_confirm()

    def test_a_confirmed_order_does_not_grow_beyond_the_limit(self):
        self.limit(1000.0)
        order = self.sell(2)
        line = order.order_line.with_user(self.rep)
        growths = {
            "quantity": lambda: line.write({"product_uom_qty": 3}),
            "price": lambda: line.write({"price_unit": 501.0}),
            "line": lambda: order.with_user(self.rep).write({"order_line": [(0, 0, {"product_id": self.valve.id})]}),
        }
        for what, grow in growths.items():
            with self.subTest(what), self.rolled_back(), self.assertRaisesRegex(CreditError, "an order of its own"):
                grow()
        line.product_uom_qty = 1
        self.assertEqual(order.amount_total, 500.0)

    def test_finance_lets_a_confirmed_order_grow_once(self):
        self.limit(1000.0)
        order = self.sell(2).with_user(self.rep)
        line = order.order_line
        self.assertEqual((order.credit_growth, order.credit_hold), ("limited", False))
        dialog = self.env["crm.credit.decision"].with_user(self.rep).browse(order.action_request_growth()["res_id"])
        self.assertRegex(dialog.message, "1,000.00 now.*leaves .*0.00")
        dialog.write({"total": 900.0, "reason": "They build a second hall"})
        with self.rolled_back(), self.assertRaisesRegex(CreditError, "must be above .*1,000.00"):
            dialog.action_apply()
        dialog.total = 1580.0
        dialog.action_apply()
        release = self.env["crm.credit.release"].with_user(self.finance).search([("order_id", "=", order.id)])
        self.assertEqual((release.purpose, release.state, release.amount), ("grow", "requested", 1580.0))
        self.assertRegex(release.situation, "1,580.00.*1,000.00")
        told = self.env["crm.notification"].search([("user_id", "=", self.finance.id)])
        self.assertEqual((told[-1:].res_model, told[-1:].res_id), ("crm.credit.release", release.id))
        grow = {"order_line": [(1, line.id, {"product_uom_qty": 3}), (0, 0, {"product_id": self.valve.id, "tax_id": False})]}
        with self.rolled_back(), self.assertRaisesRegex(CreditError, "Ask to Add More"):
            order.write(grow)
        answer = {"kind": "release", "growth": True, "document": "sale.order,%d" % order.id, "reason": "I say so"}
        for user in (self.rep, self.keeper):
            with self.rolled_back(), self.assertRaises((CreditError, AccessError)):
                self.env["crm.credit.decision"].with_user(user).create(answer).action_apply()
        dialog = self.env["crm.credit.decision"].with_user(self.finance).browse(release.action_release()["res_id"])
        self.assertEqual((dialog.total, dialog.asked, dialog.message), (1580.0, "They build a second hall", release.situation))
        dialog.reason = "Their bank vouches"
        dialog.action_apply()
        self.assertEqual((order.credit_growth, order.credit_growth_total), ("granted", 1580.0))
        with self.rolled_back(), self.assertRaisesRegex(CreditError, "changed since"):
            line.product_uom_qty = 4
        line.product_uom_qty = 1
        line.product_uom_qty = 2  # the limit allows it: the leave stays
        self.assertEqual(release.state, "granted")
        order.write(grow)
        self.assertEqual((order.amount_total, release.state, order.credit_growth), (1580.0, "used", "limited"))
        with self.assertRaisesRegex(CreditError, "an order of its own"), self.rolled_back():
            line.product_uom_qty = 4

    def test_an_order_that_lived_before_needs_credit_as_a_new_one(self):
        """Its cancelled transfers are not what will be invoiced of it."""
        order = self.sell(3)
        order.with_context(disable_cancel_warning=True).action_cancel()
        order.action_draft()
        self.limit(1499.0)
        with self.rolled_back(), self.assertRaisesRegex(CreditError, "1,500.00"):
            order.action_confirm()
        self.limit(1500.0)
        order.action_confirm()
        self.assertEqual(self.exposure(), (150000, 0, 0, 0))

    def test_what_was_asked_for_and_is_not_needed_any_more_lapses(self):
        self.limit(1000.0)
        quotation = self.sell(3, confirm=False)
        asked = quotation.with_user(self.rep)._request_release("Big fish")
        self.limit(2000.0)
        quotation.action_confirm()
        self.assertEqual(asked.state, "lapsed")
        asked = quotation.with_user(self.rep)._request_growth(2500.0, "Bigger fish")
        again = quotation.with_user(self.rep)._request_growth(3000.0, "Biggest fish")
        self.assertEqual((asked.state, again.state), ("lapsed", "requested"))
        with self.rolled_back():
            quotation.with_user(self.finance)._decide_growth("refused", "Too big")
            self.assertEqual((again.state, quotation.credit_growth), ("refused", "limited"))
        quotation.with_user(self.finance)._decide_growth("granted", "Why not")
        self.limit(100.0)
        asked = quotation.picking_ids.with_user(self.keeper)._request_release("The truck waits")
        quotation.with_context(disable_cancel_warning=True).action_cancel()
        self.assertEqual((again.state, asked.state), ("lapsed", "lapsed"))
        quotation.action_draft()
        with self.assertRaises(CreditError):
            quotation.action_confirm()

    def pay_online(self, order):
        acquirer = self.env.ref("payment.payment_acquirer_transfer")
        acquirer.journal_id = self.bank
        transaction = self.env["payment.transaction"].create(
            {
                "acquirer_id": acquirer.id,
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "partner_country_id": self.env.ref("base.cn").id,
                "reference": order.name,
                "sale_order_ids": [(6, 0, order.ids)],
            }
        )
        transaction._set_transaction_done()
        transaction._post_process_after_done()
        return transaction

    def test_money_paid_online_is_booked_before_credit_is_looked_at(self):
        self.sell(4)
        self.limit(2000.0)
        order = self.sell(3, confirm=False)
        order.action_quotation_sent()
        with self.rolled_back():
            self.assertEqual(self.pay_online(order).payment_id.state, "posted")
            self.assertEqual(order.state, "sale")
        self.limit(1999.0)
        transaction = self.pay_online(order)
        self.assertEqual((transaction.payment_id.state, transaction.is_processed, order.state), ("posted", True, "sent"))
        told = self.env["crm.notification"].search([("user_id", "=", self.rep.id)])
        self.assertIn("paid quotation %s, but it is not confirmed yet" % order.name, told[-1:].subject)
        self.assertEqual(self.exposure(), (200000, 0, 0, 150000))

    def test_kinds_without_credit_check_are_confirmed(self):
        self.limit(0.0)
        order = self.quote("spot_cash")
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_another_company_s_limit_is_another_matter(self):
        company = self.env["res.company"].sudo().create({"name": "Sister"})
        self.env["crm.credit.limit"].sudo().create({"partner_id": self.customer.id, "company_id": company.id, "amount": 1.0})
        self.assertEqual(self.sell(4).state, "sale")

    def test_overdue_blocks_until_the_money_is_there(self):
        self.company.credit_overdue_days = 10
        order = self.sell(1)
        self.ship(order)
        invoice = self.bill(order)
        invoice.line_ids.filtered("date_maturity").date_maturity = fields.Date.today() - timedelta(11)
        with self.rolled_back(), self.assertRaisesRegex(CreditError, "11 days late with .*500.00; at most 10 days"):
            self.sell(1)
        payment = {"payment_type": "inbound", "partner_type": "customer", "partner_id": self.customer.id, "amount": 500.0}
        self.env["account.payment"].create(dict(payment, journal_id=self.bank.id)).action_post()
        self.assertEqual(self.sell(1).state, "sale")


class TestHeldShipments(CreditCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.quote("standard", user_id=cls.rep.id)
        cls.order.action_confirm()
        cls.picking = cls.order.picking_ids
        cls.picking.action_assign()
        cls.limit(100.0)

    def fill(self, quantity=4.0):
        self.picking.move_lines.quantity_done = quantity

    def immediate(self):
        action = self.picking.with_user(self.keeper).button_validate()
        wizard = self.env[action["res_model"]].with_user(self.keeper).with_context(action["context"])
        line = (0, 0, {"picking_id": self.picking.id, "to_immediate": True})
        wizard.create({"pick_ids": [(4, self.picking.id)], "immediate_transfer_line_ids": [line]}).process()

    def backorder(self):
        self.fill(1.0)
        action = self.picking.with_user(self.keeper).button_validate()
        wizard = self.env[action["res_model"]].with_user(self.keeper).with_context(action["context"])
        line = (0, 0, {"picking_id": self.picking.id, "to_backorder": True})
        wizard.create({"pick_ids": [(4, self.picking.id)], "backorder_confirmation_line_ids": [line]}).process()

    def validate(self):
        self.fill()
        return self.picking.with_user(self.keeper).with_context(skip_sms=True).button_validate()

    def batch(self):
        """What stock_picking_batch does with its transfers: all of them at once."""
        other = self.picking.copy({"partner_id": self.env["res.partner"].create({"name": "Free"}).id})
        other.action_confirm()
        (self.picking | other).move_lines.quantity_done = 1.0
        (self.picking | other).with_user(self.keeper).with_context(skip_backorder=True, skip_sms=True).button_validate()

    def scheduler(self):
        self.env["procurement.group"].run_scheduler()
        self.picking.with_user(self.keeper).action_deliver_available()

    def dropship(self):
        """From the supplier to the customer, by a transfer of its own that names the supplier."""
        move = self.picking.move_lines
        self.picking.write({"partner_id": self.env["res.partner"].create({"name": "Maker"}).id})
        move.location_id = self.env.ref("stock.stock_location_suppliers")
        move.quantity_done = 4.0
        self.picking._action_done()

    def owned(self):
        """As if the goods were the customer's own."""
        self.picking.with_user(self.keeper).owner_id = self.customer
        self.validate()

    def elsewhere(self):
        """An internal transfer whose goods are picked to the customer."""
        self.fill()
        shelf = self.warehouse.lot_stock_id.copy({"name": "Shelf"})
        self.picking.move_lines.with_user(self.keeper).location_dest_id = shelf
        self.picking.move_line_ids.with_user(self.keeper).location_dest_id = self.env.ref("stock.stock_location_customers")
        self.picking.with_user(self.keeper).with_context(skip_sms=True).button_validate()

    def test_no_door_lets_blocked_goods_leave(self):
        moves = self.picking.move_lines
        doors = {
            "button": self.validate,
            "immediate transfer": self.immediate,
            "back order": self.backorder,
            "batch": self.batch,
            "what is available": lambda: self.picking.with_user(self.keeper).action_deliver_available(),
            "scheduler": self.scheduler,
            "drop-ship": self.dropship,
            "owner": self.owned,
            "elsewhere": self.elsewhere,
            "written state": lambda: moves.with_user(self.keeper).write({"state": "done"}),
            "forged context": lambda: moves.with_user(self.keeper).with_context(crm_credit_checked=True).write({"state": "done"}),
            "made done": lambda: moves.copy({"state": "done", "sale_line_id": moves.sale_line_id.id, "picking_id": False}),
        }
        for door, leave in doors.items():
            with self.subTest(door), self.rolled_back(), self.assertRaisesRegex(CreditError, "over the credit limit|credit limit is"):
                leave()
            self.assertEqual(self.picking.state, "assigned")

    def test_nothing_is_added_to_a_transfer_that_is_done(self):
        self.limit(9999.0)
        self.fill(1.0)
        self.picking.with_user(self.keeper).with_context(skip_backorder=True, skip_sms=True).button_validate()
        self.limit(100.0)
        done = self.picking.with_user(self.keeper)
        item = done.move_line_ids
        values = {"picking_id": done.id, "product_id": self.pump.id, "product_uom_id": self.pump.uom_id.id, "qty_done": 3.0}
        places = {"location_id": item.location_id.id, "location_dest_id": item.location_dest_id.id}
        doors = {
            "line": lambda: item.write({"qty_done": 4.0}),
            "move": lambda: done.move_lines.write({"quantity_done": 4.0}),
            "new line": lambda: item.create({**values, **places}),
            "new line of the move": lambda: item.create({**values, **places, "move_id": done.move_lines.id}),
        }
        for door, add in doors.items():
            with self.subTest(door), self.rolled_back(), self.assertRaisesRegex(CreditError, "over the credit limit"):
                add()
        with self.assertRaisesRegex(CreditError, "they were sold with"):
            self.order.picking_ids.move_lines.with_user(self.keeper).write({"sale_line_id": False})
        item.qty_done = 0.0
        self.assertEqual(self.order.order_line.qty_delivered, 0.0)

    def test_a_transfer_without_order_is_held_too(self):
        kind = self.warehouse.out_type_id
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": kind.id,
                "partner_id": self.customer.id,
                "location_id": kind.default_location_src_id.id,
                "location_dest_id": self.env.ref("stock.stock_location_customers").id,
                "move_lines": [
                    (
                        0,
                        0,
                        {
                            "name": "Gift",
                            "product_id": self.valve.id,
                            "product_uom_qty": 1.0,
                            "product_uom": self.valve.uom_id.id,
                            "location_id": kind.default_location_src_id.id,
                            "location_dest_id": self.env.ref("stock.stock_location_customers").id,
                            "quantity_done": 1.0,
                        },
                    )
                ],
            }
        )
        picking.action_confirm()
        with self.assertRaises(CreditError):
            picking._action_done()

    def test_the_warehouse_reads_why_and_no_amounts(self):
        picking = self.picking.with_user(self.keeper)
        self.assertEqual((picking.credit_hold, picking.is_credit_blocked), ("blocked", True))
        self.assertEqual(picking.credit_message, "Acme Corporation is over the credit limit.")
        self.assertFalse(picking.may_release)
        with self.assertRaisesRegex(CreditError, "over the credit limit") as held, self.rolled_back():
            self.validate()
        self.assertNotRegex(held.exception.args[0], r"\d,\d|\d\.\d")
        for model in ("crm.credit.limit", "crm.credit.release", "crm.credit.rule"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.keeper).search([])
        with self.assertRaises(AccessError):
            self.customer.with_user(self.keeper).read(["credit_exposure"])

    def test_finance_releases_once(self):
        picking = self.picking.with_user(self.keeper)
        for user in (self.keeper, self.rep):
            with self.assertRaisesRegex(CreditError, "Only finance"):
                self.picking.with_user(user)._decide_release("granted", "I want it")
        with self.assertRaisesRegex(CreditError, "Say why"):
            picking._request_release(" ")
        picking._request_release("The truck waits")
        self.assertEqual(picking.credit_hold, "requested")
        request = self.env["crm.credit.release"].with_user(self.finance).search([("picking_id", "=", self.picking.id)])
        self.assertEqual((request.state, request.amount, request.note), ("requested", 2000.0, "The truck waits"))
        self.assertRegex(request.situation, "2,000.00.*100.00")
        told = self.env["crm.notification"].search([("user_id", "=", self.finance.id)])
        self.assertIn("credit-keeper asks to release %s" % self.picking.name, told.mapped("subject"))

        self.picking.with_user(self.finance)._decide_release("granted", "Paid by cheque")
        self.assertEqual((picking.credit_hold, picking.is_credit_blocked), ("released", False))
        for user in (self.keeper, self.rep):
            told = self.env["crm.notification"].search([("user_id", "=", user.id)])
            self.assertIn("%s was released by finance, once" % self.picking.name, told.mapped("subject"))
        self.fill(1.0)
        self.env["base"].flush()
        self.env["base"].invalidate_cache()  # nothing of the order is known to the warehouse's transaction
        picking.with_context(skip_backorder=True, skip_sms=True).button_validate()
        self.assertEqual((self.picking.state, request.state), ("done", "used"))
        rest = self.order.picking_ids - self.picking
        self.assertEqual(rest.with_user(self.keeper).credit_hold, "blocked")
        rest.action_assign()
        with self.assertRaises(CreditError):
            rest.action_deliver_available()

    def test_a_release_is_for_what_was_seen(self):
        self.picking.with_user(self.finance)._decide_release("granted", "Four may go")
        self.fill(5.0)
        with self.rolled_back(), self.assertRaisesRegex(CreditError, "it has changed since"):
            self.picking._action_done()
        self.picking.move_lines.quantity_done = 4.0
        self.picking._action_done()
        self.assertEqual(self.picking.state, "done")

    def test_a_refusal_is_told_and_blocks(self):
        self.picking.with_user(self.keeper)._request_release("The truck waits")
        self.picking.with_user(self.finance)._decide_release("refused", "Let them pay first")
        self.assertEqual(self.picking.with_user(self.keeper).credit_hold, "blocked")
        told = self.env["crm.notification"].search([("user_id", "=", self.keeper.id)])
        self.assertEqual(told.mapped("body"), ["Let them pay first"])
        with self.assertRaises(CreditError):
            self.validate()

    def test_an_order_is_released_for_one_confirmation(self):
        order = self.sell(1, confirm=False)
        order.with_user(self.rep)._request_release("Big fish")
        order.with_user(self.finance)._decide_release("granted", "Fine")
        with self.rolled_back():
            order.order_line.price_unit = 501.0
            with self.assertRaisesRegex(CreditError, "it has changed since"):
                order.action_confirm()
        order.with_user(self.rep).action_confirm()
        self.assertEqual(order.state, "sale")
        order.with_context(disable_cancel_warning=True).action_cancel()
        order.action_draft()
        with self.assertRaises(CreditError):
            order.action_confirm()

    def test_another_payer_does_not_let_blocked_goods_go(self):
        other = self.env["res.partner"].create({"name": "Free", "user_id": self.rep.id})
        order = self.order.with_user(self.rep)
        for name in ("partner_invoice_id", "partner_id"):
            with self.subTest(name), self.rolled_back(), self.assertRaisesRegex(CreditError, "another payer does not let it go"):
                order.write({"partner_invoice_id": other.id, name: other.id})
        self.limit(9999.0)
        order.partner_invoice_id = other
        self.assertEqual(self.exposure(), (0, 0, 0, 0))

    def test_the_rep_asks_for_the_shipments_of_an_order(self):
        order = self.order.with_user(self.rep)
        self.assertEqual(order.credit_hold, "blocked")
        releases = order._request_release("The site stands still")
        self.assertEqual((releases.picking_id, order.credit_hold), (self.picking, "requested"))
        self.order.with_user(self.finance)._decide_release("granted", "Go")
        self.assertEqual((self.picking.credit_hold, order.credit_hold), ("released", "released"))

    def test_a_dialog_opens_no_other_rep_s_order(self):
        stranger = self._create_user("credit-stranger", "crm_core.group_sales_rep")
        self.picking.with_user(self.keeper)._request_release("Between us")
        dialog = {"kind": "request", "document": "sale.order,%d" % self.order.id}
        with self.assertRaises(AccessError):
            self.env["crm.credit.decision"].with_user(stranger).create(dialog).read(["message", "asked"])
        self.assertFalse(self.env["crm.credit.release"].with_user(stranger).search([]))
        self.assertEqual(self.env["crm.credit.release"].with_user(self.rep).search([]).picking_id, self.picking)

    def test_workbench_and_search(self):
        found = self.env["stock.picking"].with_user(self.keeper).search([("is_credit_blocked", "=", True)])
        self.assertIn(self.picking, found)
        tile = self.env["stock.picking"].with_user(self.keeper)._workbench_blocked_shipments()
        self.assertIn(self.picking.id, [row["res_id"] for row in tile["rows"]])
        self.assertFalse(any("amount" in row for row in tile["rows"]))
        self.picking.with_user(self.keeper)._request_release("Please")
        tile = self.env["crm.credit.release"].with_user(self.finance)._workbench_credit_releases()
        self.assertEqual(tile["rows"][0]["amount"], 2000.0)
        self.limit(5000.0)
        found = self.env["stock.picking"].with_user(self.keeper).search([("is_credit_blocked", "=", True)])
        self.assertNotIn(self.picking, found)

    def test_others_read_whether_goods_may_go_and_no_more(self):
        clerk = self._create_user("credit-clerk")
        self.assertEqual(self.customer.with_user(clerk).credit_state, "blocked")
        self.limit(2000.0)
        self.customer.invalidate_cache()
        self.assertEqual(self.customer.with_user(clerk).credit_state, "free")
        self.assertEqual(self.customer.with_user(self.rep).credit_state, "near")
        self.assertEqual(self.customer.with_user(self.finance).credit_available, 0.0)
        with self.assertRaises(AccessError):
            self.env["crm.credit.limit"].with_user(self.rep).search([]).write({"amount": 9e9})

    def test_finance_hears_of_it_though_the_attempt_is_undone(self):
        calls = self.env.cr.postrollback._funcs
        before = len(calls)
        with self.assertRaises(CreditError), self.rolled_back():
            self.validate()
        self.assertEqual(len(calls), before + 1)
        calls.pop()
        self.env.cr.postcommit._funcs.pop()
        self.picking._tell_finance("held", self.keeper, key="held-test")
        self.picking._tell_finance("held", self.keeper, key="held-test")
        told = self.env["crm.notification"].search([("user_id", "=", self.finance.id), ("key", "=", "held-test")])
        self.assertEqual(
            told.mapped("subject"), ["%s is held back by credit control: credit-keeper could not go on" % self.picking.name]
        )


@tagged("post_install", "-at_install")
class TestCreditRules(CreditCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.credit.rule"].search([]).unlink()
        rules = cls.env["crm.credit.rule"].with_user(cls.finance)
        cls.good = rules.create(
            {"name": "Regulars", "sequence": 1, "turnover_min": 1000.0, "amount": 500.0, "turnover_percent": 20.0, "amount_max": 900.0}
        )
        cls.rest = rules.create({"name": "Everybody", "sequence": 2, "amount": 800.0, "overdue_days": 15})

    def turn_over(self, quantity):
        order = self.sell(quantity)
        self.ship(order)
        return self.pay(self.bill(order))

    def test_a_new_customer_gets_what_the_rules_give_everybody(self):
        self.sell(1)
        with self.assertRaisesRegex(CreditError, "1,000.00; the credit limit is .*800.00"):
            self.sell(1)

    def test_the_limit_says_which_rule_gave_it_and_why(self):
        self.limit(2000.0)
        self.turn_over(3)
        limit = self.env["crm.credit.limit"].search([("partner_id", "=", self.customer.id)])
        limit.with_user(self.finance).policy = "rule"
        self.assertEqual((limit.rule_id, limit.amount, limit.turnover), (self.good, 800.0, 1500.0))
        text = limit.with_user(self.rep).explanation
        self.assertRegex(text, "“Regulars”")
        self.assertRegex(text, r"turnover of twelve months .*1,500.00.* \(at least .*1,000.00")
        self.assertRegex(text, r"500.00.* \+ 20 % of .*1,500.00.*at most .*900.00.*: .*800.00")
        self.assertEqual(self.customer.with_user(self.rep).credit_explanation, text)

    def test_the_night_brings_limits_up_to_date_and_leaves_what_finance_fixed(self):
        fixed = self.env["res.partner"].create({"name": "Fixed"})
        kept = self.limit(7.0, fixed)
        self.sell(1)
        self.env["crm.credit.limit"]._cron_refresh()
        limit = self.env["crm.credit.limit"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual((limit.policy, limit.rule_id, limit.amount, limit.overdue_days), ("rule", self.rest, 800.0, 15))
        self.rest.amount = 1234.0
        pairs = [(self.customer.id, self.company.id), (fixed.id, self.company.id)]
        self.assertEqual(self.env["crm.credit.limit"]._refresh(pairs), 1)
        self.assertEqual(self.env["crm.credit.limit"]._refresh(pairs), 0)
        self.assertEqual((limit.amount, kept.amount), (1200.0, 7.0))

    def test_what_cannot_be_is_refused(self):
        limit = self.limit(5.0)
        with self.assertRaisesRegex(CreditRuleError, "follow from what happened"):
            limit.write({"turnover": 1e9})
        with self.assertRaisesRegex(CreditRuleError, "stays with its customer"):
            limit.write({"partner_id": self.env["res.partner"].create({"name": "X"}).id})
        with self.assertRaisesRegex(CreditRuleError, "lower the base amount"):
            self.good.write({"amount": 901.0})
