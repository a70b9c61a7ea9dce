# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class SaleOrder(models.Model):
    """Billed, collected, overdue: what sales may know of the money without accounting rights."""

    _inherit = "sale.order"

    payment_status = fields.Selection(
        [
            ("none", "Nothing to Bill"),
            ("to_bill", "To Bill"),
            ("billed", "Billed"),
            ("partial", "Partly Paid"),
            ("paid", "Paid"),
        ],
        compute="_compute_payment_amounts",
        store=True,
        readonly=True,
    )
    amount_billed = fields.Monetary(
        "Billed",
        compute="_compute_payment_amounts",
        store=True,
        help="Posted invoices less credit notes, tax included: the part that belongs to this order.",
    )
    amount_collected = fields.Monetary("Collected", compute="_compute_payment_amounts", store=True)
    amount_open = fields.Monetary(
        "To Collect",
        compute="_compute_payment_amounts",
        store=True,
        help="Billed and not yet collected.",
    )
    amount_overdue = fields.Monetary(
        "Overdue", compute="_compute_amount_overdue", search="_search_amount_overdue", compute_sudo=True
    )

    @api.depends(
        "state",
        "amount_total",
        "order_line.invoice_lines.price_total",
        "order_line.invoice_lines.move_id.state",
        "order_line.invoice_lines.move_id.amount_residual",
    )
    def _compute_payment_amounts(self):
        """Stored, computed as superuser: only sums leave the ledger, no entry does."""
        for order in self:
            billed = open_amount = 0.0
            for invoice, amount in order._get_billed_by_invoice().items():
                billed += amount
                open_amount += order._get_open_share(invoice, amount)
            order.amount_billed = billed
            order.amount_open = open_amount
            order.amount_collected = billed - open_amount
            order.payment_status = order._get_payment_status()

    @api.depends("amount_open", "order_line.invoice_lines.move_id.invoice_date_due")
    @api.depends_context("tz")
    def _compute_amount_overdue(self):
        today = fields.Date.context_today(self)
        for order in self:
            order.amount_overdue = sum(
                order._get_open_share(invoice, amount)
                for invoice, amount in (order._get_billed_by_invoice() if order.amount_open else {}).items()
                if invoice.invoice_date_due and invoice.invoice_date_due < today
            )

    @api.model
    def _search_amount_overdue(self, operator, value):
        """Only whether something is overdue can be asked: among the unpaid orders, which are few."""
        if value or operator not in (">", "!=", "="):
            raise NotImplementedError("amount_overdue: only > 0, != 0 and = 0 can be searched")
        late = self.search([("amount_open", ">", 0)]).filtered("amount_overdue")
        return [("id", "not in" if operator == "=" else "in", late.ids)]

    def _get_billed_by_invoice(self):
        """What each posted invoice bills of this order, tax included and signed: {account.move: amount}."""
        self.ensure_one()
        amounts = {}
        for line in self.order_line.invoice_lines:
            invoice = line.move_id
            if invoice.state == "posted":
                sign = -1 if invoice.move_type == "out_refund" else 1
                amounts[invoice] = amounts.get(invoice, 0.0) + sign * line.price_total
        return amounts

    def _get_open_share(self, invoice, amount):
        """The part of the invoice's open amount that falls on ``amount`` of it."""
        if not invoice.amount_total:
            return 0.0
        return self.currency_id.round(amount * invoice.amount_residual / invoice.amount_total)

    def _get_payment_status(self):
        self.ensure_one()
        compare = (self.currency_id or self.env.company.currency_id).compare_amounts  # a new order may have none
        if not compare(self.amount_billed, 0.0):
            to_bill = self.state in ("sale", "done") and compare(self.amount_total, 0.0)
            return "to_bill" if to_bill else "none"
        if compare(self.amount_open, 0.0):  # below zero: the customer gets money back
            return "partial" if compare(self.amount_collected, 0.0) else "billed"
        return "to_bill" if compare(self.amount_billed, self.amount_total) < 0 else "paid"
