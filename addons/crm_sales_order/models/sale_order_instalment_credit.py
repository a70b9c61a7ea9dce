# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models
from odoo.tools import float_is_zero, formatLang

from .sale_order import CONFIRMED_STATES


class SaleOrder(models.Model):
    """Orders that became smaller than what is billed of them, and orders whose price changed after they were billed."""

    _inherit = "sale.order"

    def _get_over_billed(self):
        """What is billed beyond the instalments, drafts included: {instalment: amount}; empty for most orders."""
        self.ensure_one()
        compare = self.currency_id.compare_amounts
        over = {part: part.amount_invoiced - part.amount for part in self.instalment_ids.sorted(lambda part: (part.sequence, part.id))}
        if not any(compare(amount, 0.0) > 0 for amount in over.values()):
            return {}
        lines = self.sudo().order_line
        left = sum(line._get_billed() for line in lines) - self.amount_total - sum(line._get_value_beyond() for line in lines)
        result = {}
        for part, amount in reversed(list(over.items())):
            amount = self.currency_id.round(min(amount, left))
            if compare(amount, 0.0) > 0:
                result[part] = amount
                left -= amount
        return result

    def _create_instalment_credits(self):
        """A credit note for each instalment that is billed beyond what is left of it; for other orders, for goods returned."""
        notes = self.env["account.move"]
        if not self.instalment_ids:
            goods, _lines = self._prepare_goods_lines()
            return self._create_instalment_invoice(goods) if self.currency_id.compare_amounts(goods, 0.0) < 0 else notes
        for part, amount in self._get_over_billed().items():
            notes |= self._create_instalment_invoice(-amount, part)
        return notes

    def _prepare_goods_lines(self):
        """All goods that can be invoiced or are to be credited, and prices that changed since they were invoiced.

        :returns: (their value, tax included; values of invoice lines, what is credited with a negative quantity)
        """
        goods = self.order_line.filtered(lambda line: not (line.display_type or line.is_downpayment))
        total, values = 0.0, []
        for line in goods.filtered("qty_to_invoice"):
            total += line._get_total_for(line.qty_to_invoice)
            values.append(line._prepare_invoice_line(sequence=len(values) + 1))
        for line in goods if self.instalment_ids else ():
            change, corrections = line._prepare_price_correction()
            total += change
            values += corrections
        return self.currency_id.round(total), values

    def _get_flow_step(self):
        step, hint = super()._get_flow_step()
        over = self._get_over_billed() if self.state in CONFIRMED_STATES else {}
        if over and step in (False, "invoice_instalment"):
            amount = formatLang(self.env, sum(over.values()), currency_obj=self.currency_id)
            return "invoice_instalment", _("%(amount)s more is invoiced than is left of the order: credit it.", amount=amount)
        return step, hint

    def _create_invoices(self, grouped=False, final=False, date=None):
        """Goods that came back are credited by the next invoice, or by a credit note."""
        returned = self.filtered(lambda order: not order.instalment_ids and any(order.order_line.mapped("qty_returned")))
        if final or not returned:
            return super()._create_invoices(grouped=grouped, final=final, date=date)
        moves = super(SaleOrder, returned)._create_invoices(grouped=grouped, final=True, date=date)
        rest = self - returned
        if rest:
            moves |= super(SaleOrder, rest)._create_invoices(grouped=grouped, final=final, date=date)
        return moves


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _get_billed(self):
        """What invoices less credit notes bill of this line, tax included, drafts included."""
        items = self.invoice_lines.filtered(lambda item: item.move_id.state != "cancel")
        return sum(item.price_total * (-1 if item.move_id.move_type == "out_refund" else 1) for item in items)

    def _get_value_beyond(self):
        """What is or will be billed of this line beyond what was ordered: delivered beyond the order."""
        self.ensure_one()
        beyond = self.qty_invoiced + self.qty_to_invoice - self.product_uom_qty
        if self.is_downpayment or self.display_type or self.product_uom_qty < 0 or beyond <= 0:
            return 0.0
        return self._get_total_for(beyond)

    def _get_total_for(self, quantity):
        """What ``quantity`` of this line is worth, tax included, as an invoice will compute it."""
        self.ensure_one()
        price = self.price_unit * (1 - (self.discount or 0.0) / 100.0)
        order = self.order_id
        taxes = self.tax_id.compute_all(price, order.currency_id, quantity, self.product_id, order.partner_shipping_id)
        return taxes["total_included"]

    def _prepare_price_correction(self):
        """The price changed after this line was invoiced: take back all of it at the old price, invoice it at the new.

        :returns: (difference, values of the two invoice lines); (0, []) when the price is the one invoiced
        """
        self.ensure_one()
        quantity = self.qty_invoiced
        if float_is_zero(quantity, precision_rounding=self.product_uom.rounding):
            return 0.0, []
        currency = self.order_id.currency_id
        items = self.sudo().invoice_lines.filtered(lambda item: item.move_id.state != "cancel")
        change = currency.round(self._get_total_for(quantity) - self._get_billed())
        if abs(change) <= currency.rounding * len(items) + 1e-9:
            return 0.0, []
        signs = [-1 if item.move_id.move_type == "out_refund" else 1 for item in items]
        paid = sum(sign * item.quantity * item.price_unit * (1 - item.discount / 100.0) for sign, item in zip(signs, items))
        old = self._prepare_invoice_line(
            quantity=-quantity, price_unit=paid / quantity, discount=0.0, name=_("%(name)s: price as invoiced", name=self.name)
        )
        new = self._prepare_invoice_line(quantity=quantity, name=_("%(name)s: price as agreed now", name=self.name))
        return change, [old, new]
