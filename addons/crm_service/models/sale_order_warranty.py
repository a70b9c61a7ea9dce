# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.tools import format_date

from ..exceptions import ServiceError


class SaleOrder(models.Model):
    """Warranty replacement: new goods free of charge, the old part back, the cost on the account of warranty."""

    _inherit = "sale.order"

    old_part_returns = fields.Boolean("Old Part Comes Back", default=True, help="The warehouse expects and checks it.")
    warranty_cost = fields.Monetary(
        compute="_compute_warranty_cost",
        compute_sudo=True,
        currency_field="company_currency_id",
        groups="account.group_account_invoice,crm_service.group_service_agent,crm_core.group_sales_director,crm_core.group_executive",
        help="What the replaced goods cost us: booked as an expense when they left.",
    )

    @api.model
    def _get_free_flows(self):
        return super()._get_free_flows() | {"warranty"}

    @api.depends("flow", "order_line.move_ids.state")
    def _compute_warranty_cost(self):
        for order in self:
            layers = order.order_line.move_ids.stock_valuation_layer_ids if order.flow == "warranty" else ()
            order.warranty_cost = -sum(layer.value for layer in layers)

    def _check_flow(self):
        super()._check_flow()
        for order in self.filtered(lambda order: order.flow == "warranty"):
            order.order_type_id._get_account("expense_account_id", order.company_id)
            if not order._is_in_warranty():
                raise ServiceError(
                    _("%(hint)s Press “Charge It”, or cancel the order.", hint=order._get_warranty_hint())
                )

    def _is_in_warranty(self):
        """Whether the warranty holds today; the day it ends is its last."""
        self.ensure_one()
        return self.asset_id.sudo().warranty_state == "in"

    def _get_warranty_hint(self):
        asset = self.asset_id.sudo()
        if not asset.warranty_until:
            return _("%(product)s has no warranty.", product=asset.name)
        day = format_date(self.env, asset.warranty_until)
        if self._is_in_warranty():
            return _("In warranty until %(date)s: free of charge.", date=day)
        return _("The warranty of %(product)s ended on %(date)s.", product=asset.name, date=day)

    def _get_flow_step(self):
        step, hint = super()._get_flow_step()
        if self.flow != "warranty" or not self.asset_id:
            return step, hint
        if self.state in ("draft", "sent"):
            return (False if self._is_in_warranty() else "charge"), self._get_warranty_hint()
        if self.state == "sale":
            return False, _("The replacement goes out free of charge; its cost is booked as warranty.")
        return step, hint

    @api.depends("asset_id.warranty_until")
    def _compute_flow_step(self):
        super()._compute_flow_step()

    def action_charge_parts(self):
        """Out of warranty: the same order as one for spare parts, at its price."""
        for order in self.filtered(lambda order: order.flow == "warranty"):
            order.order_type_id = order.env["crm.order.type"]._get_type("spare_parts", order.company_id)
            order.update_prices()
        return True

    def _flow_warranty_confirmed(self):
        for order in self.filtered("old_part_returns"):
            place = order.env["stock.location"]._get_custody_location(order.company_id, "check")
            for line in order.order_line.filtered(lambda line: line.product_id.type in ("product", "consu")):
                same = line.product_id == order.asset_id.sudo().product_id
                lot = order.asset_id.sudo().lot_id if same else None
                order._receive_from_customer(place, line.product_id, line._to_product_unit(line.product_uom_qty), lot)


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _get_expense_account(self):
        if self.order_id.flow == "warranty":
            return self.order_id.order_type_id._get_account("expense_account_id", self.order_id.company_id)
        return super()._get_expense_account()
