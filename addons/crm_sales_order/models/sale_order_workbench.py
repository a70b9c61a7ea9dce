# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models


class SaleOrder(models.Model):
    """Tiles of the workbench about orders. Contract: crm_core, crm_workbench_tile.py."""

    _inherit = "sale.order"

    def init(self):
        super().init()
        # the receivables of a rep on the workbench: orders with an open amount are few
        self.env.cr.execute("CREATE INDEX IF NOT EXISTS sale_order_amount_open_idx ON sale_order (user_id) WHERE amount_open > 0")

    @api.model
    def _workbench_receivables(self):
        """What customers still owe on the reader's orders, the oldest first."""
        workbench = self.env["crm.workbench"]
        domain = [("amount_open", ">", 0), ("state", "in", ["sale", "done"])]
        user = self.env.user
        if user._is_crm_limited() and not user._may_assign():
            domain += [("user_id", "=", user.id)]

        def describe(order):
            return {
                "title": order.partner_id.commercial_partner_id.name,
                "text": order.name,
                "amount": order.currency_id._convert(
                    order.amount_open, self.env.company.currency_id, self.env.company, order.date_order.date()
                ),
                "status": "late" if order.amount_overdue else False,
            }

        tile = workbench._list(self, domain, describe, order="date_order, id")
        late = any(row["status"] for row in tile["rows"])
        note = _("%d orders", tile["value"]) if tile["value"] else False
        total = workbench._sum(self, domain, "amount_open", "currency_id")
        return dict(tile, value=total, unit="money", note=note, status="late" if late else False)

    @api.model
    def _workbench_to_bill(self):
        """Delivered or ordered, and not yet invoiced."""

        def describe(order):
            return {"title": order.partner_id.commercial_partner_id.name, "text": order.name, "date": order.date_order.date()}

        return self.env["crm.workbench"]._list(self, [("invoice_status", "=", "to invoice")], describe, order="date_order, id")
