# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.tools import formatLang

from ..exceptions import SalesOrderError
from .crm_approval_mixin import ApprovalReason

FREE_FLOWS = {"gift", "internal"}


class CrmOrderType(models.Model):
    _inherit = "crm.order.type"

    flow = fields.Selection(
        selection_add=[("gift", "Gift"), ("internal", "Internal Use")], ondelete={"gift": "cascade", "internal": "cascade"}
    )


class CrmApprovalTier(models.Model):
    _inherit = "crm.approval.tier"

    kind = fields.Selection(selection_add=[("gift", "Goods given away")], ondelete={"gift": "cascade"})


class SaleOrder(models.Model):
    """Goods given away or used by ourselves: no charge, no receivable; their cost is an expense of the type's account."""

    _inherit = "sale.order"

    free_cost = fields.Monetary(
        "Cost Given Away",
        compute="_compute_free_cost",
        store=True,
        currency_field="company_currency_id",
        groups="account.group_account_invoice,crm_core.group_executive,crm_core.group_sales_director",
        help="What the goods of a gift, or of internal use, cost us: booked as expense when they left.",
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")

    @api.model
    def _get_free_flows(self):
        return super()._get_free_flows() | FREE_FLOWS

    @api.depends(
        "order_line.move_ids.stock_valuation_layer_ids.value",
        "order_line.returning_line_ids.move_ids.stock_valuation_layer_ids.value",
        "flow",
    )
    def _compute_free_cost(self):
        for order in self:
            order.free_cost = -sum(order._get_given_moves().stock_valuation_layer_ids.mapped("value"))

    def _get_given_moves(self):
        """The moves of goods that left for nothing, and of what came back of them."""
        lines = self.filtered(lambda order: order.flow in FREE_FLOWS).order_line
        return (lines | lines.returning_line_ids).move_ids

    def _check_flow(self):
        super()._check_flow()
        for order in self.filtered(lambda order: order.flow in FREE_FLOWS):
            order.order_type_id._get_account("expense_account_id", order.company_id)
            own = order.partner_id.commercial_partner_id == order.company_id.partner_id
            if order.flow == "internal" and not own:
                raise SalesOrderError(
                    _(
                        "%(order)s is for internal use: choose %(company)s, or one of its addresses, as the customer.",
                        order=order.name,
                        company=order.company_id.name,
                    )
                )

    def _is_price_judged(self):
        """Gifts are judged by what they cost, not by their price."""
        return self.flow != "gift" and super()._is_price_judged()

    def _get_approval_reasons(self):
        reasons = super()._get_approval_reasons()
        gifts = self.filtered(lambda order: order.flow == "gift" and order.state != "cancel" and order.order_line)
        tiers = self.env["crm.approval.tier"]._get_tiers("sale.order") if gifts else ()
        for order in gifts:
            cost = order._get_gift_cost()
            text = _("Goods given away, worth %(cost)s", cost=formatLang(self.env, cost, currency_obj=order.company_currency_id))
            covering = [tier for tier in tiers if tier._covers("gift", order.company_id, amount=cost)]
            reasons.setdefault(order, []).extend(ApprovalReason(tier, text) for tier in covering)
        return reasons

    def _get_approval_facts(self):
        facts = super()._get_approval_facts()
        for order in self.filtered(lambda order: order.flow == "gift"):
            facts[order.id]["gift"] = round(order._get_gift_cost(), 2)
        return facts

    def _get_gift_cost(self):
        """What the goods on the order cost us, in the company's currency."""
        lines = self.order_line.filtered("product_id").with_company(self.company_id)
        return sum(line._to_product_unit(line.product_uom_qty) * line.product_id.standard_price for line in lines)

    def _get_flow_step(self):
        step, hint = super()._get_flow_step()
        if self.flow in FREE_FLOWS and self.state == "sale":
            return False, _("No charge, no invoice: when the goods have left, their cost is booked as expense.")
        return step, hint


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _get_expense_account(self):
        """The account that goods of this line are booked on at cost when they leave; empty when they are sold."""
        self.ensure_one()
        order = self.order_id
        if order.flow not in FREE_FLOWS:
            return self.env["account.account"]
        return order.order_type_id._get_account("expense_account_id", order.company_id)

    def _prepare_procurement_values(self, group_id=False):
        values = super()._prepare_procurement_values(group_id=group_id)
        if self.order_id.flow == "internal":
            values["used_by_ourselves"] = True
        return values


class ProcurementGroup(models.Model):
    _inherit = "procurement.group"

    @api.model
    def run(self, procurements, raise_user_error=True):
        """What we use ourselves leaves the stock like goods sold: Odoo would send it to the transit between warehouses."""
        if any(need.values.get("used_by_ourselves") for need in procurements):
            place = self.env.ref("stock.stock_location_customers")
            procurements = [
                need._replace(location_id=place) if need.values.get("used_by_ourselves") and need.location_id.usage == "transit" else need
                for need in procurements
            ]
        return super().run(procurements, raise_user_error=raise_user_error)
