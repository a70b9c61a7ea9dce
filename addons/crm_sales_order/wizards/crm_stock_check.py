# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models


class CrmStockCheck(models.TransientModel):
    """What there is of an order line's product, and what can be done when it is not enough."""

    _name = "crm.stock.check"
    _description = "Availability"
    _rec_name = "product_id"

    line_id = fields.Many2one("sale.order.line", required=True, readonly=True, ondelete="cascade")
    order_id = fields.Many2one(related="line_id.order_id")
    product_id = fields.Many2one(related="line_id.product_id")
    product_uom_qty = fields.Float(related="line_id.product_uom_qty")
    product_uom = fields.Many2one(related="line_id.product_uom")
    warehouse_id = fields.Many2one(related="line_id.order_id.warehouse_id")
    stock_state = fields.Selection(related="line_id.stock_state")
    short_qty = fields.Float(related="line_id.short_qty")
    promised_date = fields.Datetime(related="line_id.promised_date")
    free_qty_today = fields.Float(related="line_id.free_qty_today")
    free_at_date = fields.Float(related="line_id.free_at_date")
    incoming_qty = fields.Float(related="line_id.incoming_qty")
    incoming_date = fields.Datetime(related="line_id.incoming_date")
    elsewhere_qty = fields.Float(related="line_id.elsewhere_qty")
    commitment_date = fields.Datetime(related="line_id.order_id.commitment_date", string="Wanted by the Customer")
    offer_ids = fields.One2many("crm.stock.offer", "check_id", "What you can do", readonly=True)

    @api.model
    def _open(self, line):
        """The dialog about one order line; its offers are those of now."""
        check = self.sudo().create({"line_id": line.id, "offer_ids": [(0, 0, offer) for offer in line._get_offers()]})
        return {
            "type": "ir.actions.act_window",
            "name": _("Availability"),
            "res_model": self._name,
            "res_id": check.id,
            "view_mode": "form",
            "target": "new",
        }


class CrmStockOffer(models.TransientModel):
    """One way out of a shortage. Made by the system, so what it says holds for whoever takes it."""

    _name = "crm.stock.offer"
    _description = "Way out of a Shortage"
    _order = "id"
    _rec_name = "title"

    check_id = fields.Many2one("crm.stock.check", required=True, readonly=True, ondelete="cascade")
    kind = fields.Selection(
        [
            ("wait", "Wait"),
            ("transfer", "Transfer"),
            ("substitute", "Replace"),
            ("open", "Sell without a date"),
        ],
        required=True,
        readonly=True,
    )
    title = fields.Char(required=True, readonly=True)
    note = fields.Char(readonly=True)
    date = fields.Datetime(readonly=True)
    warehouse_id = fields.Many2one("stock.warehouse", readonly=True, ondelete="cascade")
    product_id = fields.Many2one("product.product", readonly=True, ondelete="cascade")
    quantity = fields.Float(readonly=True, digits="Product Unit of Measure")

    def action_take(self):
        """Do what the offer says, as the user: who may not change the order may not decide either."""
        self.ensure_one()
        self.check_access_rule("read")
        line = self.sudo().check_id.line_id.with_env(self.env)
        line._check_decide()
        getattr(self, "_take_" + self.kind)(line)
        return {"type": "ir.actions.act_window_close"}

    def _take_wait(self, line):
        line._wait_until(self.date)

    def _take_transfer(self, line):
        line._transfer_from(self.warehouse_id, self.quantity)

    def _take_substitute(self, line):
        line._replace_product(self.product_id, self.quantity)

    def _take_open(self, line):
        line.shortage_choice = "open"
