# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""From quotation to closed receivable: the steps every kind of order shares.

Subclass :class:`OrderTypeCase` (a fixture per class, products with 13 % VAT on top); take the steps with :meth:`quote`,
:meth:`sign`, :meth:`ship`, :meth:`bill`, :meth:`pay`, and end with :meth:`assert_closed`, which looks at the ledger.
"""

from contextlib import contextmanager

from odoo import fields
from odoo.tests.common import Form

from .common import SalesOrderCase


class OrderTypeCase(SalesOrderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vat = cls._create_vat()
        cls.pump.taxes_id = cls.vat
        cls.install = cls._create_product("Installation", 200.0, type="service", taxes_id=[(6, 0, cls.vat.ids)])
        cls.bank = cls.env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1)

    @classmethod
    def _create_vat(cls):
        account = cls.env["account.account"].create(
            {
                "code": "VAT13",
                "name": "VAT payable",
                "user_type_id": cls.env.ref("account.data_account_type_current_liabilities").id,
                "company_id": cls.company.id,
            }
        )
        base = {"repartition_type": "base", "factor_percent": 100}
        shares = [(0, 0, base), (0, 0, dict(base, repartition_type="tax", account_id=account.id))]
        return cls.env["account.tax"].create(
            {
                "name": "VAT 13",
                "amount": 13.0,
                "type_tax_use": "sale",
                "company_id": cls.company.id,
                "invoice_repartition_line_ids": shares,
                "refund_repartition_line_ids": shares,
            }
        )

    @classmethod
    def kind(cls, code):
        return cls.env["crm.order.type"]._get_type(code, cls.company)

    @classmethod
    def quote(cls, code, *lines, **values):
        """A quotation of the type ``code``.

        :param lines: (product, quantity) or (product, quantity, unit price); default: 4 pumps at 500
        """
        return cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "order_type_id": cls.kind(code).id,
                "order_line": [
                    (0, 0, dict({"product_id": product.id, "product_uom_qty": quantity}, **({"price_unit": price[0]} if price else {})))
                    for product, quantity, *price in lines or [(cls.pump, 4)]
                ],
                **values,
            }
        )

    @classmethod
    def sign(cls, order):
        """Sent, and confirmed by the customer."""
        order.action_quotation_sent()
        order.action_confirm()
        return order

    @classmethod
    def ship(cls, order, quantity=None):
        """Deliver what is reserved, or ``quantity`` of each product, leaving the rest to a back order."""
        pickings = order.picking_ids.filtered(lambda picking: picking.state in ("confirmed", "assigned"))
        pickings.action_assign()
        if quantity is None:
            pickings.action_deliver_available()
        else:
            for move in pickings.move_lines:
                move.quantity_done = quantity
            pickings.with_context(skip_backorder=True, skip_sms=True).button_validate()
        return pickings

    @classmethod
    def bill(cls, order):
        """Invoice what can be invoiced now, and post."""
        return order.action_invoice_delivered()

    @classmethod
    def take(cls, order):
        """The cash desk's button."""
        order.action_take_payment()

    @classmethod
    def work(cls, order):
        order.action_finish_work()

    @classmethod
    def accept(cls, order):
        order.action_accept()

    @classmethod
    def wait(cls, order):
        """Until the next dated instalment: its date comes, the cron runs."""
        part = order.instalment_ids.filtered(lambda part: part.trigger == "date" and part.state == "waiting")[:1]
        part.sudo().date_due = fields.Date.context_today(order)
        cls.env["sale.order.instalment"]._cron_reach_dates()

    @classmethod
    def pay_all(cls, order):
        cls.pay(order.invoice_ids.filtered("amount_residual"))

    @classmethod
    def pay(cls, invoices, **values):
        """The customer pays the open amount of each invoice by bank; reconciled with it."""
        for invoice in invoices:
            wizard = Form(cls.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids))
            wizard.journal_id = values.get("journal") or cls.bank
            wizard.payment_date = values.get("date") or fields.Date.context_today(invoice)
            wizard.save()._create_payments()
        return invoices

    @contextmanager
    def rolled_back(self):
        """Each case of a table starts from the fixture."""
        with self.env.clear_upon_failure():
            self.env["base"].flush()
            self.env.cr.execute("SAVEPOINT each_case")
            try:
                yield
            finally:
                self.env.clear()
                self.env.cr.execute("ROLLBACK TO SAVEPOINT each_case")

    def receivable(self, order):
        """What the ledger says the customer owes, in the company's currency, over all posted entries."""
        items = self.env["account.move.line"].search(
            [
                ("partner_id", "=", order.partner_id.commercial_partner_id.id),
                ("account_internal_type", "=", "receivable"),
                ("parent_state", "=", "posted"),
            ]
        )
        return sum(items.mapped("balance"))

    def balance(self, account, order=None):
        """Posted balance of an account, of the order's invoices only when ``order`` is given."""
        domain = [("account_id", "=", account.id), ("parent_state", "=", "posted")]
        if order:
            domain.append(("move_id", "in", order.invoice_ids.ids))
        return sum(self.env["account.move.line"].search(domain).mapped("balance"))

    def stock(self, product):
        return self.env["stock.quant"]._get_available_quantity(product, self.warehouse.lot_stock_id)

    def assert_closed(self, order, total=None):
        """Everything billed to the cent, paid, reconciled; nobody owes, no advance is left."""
        invoices = order.invoice_ids.filtered(lambda move: move.state == "posted")
        self.assertEqual(invoices, order.invoice_ids, "invoices left in draft")
        sign = {"out_invoice": 1, "out_refund": -1}
        billed = sum(sign[move.move_type] * move.amount_total for move in invoices)
        self.assertAlmostEqual(billed, order.amount_total if total is None else total, 2)
        self.assertEqual({state for state in invoices.mapped("payment_state")} - {"paid", "in_payment", "reversed"}, set())
        self.assertEqual(sum(invoices.mapped("amount_residual")), 0.0)
        self.assertEqual(round(self.receivable(order), 2), 0.0)
        self.assertEqual(set(order.instalment_ids.mapped("state")) - {"paid"}, set())
