# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import _, api, fields, models

from ..exceptions import ProcurementError

#: From the least to the most advanced: an order is as far as its slowest purchase.
PROGRESS = ("draft", "ordered", "received", "delivered")


class SaleOrder(models.Model):
    _inherit = "sale.order"

    peg_ids = fields.One2many("crm.purchase.peg", "sale_order_id", string="Purchases", readonly=True)
    procurement_state = fields.Selection(
        [("draft", "Requested"), ("ordered", "Confirmed"), ("received", "Received"), ("delivered", "Delivered")],
        compute="_compute_procurement",
        compute_sudo=True,
        string="Purchase Progress",
        help="How far the slowest purchase for this order is.",
    )
    supply_date = fields.Datetime(
        compute="_compute_procurement",
        compute_sudo=True,
        string="Goods Expected",
        help="The latest date vendors promised for goods still on their way.",
    )

    @api.depends("peg_ids.state", "peg_ids.date_planned")
    def _compute_procurement(self):
        Peg = self.env["crm.purchase.peg"]
        domain = [("sale_order_id", "in", self.ids), ("state", "!=", "cancel")]
        states, dates = {}, {}
        for group in Peg.read_group(domain, ["date_planned:max"], ["sale_order_id", "state"], lazy=False):
            order_id, state = group["sale_order_id"][0], group["state"]
            states.setdefault(order_id, set()).add(state)
            if state in ("draft", "ordered"):
                dates.setdefault(order_id, []).append(group["date_planned"])
        for order in self:
            order.procurement_state = min(states.get(order.id, ()), key=PROGRESS.index, default=False)
            order.supply_date = max(filter(None, dates.get(order.id, ())), default=False)

    @api.returns("purchase.order", lambda orders: orders.ids)
    def action_buy_shortages(self):
        """Buy what the deliveries of these confirmed orders lack; all or nothing.

        Goods on hand and on their way count first, in order of urgency over all orders. What is still missing
        is bought from each product's preferred vendor, pegged to the sale lines: one purchase order per vendor
        and warehouse, or one per sales order where the vendor drop-ships. A second call buys nothing more, also
        when two users press the button at once. Needs the right to create purchase orders.

        :return: the requests for quotation these orders now wait for
        :raise ProcurementError: an order is not confirmed or another company's, or a product has no vendor
        """
        self.env["purchase.order"].check_access_rights("create")
        orders = self.sudo()
        if not self.env.su and orders.company_id - self.env.companies:
            raise ProcurementError(_("These orders are another company's. Choose it at the top right first."))
        if any(order.state not in ("sale", "done") for order in orders):
            raise ProcurementError(_("Confirm the orders before you buy for them."))
        orders.order_line._buy_shortages()
        return self.env["purchase.order"].browse(
            orders.peg_ids.filtered(lambda peg: peg.state == "draft").purchase_order_id.ids
        )

    def action_view_pegs(self):
        """Open what was bought for these orders."""
        action = self.env["ir.actions.actions"]._for_xml_id("crm_procurement.crm_purchase_peg_action")
        action["domain"] = [("sale_order_id", "in", self.ids)]
        action["context"] = {}
        return action

    def _get_purchase_orders(self):
        return super()._get_purchase_orders() | self.order_line.peg_ids.purchase_order_id

    @api.depends("peg_ids")
    def _compute_purchase_order_count(self):
        # Odoo 14 counts the orders of the whole recordset on every one of them
        for order in self:
            super(SaleOrder, order)._compute_purchase_order_count()

    def _activity_cancel_on_purchase(self):
        """Tell the buyers about stock bought for cancelled sales, as Odoo does for purchases of one sale line."""
        super()._activity_cancel_on_purchase()
        pegs = self.peg_ids.filtered(lambda peg: not peg.purchase_line_id.sale_line_id)
        lines_by_purchase = defaultdict(lambda: self.env["sale.order.line"])
        for peg in pegs:
            lines_by_purchase[peg.purchase_order_id] |= peg.sale_line_id
        for purchase, lines in lines_by_purchase.items():
            if purchase.state == "cancel" or purchase.is_shipped:
                continue
            purchase._activity_schedule_with_view(
                "mail.mail_activity_data_warning",
                user_id=purchase.user_id.id or self.env.uid,
                views_or_xmlid="sale_purchase.exception_purchase_on_sale_cancellation",
                render_context={"sale_orders": lines.order_id, "sale_order_lines": lines},
            )
