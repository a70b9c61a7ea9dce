# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine import instalments
from ..exceptions import InstalmentError
from .crm_instalment_template import TRIGGERS
from .sale_order import CONFIRMED_STATES
from .sale_order_type import QUOTATION_STATES

#: What people set, and only while the order is a quotation
PLAN_FIELDS = {"sequence", "name", "percent", "trigger", "days", "date_due"}


class SaleOrderInstalment(models.Model):
    """One part of the money of an order: due by its trigger, billed by its own invoices, closed by payment.

    Amounts include tax, in the order's currency. They sum to the order's total to the cent: the last takes the
    rounding. What an instalment bills counts from the draft invoice on, so that nothing is billed twice.

    These rows are the receivable plan. There is no model above them: a plan is always the plan of one order, and would hold
    nothing but that. A contract's plan is that of its orders.
    """

    _name = "sale.order.instalment"
    _description = "Instalment"
    _order = "order_id, sequence, id"

    order_id = fields.Many2one("sale.order", "Order", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="order_id.currency_id", store=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True)
    percent = fields.Float("Share (%)", digits=(7, 4), required=True)
    amount = fields.Monetary(compute="_compute_amount", store=True)
    trigger = fields.Selection(TRIGGERS, required=True, default="signing")
    days = fields.Integer("Days to Pay", help="Date: days after the order; otherwise days to pay once it is due.")
    date_triggered = fields.Date("Due Since", readonly=True, copy=False)
    date_due = fields.Date("Pay By", copy=False)
    share_reached = fields.Float(
        readonly=True,
        copy=False,
        default=0.0,
        required=True,
        help="Technical: how much of the trigger has happened, 0 to 1; goods ship in parts.",
    )
    invoice_ids = fields.One2many("account.move", "instalment_id", "Invoices")
    amount_invoiced = fields.Monetary("Invoiced", compute="_compute_money", store=True, compute_sudo=True)
    amount_paid = fields.Monetary("Paid", compute="_compute_money", store=True, compute_sudo=True)
    state = fields.Selection(
        [("waiting", "Waiting"), ("due", "Due"), ("invoiced", "Invoiced"), ("paid", "Paid"), ("cancel", "Cancelled")],
        compute="_compute_state",
        store=True,
    )

    @api.depends(
        "percent",
        "sequence",
        "order_id.amount_total",
        "order_id.instalment_ids.percent",
        "order_id.instalment_ids.amount_invoiced",
    )
    def _compute_amount(self):
        """All of an order together: the parts sum to its total, whatever changes it. What is billed keeps its amount.

        When the total falls below what is billed, the last parts give way: see engine/instalments.py.
        """
        for order in self.order_id:
            plan = order.instalment_ids.sorted(lambda part: (part.sequence, part._origin.id or float("inf")))
            parts = [
                instalments.Part(part.percent, part.amount if part.amount_invoiced else None, part.amount_invoiced) for part in plan
            ]
            amounts = instalments.split(order.amount_total, parts, order.currency_id.rounding or 0.01)
            for part, amount in zip(plan, amounts):
                if part in self:
                    part.amount = amount
        for part in self.filtered(lambda part: not part.order_id):
            part.amount = 0.0

    @api.depends("invoice_ids.state", "invoice_ids.amount_total", "invoice_ids.amount_residual", "invoice_ids.move_type")
    def _compute_money(self):
        for part in self:
            part.amount_invoiced, part.amount_paid = part._get_money()

    def _get_money(self):
        """(invoiced, paid) as its invoices say."""
        self.ensure_one()
        invoiced = paid = 0.0
        for invoice in self.sudo().invoice_ids.filtered(lambda move: move.state != "cancel"):
            sign = -1 if invoice.move_type == "out_refund" else 1
            invoiced += sign * invoice.amount_total
            if invoice.state == "posted":
                paid += sign * (invoice.amount_total - invoice.amount_residual)
        return invoiced, paid

    @api.depends(
        "amount",
        "amount_invoiced",
        "amount_paid",
        "share_reached",
        "order_id.state",
        "invoice_ids.state",
        "invoice_ids.amount_total",
        "invoice_ids.amount_residual",
    )
    def _compute_state(self):
        for part in self:
            part.state = part._get_state()

    def _get_state(self):
        """From the invoices themselves: a state computed halfway through a payment must not keep what was paid before."""
        self.ensure_one()
        compare = (self.currency_id or self.env.company.currency_id).compare_amounts
        invoiced, paid = self._get_money()
        if self.order_id.state == "cancel" and not compare(invoiced, 0.0):
            return "cancel"
        if compare(invoiced, self.amount) >= 0 and compare(invoiced, 0.0):
            return "paid" if compare(paid, self.amount) >= 0 else "invoiced"
        if self.order_id.state in CONFIRMED_STATES and not compare(self.amount, 0.0) and not compare(invoiced, 0.0):
            return "cancel"  # the order has become so small that nothing is left of it
        return "due" if compare(self._get_claim(), 0.0) > 0 else "waiting"

    def _get_claim(self):
        """What may be invoiced now: the share reached of the amount, less what is invoiced."""
        self.ensure_one()
        reached = self.amount if self.share_reached >= 1 else self.currency_id.round(self.amount * self.share_reached)
        currency = self.currency_id or self.env.company.currency_id
        return max(currency.round(reached - self.amount_invoiced), 0.0)

    # -- guarded -----------------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_plan_fields(vals.keys() - {"order_id"})
        parts = super().create(vals_list)
        parts._check_plan_open()
        return parts

    def write(self, vals):
        self._check_plan_fields(vals.keys())
        self._check_plan_open()
        return super().write(vals)

    def unlink(self):
        self._check_plan_open()
        return super().unlink()

    @api.model
    def _check_plan_fields(self, names):
        """What the trigger and the invoices decide is written by nobody but the code that serves them (superuser)."""
        if not self.env.su and set(names) - PLAN_FIELDS:
            raise InstalmentError(_("An instalment becomes due by its trigger and paid by its invoice; only its plan can be changed."))

    def _check_plan_open(self):
        if self.env.su:
            return
        bound = self.order_id.filtered(lambda order: order.state not in QUOTATION_STATES)
        if bound:
            raise InstalmentError(
                _(
                    "The instalments of %(orders)s are agreed: they change no more once the order is confirmed.",
                    orders=", ".join(bound.mapped("name")),
                )
            )


class SaleOrder(models.Model):
    _inherit = "sale.order"

    instalment_ids = fields.One2many("sale.order.instalment", "order_id", "Instalments", copy=True)

    def _restart_flow(self, changed=False):
        """A new quotation starts with its type's plan, unless it brings its own (a copy does)."""
        super()._restart_flow(changed)
        if changed:
            self.instalment_ids.unlink()
        for order in self.filtered(lambda order: order.state in QUOTATION_STATES and not order.instalment_ids):
            plan = order._prepare_instalments(order.order_type_id.instalment_template_id)
            if plan:
                order.instalment_ids = [(0, 0, values) for values in plan]

    def _check_binding(self, before):
        """An order that was confirmed the moment it was made gets its instalments now."""
        for order in self.sudo().filtered(lambda order: not order.instalment_ids):
            values = order._prepare_instalments(order.order_type_id.instalment_template_id)
            self.env["sale.order.instalment"].sudo().create([dict(vals, order_id=order.id) for vals in values])
        super()._check_binding(before)

    def _prepare_instalments(self, plan):
        self.ensure_one()
        lines = plan.with_context(lang=self.partner_id.lang).line_ids
        return [{name: line[name] for name in ("sequence", "name", "percent", "trigger", "days")} for line in lines]

    def _check_can_send(self):
        super()._check_can_send()
        self._check_instalments()

    def _check_flow(self):
        super()._check_flow()
        self._check_instalments()

    def _check_instalments(self):
        for order in self:
            if order.instalment_ids:
                parts = order.instalment_ids.sorted(lambda part: (part.sequence, part.id))
                self.env["crm.instalment.template"]._check_shares(order.name, parts)
            elif order.order_type_id.invoice_policy == "milestone":
                raise InstalmentError(_("%(order)s is paid by instalments: plan them first.", order=order.name))


class AccountMove(models.Model):
    _inherit = "account.move"

    instalment_id = fields.Many2one("sale.order.instalment", "Instalment", readonly=True, index=True, ondelete="restrict")
