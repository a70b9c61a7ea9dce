# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

from ..exceptions import InstalmentError
from .sale_order import CONFIRMED_STATES


class SaleOrderInstalment(models.Model):
    _inherit = "sale.order.instalment"

    def action_invoice(self):
        """Invoice what is due of the instalments of ``self``; posted when the user may post entries.

        :rtype: dict, the action that shows the invoices
        """
        not_due = self.filtered(lambda part: not part._get_claim())
        if not_due:
            raise InstalmentError(_("Nothing to invoice now for %(names)s.", names=", ".join(not_due.mapped("name"))))
        invoices = self.env["account.move"]
        for order in self.order_id:
            invoices |= order._create_instalment_invoices(self & order.instalment_ids)
        if self.env.user.has_group("account.group_account_invoice"):
            invoices.action_post()
        return self.order_id.action_view_invoice()


class SaleOrder(models.Model):
    """Invoices of orders that are paid by instalments.

    An instalment's invoice is worth what is due of it, to the cent. While another one is still to be invoiced, it is an
    advance; the last invoices the goods and deducts the advances. Goods that can be invoiced only later are an advance
    in the last invoice, too, and are settled by an invoice over nothing. Only what was billed is ever deducted, and
    never more than the goods on the invoice are worth: no invoice turns into a credit note. When the order shrinks below
    what is billed, the rest is credited (sale_order_instalment_credit.py).
    """

    _inherit = "sale.order"

    @api.depends("instalment_ids.state", "instalment_ids.amount", "instalment_ids.amount_invoiced")
    def _get_invoice_status(self):
        super()._get_invoice_status()
        for order in self.filtered(lambda order: order.state in CONFIRMED_STATES and order.instalment_ids):
            order.invoice_status = order._get_instalment_status()

    def _get_instalment_status(self):
        self.ensure_one()
        goods = self._get_lines_to_invoice()
        waiting = self.instalment_ids.filtered(lambda part: part.state == "waiting")
        if any(part.state == "due" for part in self.instalment_ids) or self._get_over_billed():
            return "to invoice"
        if goods and (not waiting or "invoicing" in waiting.mapped("trigger")):
            return "to invoice"
        return "no" if waiting or any(line.qty_to_deliver > 0 for line in self.order_line) else "invoiced"

    def _get_lines_to_invoice(self):
        return self.order_line.filtered(lambda line: not line.display_type and not line.is_downpayment and line.qty_to_invoice > 0)

    def _create_invoices(self, grouped=False, final=False, date=None):
        """Orders with instalments are invoiced by them, whatever the door.

        So are final invoices after a down payment of Odoo's own: Odoo deducts all of it at once, and makes a credit note
        of the first back order.
        """
        own = self.filtered(lambda order: order.instalment_ids or final and order._get_advance_left() > 0)
        if not own:
            return super()._create_invoices(grouped=grouped, final=final, date=date)
        invoices = self.env["account.move"]
        for order in own.with_context(crm_invoice_date=date):
            invoices |= order._create_instalment_invoices()
        rest = self - own
        if rest:
            invoices |= super(SaleOrder, rest)._create_invoices(grouped=grouped, final=final, date=date)
        return invoices.with_env(self.env)

    def _create_instalment_invoices(self, parts=None):
        """One invoice for each instalment that is due; raises when there is none.

        :param parts: only these; default: all, and goods that advances have paid already
        """
        self.ensure_one()
        self._check_may_invoice()
        self._lock_instalments()
        if parts is None:
            self._reach_invoicing()
        claims = {part: part._get_claim() for part in (self.instalment_ids if parts is None else parts)}
        invoices = self.env["account.move"]
        for part, amount in claims.items():
            if amount > 0:
                invoices |= self._create_instalment_invoice(amount, part)
        if parts is None:
            invoices |= self._create_instalment_credits()
        if parts is None and not invoices and self._is_billed_without() and self._get_lines_to_invoice():
            invoices = self._create_instalment_invoice(0.0)
        if not invoices and not self.instalment_ids:
            raise self._nothing_to_invoice_error()
        if not invoices:
            raise InstalmentError(_("No instalment of %(order)s is due: each waits for its trigger.", order=self.name))
        return invoices

    def _check_may_invoice(self):
        """As for other invoices: who may change the order may have it invoiced."""
        if self.state not in CONFIRMED_STATES:
            raise InstalmentError(_("Confirm %(order)s first: a quotation is not invoiced.", order=self.name))
        if not self.env["account.move"].check_access_rights("create", False):
            self.check_access_rights("write")
            self.check_access_rule("write")

    def _lock_instalments(self):
        """Two users at once: the second waits, then fails on serialization, as the invoice changes these rows."""
        self.instalment_ids.flush()
        self.env.cr.execute("SELECT id FROM sale_order_instalment WHERE order_id = %s ORDER BY id FOR UPDATE", [self.id])

    def _reach_invoicing(self):
        """Invoicing the goods makes these instalments due, to the goods' share of the order's value."""
        parts = self.instalment_ids.filtered(lambda part: part.trigger == "invoicing" and part.share_reached < 1)
        if parts and self.amount_total:
            lines = self.order_line.filtered(lambda line: line.product_uom_qty)
            value = sum(line.price_total * (line.qty_to_invoice + line.qty_invoiced) / line.product_uom_qty for line in lines)
            parts._reach(min(round(value / self.amount_total, 6), 1.0))

    def _is_billed_without(self, part=None):
        """All other instalments are fully invoiced."""
        compare = self.currency_id.compare_amounts
        return all(compare(other.amount_invoiced, other.amount) >= 0 for other in self.instalment_ids if other != part)

    def _create_instalment_invoice(self, amount, part=None):
        """An invoice over ``amount``, tax included, a credit note when it is below 0.

        Without instalment: goods that advances have paid already.
        """
        order = self.with_company(self.company_id)
        goods, lines = order._prepare_goods_lines() if order._is_billed_without(part) else (0.0, [])
        target = amount if amount < 0 else max(amount, goods - order._get_advance_left())
        lines += order._prepare_advance_lines(target - goods, part)
        values = order._prepare_instalment_invoice(part)
        if amount < 0:
            values["move_type"] = "out_refund"
            lines = [dict(line, quantity=-line["quantity"]) for line in lines]
        values["invoice_line_ids"] = [(0, 0, line) for line in lines]
        invoice = self.env["account.move"].sudo().with_context(default_move_type=values["move_type"]).create(values)
        order._round_to(invoice, abs(target))
        invoice.message_post_with_view(
            "mail.message_origin_link",
            values={"self": invoice, "origin": self},
            subtype_id=self.env.ref("mail.mt_note").id,
        )
        return invoice.with_env(self.env)

    def _prepare_instalment_invoice(self, part):
        values = self._prepare_invoice()
        if part:
            values.update(instalment_id=part.id, invoice_payment_term_id=False, invoice_date_due=part.date_due)
        return values

    def _round_to(self, invoice, target):
        """A cent that no price makes up with its tax is a line of its own, so that the sums hold."""
        cents = self.currency_id.round(target - invoice.amount_total)
        if cents:
            values = self._get_advance_line(self.env["account.tax"])._prepare_advance(cents, abs(cents), _("Rounding"))
            del values["account_id"]  # no advance: the product's income account
            invoice.write({"invoice_line_ids": [(0, 0, values)]})


class SaleAdvancePaymentInv(models.TransientModel):
    _inherit = "sale.advance.payment.inv"

    def create_invoices(self):
        """A down payment beside the instalments would be billed on top of them."""
        orders = self.env["sale.order"].browse(self.env.context.get("active_ids", []))
        planned = orders.filtered("instalment_ids")
        if planned and self.advance_payment_method != "delivered":
            raise InstalmentError(
                _(
                    "%(orders)s is paid by instalments: choose “Regular invoice”, it invoices what is due.",
                    orders=", ".join(planned.mapped("name")),
                )
            )
        return super().create_invoices()
