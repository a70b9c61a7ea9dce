# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine import triangle
from ..exceptions import SalesOrderError
from .sale_order import CONFIRMED_STATES

#: What only the steps of the suite write
RECORDED = {"amount_cancelled", "amount_returned", "is_called_off"}
#: Kinds of order that sell nothing themselves
UNSOLD_FLOWS = ("framework",)


class SaleOrder(models.Model):
    """The receivable triangle of each order, tax included, in the order's currency (engine/triangle.py).

    Stored, so that reports over any number of orders read columns; computed in two queries for all orders that change
    together. ``crm.triangle.check`` proves the columns against the ledger.
    """

    _inherit = "sale.order"

    amount_cancelled = fields.Monetary("Rest Cancelled", readonly=True, copy=False)
    amount_returned = fields.Monetary("Returned", readonly=True, copy=False)
    is_called_off = fields.Boolean("Cancelled After Confirmation", readonly=True, copy=False)
    triangle_ordered = fields.Monetary("Value Ordered", compute="_compute_triangle", store=True)
    triangle_delivered = fields.Monetary("Value Delivered", compute="_compute_triangle", store=True)
    triangle_invoiced = fields.Monetary("Value Invoiced", compute="_compute_triangle", store=True)
    triangle_to_invoice = fields.Monetary(
        "Still to Invoice", compute="_compute_triangle", store=True, help="Below zero: invoiced beyond the order, to be credited."
    )
    triangle_cancelled = fields.Monetary(
        "Value Cancelled",
        compute="_compute_triangle",
        store=True,
        help="Will never be invoiced: cancelled, returned before it was invoiced, or lost to rounding.",
    )
    triangle_collected = fields.Monetary("Money Collected", compute="_compute_triangle", store=True)
    triangle_open = fields.Monetary("Invoiced and Open", compute="_compute_triangle", store=True)
    triangle_credited = fields.Monetary("Credited", compute="_compute_triangle", store=True)
    triangle_written_off = fields.Monetary("Written Off", compute="_compute_triangle", store=True)
    triangle_claim = fields.Monetary(
        "Due and Not Invoiced", compute="_compute_triangle", store=True, help="Instalments whose trigger has happened: no ledger entry yet."
    )

    @api.depends(
        "state",
        "amount_total",
        "amount_cancelled",
        "amount_returned",
        "is_called_off",
        "order_line.price_total",
        "order_line.qty_delivered",
        "order_line.qty_to_invoice",
        "order_line.invoice_lines.price_total",
        "order_line.invoice_lines.quantity",
        "order_line.invoice_lines.move_id.state",
        "order_line.invoice_lines.move_id.amount_residual",
        "instalment_ids.amount",
        "instalment_ids.amount_invoiced",
        "instalment_ids.share_reached",
    )
    def _compute_triangle(self):
        sold = self.filtered(lambda order: order._is_sold())
        books = self.env["account.move"]._read_order_books(sold)
        for order in self:
            result = triangle.measure(order._get_triangle_facts(books)) if order in sold else triangle.Triangle()
            for name, amount in vars(result).items():
                stored = order._origin["triangle_%s" % name] if not order.id else 0.0  # on an open form
                order["triangle_%s" % name] = stored or amount * order._get_minor_unit()

    def _is_sold(self):
        """Whether this order is one of the triangle: confirmed, or cancelled after that."""
        self.ensure_one()
        return bool(self.id) and (self.state in CONFIRMED_STATES or self.is_called_off) and self.flow not in UNSOLD_FLOWS

    def _get_minor_unit(self):
        return self.currency_id.rounding or 0.01

    def _get_triangle_facts(self, books):
        """What :func:`triangle.measure` wants to know of this order.

        :param books: see account.move._read_order_books
        """
        self.ensure_one()
        minor = self._to_minor
        parts = self.instalment_ids
        return triangle.Order(
            total=minor(self.amount_total),
            taken_off=minor(self.amount_cancelled) + minor(self.amount_returned),
            cancelled=self.state == "cancel",
            lines=[line._get_triangle_line(books) for line in self.order_line if not (line.display_type or line.is_downpayment)],
            bills=books.bills[self.id],
            advances=sum(books.lines[line.id].amount for line in self.order_line.filtered("is_downpayment")),
            planned=sum(minor(part.amount) for part in parts) if parts else None,
            claims=sum(minor(part._get_claim()) for part in parts),
        )

    def _to_minor(self, amount):
        """``amount`` of the order's currency in its minor units."""
        return round(amount / self._get_minor_unit())

    # -- guarded -------------------------------------------------------------------------------------------------------

    @api.model
    def create(self, vals):
        self._check_recorded(vals)
        return super().create(vals)

    def write(self, vals):
        """An order keeps in mind that it was confirmed when it is cancelled, until it is a quotation again."""
        self._check_recorded(vals)
        called_off = self.filtered(lambda order: order.state in CONFIRMED_STATES) if vals.get("state") == "cancel" else self.browse()
        result = super().write(vals)
        if called_off:
            called_off.sudo().is_called_off = True
        if vals.get("state") in ("draft", "sent"):
            anew = self.sudo().filtered(lambda order: order.is_called_off or order.amount_cancelled or order.amount_returned)
            anew.write(dict.fromkeys(RECORDED, False))
        return result

    def _check_recorded(self, vals):
        if RECORDED & vals.keys() and not self.env.su:
            raise SalesOrderError(_("What was cancelled or returned is recorded by “Cancel the Rest” and by returns, not written by hand."))


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _get_triangle_line(self, books):
        self.ensure_one()
        billed = books.lines[self.id]
        drafts = self.qty_invoiced - billed.quantity
        minor = self.order_id._get_minor_unit()
        return triangle.Line(
            total=self.order_id._to_minor(self.price_total),
            unit=self.price_reduce_taxinc / minor,
            quantity=self.product_uom_qty,
            delivered=self.qty_delivered,
            quantity_invoiced=billed.quantity,
            quantity_to_invoice=self.qty_to_invoice + drafts,
            invoiced=billed.amount,
            slack=billed.count,
        )
