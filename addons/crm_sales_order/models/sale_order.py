# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..tools.bulk import bulk_work, is_bulk, post_notes, remembering

#: States in which the customer has our word
CONFIRMED_STATES = ("sale", "done")
BINDING_STATES = ("sent", *CONFIRMED_STATES)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    next_action = fields.Selection(
        [
            ("send", "Send the quotation"),
            ("confirm", "Win the order"),
            ("deliver", "Deliver"),
            ("invoice", "Invoice"),
            ("collect", "Collect"),
            ("done", "Nothing left to do"),
        ],
        compute="_compute_next_action",
        help="What takes this order closer to money in the bank.",
    )

    @api.depends("state", "invoice_status", "payment_status", "order_line.qty_delivered")
    def _compute_next_action(self):
        for order in self:
            order.next_action = order._get_next_action()

    def _get_next_action(self):
        """One value of ``next_action``; hook for steps other addons put in between."""
        self.ensure_one()
        if self.state == "draft":
            return "send"
        if self.state == "sent":
            return "confirm"
        if self.state == "cancel":
            return "done"
        if any(line.qty_to_deliver > 0 and line.product_id.type != "service" for line in self.order_line):
            return "deliver"
        if self.invoice_status == "to invoice":
            return "invoice"
        return "collect" if self.payment_status in ("billed", "partial") else "done"

    @api.model
    def create(self, vals):
        order = super().create(vals)
        order.partner_id._mark_as_customer()
        if order.state in BINDING_STATES:
            order._check_binding({order.id: "draft"})
        return order

    def write(self, vals):
        """A quotation is sent, and an order confirmed, by writing its state: whatever door that comes through."""
        binding = vals.get("state") in BINDING_STATES
        before = {order.id: order.state for order in self} if binding else {}
        result = super().write(vals)
        if binding:
            self._check_binding(before)
        return result

    def _check_binding(self, before):
        """Check the orders that went to the customer or were confirmed; after the change, which may have changed more.

        :param before: {id: state it had}
        """
        confirmed = self.filtered(lambda order: order.state in CONFIRMED_STATES and before[order.id] not in CONFIRMED_STATES)
        sent = self.filtered(lambda order: order.state == "sent" and before[order.id] not in BINDING_STATES)
        if sent:
            sent._check_can_send()
            sent._quotations_sent()
        if confirmed:
            confirmed._check_can_confirm()

    def _check_can_send(self):
        """Hook: raise a SalesOrderError naming the quotations of ``self`` that may not go to the customer, and what to do.

        Called for all that are sent together, on every door; keep to a constant number of queries.
        """

    def _quotations_sent(self):
        """Hook: the quotations of ``self`` go to the customer now, on whatever door; they may be sent.

        Called for all that are sent together, and again when a changed one is sent again.
        """

    def _check_can_confirm(self):
        """Hook: raise a SalesOrderError naming the orders of ``self`` that may not be confirmed, and what to do.

        Called after the state is written and before deliveries are made, for all confirmed together, on every door.
        """

    def _orders_confirmed(self):
        """Hook: the orders of ``self`` were just confirmed by :meth:`action_confirm`, their deliveries made."""
        self.filtered(lambda order: order._wins_opportunity()).opportunity_id.sudo()._set_won_by_orders()

    def _wins_opportunity(self):
        """Whether confirming this order wins its opportunity; hook for kinds that only lead to a sale."""
        self.ensure_one()
        return True

    def action_confirm(self):
        """Confirm each order once, whoever asks how often.

        An order that is confirmed already is left alone: a double click gets the same answer as the first
        click. Two users at once: the second waits for the first, then fails on serialization and is
        retried by the web layer, which finds the order confirmed. On confirmation the opportunity is won.
        """
        pending = self._lock_unconfirmed()
        if pending:
            with bulk_work(pending) as orders:
                orders = remembering(orders)
                super(SaleOrder, orders).action_confirm()
                orders._orders_confirmed()
        return True

    def _lock_unconfirmed(self):
        """Lock the rows of ``self`` in id order; return the orders that still need confirming.

        The winner writes the locked row itself, so that under REPEATABLE READ the lock alone makes the loser
        fail: no extra guard column is needed.
        """
        if self:
            self.flush(["state"])
            self.env.cr.execute("SELECT id FROM sale_order WHERE id IN %s ORDER BY id FOR UPDATE", [tuple(self.ids)])
        confirmed = {"sale"}
        if self.env.user.has_group("sale.group_auto_done_setting"):
            confirmed.add("done")
        return self.filtered(lambda order: order.state not in confirmed)

    def action_invoice_delivered(self):
        """Invoice what can be invoiced, one invoice per order; orders with nothing to invoice are left.

        The invoices are dated today and posted when the user may post entries; for others they stay drafts,
        undated, for finance.

        :rtype: account.move
        """
        billable = self.filtered(lambda order: order.invoice_status == "to invoice")
        if not billable:
            return self.env["account.move"]
        may_post = self.env.user.has_group("account.group_account_invoice")
        with bulk_work(billable) as orders:
            date = fields.Date.context_today(self) if may_post else None
            invoices = orders._create_invoices(grouped=True, date=date).with_env(orders.env)
            if is_bulk(orders):
                notes = []
                for move in invoices:  # no comprehension: in a job, _() finds the language by ``self``
                    notes.append(_("Created from %(order)s.", order=move.invoice_origin))
                post_notes(invoices, notes)
            if may_post:
                invoices.action_post()
        return invoices.with_env(self.env)

    def _create_invoices(self, grouped=False, final=False, date=None):
        """Odoo takes ``date`` and forgets it; here it dates the invoices.

        An invoice that is created with its date is not computed a second time when it is posted.
        """
        orders = self.with_context(crm_invoice_date=date) if date else self
        return super(SaleOrder, orders)._create_invoices(grouped=grouped, final=final, date=date)

    def _prepare_invoice(self):
        values = super()._prepare_invoice()
        if self.env.context.get("crm_invoice_date"):
            values["invoice_date"] = self.env.context["crm_invoice_date"]
        return values
