# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models


class SaleOrder(models.Model):
    """Margin of an order, and what of it is not known. Odoo shows it to whoever may read the order, customers included."""

    _inherit = "sale.order"

    margin = fields.Monetary(groups="crm_sales_order.group_margins")
    margin_percent = fields.Float(groups="crm_sales_order.group_margins")
    margin_state = fields.Selection(
        [("known", "Known"), ("partly", "Partly known"), ("unknown", "Unknown")],
        compute="_compute_margin_state",
        groups="crm_sales_order.group_margins",
    )
    margin_note = fields.Char(
        compute="_compute_margin_state", groups="crm_sales_order.group_margins", help="Which costs are missing."
    )
    price_version = fields.Integer(
        compute="_compute_price_version",
        store=True,
        copy=False,
        help="Grows with each change of what is offered: who changes it and who confirms it at once write the same row.",
    )

    def _auto_init(self):
        """Begins empty in an installed database."""
        self.env.cr.execute("ALTER TABLE sale_order ADD COLUMN IF NOT EXISTS price_version integer")
        return super()._auto_init()

    @api.depends("order_line.margin", "order_line.purchase_price", "amount_untaxed")
    def _compute_margin(self):
        """The share is of the net price of the lines whose cost is known.

        Not Odoo's query, which writes all lines first: the lines are at hand.
        """
        for order in self:
            order.margin = sum(order.order_line.mapped("margin"))
            costed = order.amount_untaxed - sum(order._get_uncosted_lines().mapped("price_subtotal"))
            order.margin_percent = order.margin / costed if costed else 0.0

    def _get_uncosted_lines(self):
        return self.order_line.filtered(lambda line: not line.cost_known)

    @api.depends("order_line.cost_known")
    @api.depends_context("lang")
    def _compute_margin_state(self):
        for order in self:
            costed = order.order_line.filtered(lambda line: line._is_costed())
            uncosted = order._get_uncosted_lines()
            order.margin_state = "known" if not uncosted else "partly" if costed - uncosted else "unknown"
            names = ", ".join(uncosted.product_id[:3].mapped("display_name")) + ("…" if len(uncosted.product_id) > 3 else "")
            order.margin_note = _("Without a cost: %s", names) if uncosted else False

    @api.depends(
        "order_line.price_unit",
        "order_line.discount",
        "order_line.product_id",
        "order_line.product_uom",
        "order_line.product_uom_qty",
        "order_line.tax_id",
    )
    def _compute_price_version(self):
        for order in self:
            order.price_version += 1
