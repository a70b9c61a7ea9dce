# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    peg_ids = fields.One2many("crm.purchase.peg", "sale_line_id", string="Purchases", readonly=True)
    supply_date = fields.Datetime(
        compute="_compute_supply_date",
        compute_sudo=True,
        string="Goods Expected",
        help="The latest date vendors promised for goods still on their way for this line.",
    )

    @api.depends("peg_ids.state", "peg_ids.date_planned")
    def _compute_supply_date(self):
        groups = self.env["crm.purchase.peg"].read_group(
            [("sale_line_id", "in", self.ids), ("state", "in", ("draft", "ordered"))],
            ["date_planned:max"],
            ["sale_line_id"],
        )
        dates = {group["sale_line_id"][0]: group["date_planned"] for group in groups}
        for line in self:
            line.supply_date = dates.get(line.id, False)

    def _buy_shortages(self):
        """Create the purchase orders for what these lines lack, and return them. See ``action_buy_shortages``."""
        plan = self.env["crm.purchase.plan"]
        products = self.sudo().product_id.filtered(lambda product: product.type == "product")
        self.env["crm.purchase.guard"]._acquire(products)
        shortages = plan._get_shortages(products, self)
        plan._check_sellers(shortages)
        purchases = self.env["purchase.order"]._create_for_shortages(shortages)
        dropped = self.browse([shortage.line.id for shortage in shortages if shortage.drop_ship])
        dropped.sudo()._cancel_warehouse_deliveries()
        return purchases

    def _cancel_warehouse_deliveries(self):
        """Take lines that a vendor ships out of the warehouse's open deliveries."""
        moves = self.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel") and move.location_id.usage == "internal"
        )
        moves._action_cancel()
