# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models


class SaleOrder(models.Model):
    """Advances: money invoiced before its goods. One order line of no quantity per combination of taxes carries them."""

    _inherit = "sale.order"

    def _get_advance_left(self):
        """Advances billed and not yet deducted, tax included."""
        return self.currency_id.round(sum(line._get_advance_left()[0] for line in self._get_advance_lines()))

    def _get_advance_lines(self):
        return self.sudo().order_line.filtered("is_downpayment")

    def _prepare_advance_lines(self, amount, part=None):
        """Invoice lines worth ``amount``, tax included: an advance, or when negative, its deduction.

        A deduction mirrors what was billed: of all that is left it is exact in base and tax.

        :returns: list of values; empty for 0
        """
        if not self.currency_id.round(amount):
            return []
        name = part.name if part and amount > 0 else _("Advance Payments Deducted")
        if amount > 0:
            lines = {self._get_advance_line(taxes): weight for taxes, weight in self._get_tax_weights().items()}
        else:
            lines = {line: line._get_advance_left()[0] for line in self._get_advance_lines()}
            lines = {line: left for line, left in lines.items() if left}
        if not lines:  # credited beyond the advances: nothing else is left to credit
            lines = {self._get_advance_line(taxes): weight for taxes, weight in self._get_tax_weights().items()}
        shares = self._spread(amount, lines)
        return [values for line, share in shares.items() if share for values in line._prepare_advances(share, name)]

    def _spread(self, amount, weights):
        """``amount`` over the keys in proportion to their weights; the last takes the rounding."""
        whole = sum(weights.values())
        result = {key: self.currency_id.round(amount * weight / whole) for key, weight in weights.items()}
        last = next(reversed(result))
        result[last] = self.currency_id.round(amount - sum(result.values()) + result[last])
        return result

    def _get_tax_weights(self):
        """What the goods of each combination of taxes are worth, tax included: {account.tax: amount}."""
        weights = {}
        for line in self.order_line.filtered(lambda line: line.price_total > 0):
            weights[line.tax_id] = weights.get(line.tax_id, 0.0) + line.price_total
        return weights or {self.env["account.tax"]: 1.0}

    def _get_advance_line(self, taxes):
        """The order line that carries the advances of ``taxes``; made when it is first needed."""
        line = self._get_advance_lines().filtered(lambda line: line.tax_id == taxes)[:1]
        return line or self.env["sale.order.line"].sudo().create(
            {
                "order_id": self.id,
                "is_downpayment": True,
                "product_id": self.env.ref("crm_sales_order.product_advance").id,
                "name": _("Advance Payments"),
                "product_uom_qty": 0.0,
                "price_unit": 0.0,
                "tax_id": [(6, 0, taxes.ids)],
                "sequence": max(self.order_line.mapped("sequence"), default=0) + 1,
            }
        )


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.depends("is_downpayment")
    def _get_to_invoice_qty(self):
        """Advances are deducted by their amount, not by quantity: with back orders a part at a time."""
        super()._get_to_invoice_qty()
        self.filtered(lambda line: line.is_downpayment and line.order_id.instalment_ids).qty_to_invoice = 0.0

    def _get_advance_left(self):
        """(tax included, price) of what was billed on this advance line and not yet deducted."""
        self.ensure_one()
        total = price = 0.0
        for item in self.invoice_lines.filtered(lambda item: item.move_id.state != "cancel"):
            sign = -1 if item.move_id.move_type == "out_refund" else 1
            total += sign * item.price_total
            price += sign * item.price_unit * item.quantity
        currency = self.order_id.currency_id
        return currency.round(total), currency.round(price)

    def _prepare_advances(self, amount, name):
        """Values of the invoice lines of this advance over ``amount``, tax included; negative deducts.

        All that is left is deducted line by line as it was billed, so that each tax comes out to the cent; when parts
        were deducted before, in one line.
        """
        self.ensure_one()
        total, price = self._get_advance_left()
        if amount > 0 or self.order_id.currency_id.compare_amounts(-amount, total):
            return [self._prepare_advance(amount, self._get_price_for(abs(amount)), name)]
        items = self.invoice_lines.filtered(lambda item: item.move_id.state != "cancel")
        if all(item.quantity > 0 and item.move_id.move_type == "out_invoice" for item in items):
            return [
                dict(
                    self._prepare_advance(-1.0, item.price_unit, _("Deducted: %(advance)s", advance=item.name)),
                    account_id=item.account_id.id,
                )
                for item in items
            ]
        return [self._prepare_advance(-1.0, price, name)]

    def _get_advance_account(self):
        """Where these advances wait: the type's account, unless Odoo's own down payment was booked elsewhere."""
        booked = self.invoice_lines.account_id
        if booked and not self.order_id.instalment_ids:
            return booked[0]
        return self.order_id.order_type_id._get_account("advance_account_id", self.order_id.company_id)

    def _prepare_advance(self, sign, price, name):
        """Values of an invoice line of this advance; negative ``sign`` deducts ``price``."""
        return {
            "name": name,
            "product_id": self.product_id.id,
            "product_uom_id": self.product_uom.id,
            "quantity": -1.0 if sign < 0 else 1.0,
            "price_unit": price,
            "tax_ids": [(6, 0, self.tax_id.ids)],
            "account_id": self._get_advance_account().id,
            "analytic_account_id": self.order_id.analytic_account_id.id,
            "sale_line_ids": [(4, self.id)],
            "sequence": 1000,
        }

    def _get_price_for(self, amount):
        """The price that is worth ``amount`` with this line's taxes, or the nearest to it."""
        currency = self.order_id.currency_id

        def get_total(price):
            return self.tax_id.compute_all(price, currency, 1.0, self.product_id, self.order_id.partner_shipping_id)["total_included"]

        price = currency.round(amount * amount / get_total(amount))
        prices = [price + step * currency.rounding for step in (0, -1, 1)]
        return min(prices, key=lambda price: abs(currency.round(get_total(price) - amount)))
