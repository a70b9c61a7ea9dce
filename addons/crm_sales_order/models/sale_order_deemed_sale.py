# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import SalesOrderError
from .sale_order_free import FREE_FLOWS

#: The profit the tax office adds to the cost of goods that have no price
COST_MARKUP = 0.10


class CrmOrderType(models.Model):
    _inherit = "crm.order.type"

    deemed_sale = fields.Selection(
        [("none", "None"), ("price", "On the Sales Price"), ("cost", "On the Cost plus 10 %")],
        "Output VAT",
        default="none",
        required=True,
        help="Goods given away, or used for staff, are taxed like a sale: on their price, or on cost plus 10 % when they have "
        "none. The VAT is booked as an expense when they leave, and taken back when they return.",
    )


class SaleOrder(models.Model):
    """Goods given away count as sold for VAT: who gives owes the output VAT, though nobody pays for them."""

    _inherit = "sale.order"

    deemed_vat = fields.Monetary(
        "Output VAT",
        compute="_compute_deemed_vat",
        compute_sudo=True,
        currency_field="company_currency_id",
        groups="account.group_account_invoice,crm_core.group_executive,crm_core.group_sales_director",
        help="What was booked as VAT on goods that left for nothing.",
    )

    @api.depends("flow", "order_line.move_ids.state", "order_line.returning_line_ids.move_ids.state")
    def _compute_deemed_vat(self):
        for order in self:
            items = order._get_given_moves().account_move_ids.line_ids
            order.deemed_vat = -sum(item.balance for item in items if item.tax_repartition_line_id and item.parent_state == "posted")

    def _check_flow(self):
        super()._check_flow()
        for order in self.filtered(lambda order: order.flow in FREE_FLOWS and order.order_type_id.deemed_sale != "none"):
            shares = order.order_line.tax_id.sudo().invoice_repartition_line_ids
            lacking = shares.filtered(lambda share: share.repartition_type == "tax" and share.factor_percent and not share.account_id)
            if lacking:
                raise SalesOrderError(
                    _(
                        "%(order)s: the tax %(taxes)s has no account to book its VAT on. Finance sets it on the tax, or sets "
                        "“Output VAT” of the order type to “None”.",
                        order=order.name,
                        taxes=", ".join(lacking.invoice_tax_id.mapped("name")),
                    )
                )


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    deemed_unit = fields.Float(
        "Taxable Value", digits=0, readonly=True, copy=False, help="Of one piece, without tax, as it was when the first one left."
    )

    def _get_deemed_unit(self):
        """What one piece (product's unit) is taxed on, in the company's currency; the same until the last one returns."""
        self.ensure_one()
        if not self.deemed_unit:
            self.deemed_unit = self._get_taxable_price() or self._get_taxable_cost()
        return self.deemed_unit

    def _get_taxable_price(self):
        order, product = self.order_id, self.product_id
        if order.order_type_id.deemed_sale != "price":
            return 0.0
        quantity = self._to_product_unit(self.product_uom_qty) or 1.0
        price = order.pricelist_id.with_context(uom=product.uom_id.id).get_product_price(
            product, quantity, order.partner_id, date=order.date_order, uom_id=product.uom_id.id
        )
        currency = order.company_id.currency_id
        price = order.pricelist_id.currency_id._convert(price, currency, order.company_id, order.date_order, round=False)
        return self.tax_id.with_context(round=False).compute_all(price, currency=currency, product=product)["total_excluded"]

    def _get_taxable_cost(self):
        return self.product_id.with_company(self.company_id).standard_price * (1.0 + COST_MARKUP)


class StockMove(models.Model):
    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        values = []
        for move in moves.sudo().filtered("sale_line_id"):
            values += move._prepare_deemed_sales()
        if values:
            self.env["account.move"].sudo().create(values)._post(soft=False)
        return moves

    def _prepare_deemed_sales(self):
        """Values of the entry for the output VAT on goods that leave for nothing, or come back from there; none for others."""
        self.ensure_one()
        line, company = self._get_given_line(), self.company_id
        order = line.order_id
        leaves = self.location_dest_id.usage == "customer"
        if order.flow not in FREE_FLOWS or order.order_type_id.deemed_sale == "none" or leaves == (self.location_id.usage == "customer"):
            return []
        taxes = line.tax_id.compute_all(
            line._get_deemed_unit(),
            currency=company.currency_id,
            quantity=self.product_qty,
            product=self.product_id,
            partner=order.partner_id,
            is_refund=not leaves,
            handle_price_include=False,
        )["taxes"]
        taxes = [tax for tax in taxes if tax["account_id"] and not company.currency_id.is_zero(tax["amount"])]
        if not taxes:
            return []
        name = _("%(order)s: output VAT, %(product)s", order=order.name, product=self.product_id.display_name)
        sign = -1 if leaves else 1
        total = sum(tax["amount"] for tax in taxes)
        items = [self._prepare_entry_item(line._get_expense_account(), -sign * total, name)]
        for tax in taxes:
            items.append(
                {
                    **self._prepare_entry_item(self.env["account.account"].browse(tax["account_id"]), sign * tax["amount"], name),
                    "tax_repartition_line_id": tax["tax_repartition_line_id"],
                    "tax_base_amount": tax["base"],
                    "tax_tag_ids": [(6, 0, tax["tag_ids"])],
                }
            )
        return [self._prepare_entry(items, name)]
