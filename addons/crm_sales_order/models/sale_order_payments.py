# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class SaleOrder(models.Model):
    """Who paid when, on the order: what its invoices have received, without accounting rights."""

    _inherit = "sale.order"

    payment_ids = fields.Many2many(
        "crm.collection.report",
        string="Payments",
        compute="_compute_payment_ids",
        groups="crm_core.group_sales_rep,crm_sales_order.group_finance,crm_core.group_executive",
        help="Money received for the invoices of this order, the last first. An invoice over several orders shows on each.",
    )

    @api.depends("amount_collected")
    def _compute_payment_ids(self):
        """Two queries for all; the report's record rules apply."""
        invoices = self.sudo().order_line.invoice_lines.move_id
        found = {}
        for row in self.env["crm.collection.report"].search([("invoice_id", "in", invoices.ids)]):
            found.setdefault(row.invoice_id.id, []).append(row.id)
        for order in self:
            ids = order.sudo().order_line.invoice_lines.move_id.ids
            order.payment_ids = [(6, 0, [row_id for invoice_id in ids for row_id in found.get(invoice_id, [])])]
