# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.tools import float_compare

from ..models.sale_order_line_pricing import PRICEABLE_STATES


class CrmPriceUpdate(models.TransientModel):
    """Old and new price of each line of a quotation, before anything changes."""

    _name = "crm.price.update"
    _description = "Update Prices"

    order_id = fields.Many2one("sale.order", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="order_id.currency_id")
    line_ids = fields.One2many("crm.price.update.line", "update_id", readonly=True)
    changed_count = fields.Integer(compute="_compute_amounts")
    amount_before = fields.Monetary(string="Now", compute="_compute_amounts")
    amount_after = fields.Monetary(string="After", compute="_compute_amounts")

    @api.depends("line_ids")
    def _compute_amounts(self):
        for update in self:
            update.changed_count = len(update.line_ids.filtered("is_changed"))
            update.amount_before = sum(line.price_before * line.quantity for line in update.line_ids)
            update.amount_after = sum(line.price_after * line.quantity for line in update.line_ids)

    @api.model
    def default_get(self, fields_list):
        """The lines of the quotation, as the user may see it."""
        values = super().default_get(fields_list)
        order = self.env["sale.order"].browse(values.get("order_id") or ())
        if order and order.state in PRICEABLE_STATES:
            order.check_access_rule("write")
            lines = order.order_line.filtered(lambda line: line._takes_price_rules())
            prices = lines._compute_prices(fields.Datetime.now())
            values["line_ids"] = [(0, 0, self._prepare_line(line, prices[line])) for line in lines]
        return values

    @api.model
    def _prepare_line(self, line, price):
        before = line.price_unit * (1 - line.discount / 100.0)
        return {
            "product_id": line.product_id.id,
            "quantity": line.product_uom_qty,
            "pinned": line.price_pinned,
            "price_before": before,
            "price_after": before if line.price_pinned else price.net,
            "is_changed": not line.price_pinned and bool(float_compare(before, price.net, precision_digits=2)),
        }

    def action_update(self):
        self.ensure_one()
        self.order_id.update_prices()
        return {"type": "ir.actions.act_window_close"}


class CrmPriceUpdateLine(models.TransientModel):
    """One line of the comparison."""

    _name = "crm.price.update.line"
    _description = "Price Before and After"

    update_id = fields.Many2one("crm.price.update", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="update_id.currency_id")
    product_id = fields.Many2one("product.product", readonly=True)
    quantity = fields.Float(digits="Product Unit of Measure", readonly=True)
    pinned = fields.Boolean("Set by Hand", readonly=True)
    price_before = fields.Float("Now", digits="Product Price", readonly=True)
    price_after = fields.Float("After", digits="Product Price", readonly=True)
    is_changed = fields.Boolean(readonly=True)
