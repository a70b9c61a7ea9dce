# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Any order of steps, through the ORM: the identities hold after each, and everything ties to the receivable accounts.

CRM_TRIANGLE_RUNS sets the number of runs (default 15, of 20 steps each); with it the steps are drawn anew each time.
"""

import os

from dateutil.relativedelta import relativedelta
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from odoo import fields
from odoo.tests.common import Form

from .test_triangle import TriangleCase

RUNS = int(os.environ.get("CRM_TRIANGLE_RUNS", 15))
DRAWN_ANEW = "CRM_TRIANGLE_RUNS" in os.environ
STEPS = 20
SETTINGS = settings(
    max_examples=RUNS,
    stateful_step_count=STEPS,
    deadline=None,
    derandomize=not DRAWN_ANEW,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class TestTriangleMachine(TriangleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._add_stock(cls.pump, 10_000)
        cls.usd = cls.env.ref("base.USD")
        cls.usd.active = True
        cls.env["res.currency.rate"].search([("currency_id", "=", cls.usd.id)]).unlink()
        cls.today = fields.Date.context_today(cls.env.user)
        rates = [(cls.today - relativedelta(days=days), 1 / rate) for days, rate in ((60, 6.9137), (20, 7.0421), (10, 7.3309), (0, 7.1873))]
        cls.env["res.currency.rate"].create(
            [{"currency_id": cls.usd.id, "name": day, "rate": rate, "company_id": cls.company.id} for day, rate in rates]
        )
        cls.usd_prices = cls.env["product.pricelist"].create({"name": "USD", "currency_id": cls.usd.id})

    def test_identities_hold_after_each_step_in_cny_and_usd(self):
        case, taken = self, []

        class Machine(OrderMachine):
            def __init__(self):
                super().__init__(case, taken)

        run_state_machine_as_test(Machine, settings=SETTINGS)
        if not DRAWN_ANEW:  # of runs drawn anew some are shorter
            self.assertGreaterEqual(len(taken), RUNS * STEPS)
        self.assertGreaterEqual({name for _run, name in taken}, {"deliver", "bill", "pay", "unmatch", "take_back", "amend", "credit"})


class OrderMachine(RuleBasedStateMachine):
    """What people do with one order, in any order; each step that Odoo or the suite refuses leaves all as it was."""

    def __init__(self, case, taken):
        super().__init__()
        self.case, self.taken, self.steps = case, taken, 0
        case.env["base"].flush()
        case.cr.execute("SAVEPOINT machine")

    def teardown(self):
        self.case.env.clear()
        self.case.cr.execute("ROLLBACK TO SAVEPOINT machine")

    @initialize(
        code=st.sampled_from(["standard", "presale", "instalment"]),
        quantity=st.integers(2, 9),
        price=st.sampled_from([33.33, 500.0, 0.07, 1234.56]),
        foreign=st.booleans(),
    )
    def order(self, code, quantity, price, foreign):
        values = {"pricelist_id": self.case.usd_prices.id} if foreign else {}
        self.order = self.case.sign(self.case.quote(code, (self.case.pump, quantity, price), (self.case.install, 1, price / 3), **values))
        self.line = self.order.order_line[0]

    @property
    def posted(self):
        return self.order.invoice_ids.filtered(lambda move: move.state == "posted").sorted("id")

    def note(self, name):
        self.taken.append((id(self), name))

    def date(self, days):
        return self.case.today - relativedelta(days=days)

    # -- what people do ------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.order.state == "sale")
    @rule(more=st.integers(0, 3), price=st.sampled_from([None, 29.99, 512.5]))
    def amend(self, more, price):
        self.note("amend")
        values = {"product_uom_qty": max(self.line.qty_delivered, self.line.qty_invoiced, 1) + more}
        if price:
            values["price_unit"] = price
        self.order.write({"order_line": [(1, self.line.id, values)]})

    @precondition(lambda self: self.order.state == "sale")
    @rule(quantity=st.integers(1, 4))
    def deliver(self, quantity):
        self.note("deliver")
        open_moves = self.order.picking_ids.filtered(lambda picking: picking.state in ("confirmed", "assigned")).move_lines
        for picking in open_moves.picking_id:
            picking.action_assign()
            for move in picking.move_lines:
                move.quantity_done = min(quantity, move.product_uom_qty)
            picking.with_context(skip_backorder=True, skip_sms=True).button_validate()

    @precondition(lambda self: self.line.qty_delivered >= 1)
    @rule()
    def take_back(self):
        self.note("take_back")
        done = self.order.picking_ids.filtered(lambda picking: picking.state == "done" and picking.picking_type_code == "outgoing")
        if done and sum(done[-1:].move_lines.mapped("product_uom_qty")) >= 1:
            self.case.take_back(self.order, 1)

    @precondition(lambda self: self.order.state == "sale" and self.order.has_rest and self.line.qty_delivered)
    @rule()
    def cancel_rest(self):
        self.note("cancel_rest")
        self.order.action_cancel_rest()

    @precondition(lambda self: self.order.state == "sale" and not self.line.qty_delivered and len(self.posted) > 1)
    @rule()
    def cancel(self):
        self.note("cancel")
        self.order.with_context(disable_cancel_warning=True).action_cancel()

    @precondition(lambda self: self.order.state == "sale" and not self.order.instalment_ids and not self.posted)
    @rule()
    def down_payment(self):
        self.note("down_payment")
        self.case.down_payment(self.order, 40)

    @precondition(lambda self: self.order.state == "sale")
    @rule(days=st.sampled_from([0, 15]))
    def bill(self, days):
        """What is due, and what was delivered; later instalments come due."""
        self.note("bill")
        self.case.wait(self.order)
        self.order.action_finish_work()
        if self.order.invoice_status == "to invoice":
            self.order._create_invoices(final=True, date=self.date(days)).action_post()

    @precondition(lambda self: self.posted.filtered("amount_residual"))
    @rule(which=st.integers(0, 9), share=st.sampled_from([1.0, 1.0, 0.3]), days=st.sampled_from([0, 5, 12]), fee=st.booleans())
    def pay(self, which, share, days, fee):
        self.note("pay")
        open_ones = self.posted.filtered("amount_residual")
        invoice = open_ones[which % len(open_ones)]
        context = {"active_model": "account.move", "active_ids": invoice.ids}
        wizard = Form(self.case.env["account.payment.register"].with_context(**context))
        wizard.payment_date = self.date(days)
        amount = self.order.currency_id.round(wizard.amount * share) or wizard.amount
        wizard.amount = amount
        if fee and share < 1:
            wizard.payment_difference_handling = "reconcile"
            wizard.writeoff_account_id = self.case.env["account.account"].search(
                [
                    ("company_id", "=", self.case.company.id),
                    ("user_type_id", "=", self.case.env.ref("account.data_account_type_expenses").id),
                ],
                limit=1,
            )
        wizard.save()._create_payments()

    @rule(amount=st.sampled_from([12.34, 100.0]))
    def pay_unmatched(self, amount):
        self.note("pay_unmatched")
        self.case.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.case.customer.id,
                "amount": amount,
                "currency_id": self.order.currency_id.id,
                "journal_id": self.case.bank.id,
            }
        ).action_post()

    @precondition(lambda self: self.posted.filtered(lambda move: move.amount_residual != move.amount_total))
    @rule(which=st.integers(0, 9))
    def unmatch(self, which):
        self.note("unmatch")
        matched = self.posted.filtered(lambda move: move.amount_residual != move.amount_total)
        matched[which % len(matched)].line_ids.remove_move_reconcile()

    @precondition(lambda self: self.posted.filtered(lambda move: move.move_type == "out_invoice" and move.amount_total))
    @rule(which=st.integers(0, 9), whole=st.booleans())
    def credit(self, which, whole):
        """Finance takes an invoice back: as a whole, or part of it."""
        self.note("credit")
        invoices = self.posted.filtered(lambda move: move.move_type == "out_invoice" and move.amount_total and not move.reversal_move_id)
        if not invoices:
            return
        invoice = invoices[which % len(invoices)]
        if whole and invoice.amount_residual == invoice.amount_total:
            invoice._reverse_moves([{"invoice_date": self.case.today, "date": self.case.today}], cancel=True)
        elif len(invoice.invoice_line_ids) == 1 and invoice.invoice_line_ids.quantity > 1:
            note = invoice._reverse_moves([{"invoice_date": self.case.today, "date": self.case.today}])
            with Form(note) as form, form.invoice_line_ids.edit(0) as line:
                line.quantity = 1
            note.action_post()

    # -- what must hold ------------------------------------------------------------------------------------------------

    @invariant()
    def instalments_sum_to_the_order(self):
        order = self.order
        if order.instalment_ids and order.state != "cancel":
            assert not order.currency_id.compare_amounts(sum(order.instalment_ids.mapped("amount")), order.amount_total)
            assert abs(sum(order.instalment_ids.mapped("percent")) - 100) < 0.00005

    @invariant()
    def identities_hold(self):
        order, triangle = self.order, self.case.triangle(self.order)
        get = lambda *names: sum(triangle.get(name, 0.0) for name in names)  # noqa: E731
        assert abs(get("ordered") - get("invoiced", "to_invoice", "cancelled")) < 0.005, triangle
        assert abs(get("invoiced") - get("collected", "open", "credited", "written_off")) < 0.005, triangle
        assert get("ordered") + 0.005 >= order.amount_total + order.amount_cancelled + order.amount_returned, triangle

    @invariant()
    def ties_to_the_ledger(self):
        """Everything of this customer on the receivable accounts, in the order's and in the company's currency."""
        items = self.case.env["account.move.line"].search(
            [
                ("partner_id", "=", self.case.customer.id),
                ("account_internal_type", "=", "receivable"),
                ("parent_state", "=", "posted"),
            ]
        )
        others = items.filtered(lambda item: item.move_id not in self.posted)
        unallocated = -sum(others.mapped("amount_residual_currency"))
        assert abs(sum(items.mapped("amount_currency")) - self.order.triangle_open + unallocated) < 0.005
        assert abs(sum(items.mapped("balance")) - sum(items.mapped("amount_residual"))) < 0.005
        self.steps += 1
        if self.steps % 4:  # the proof over the whole company, now and then
            return
        check = self.case.checks._run(self.case.company)
        assert check.state == "holds", check.finding_ids.read(["kind", "expected", "found"])
