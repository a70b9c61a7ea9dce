# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.tools import float_compare

from ..exceptions import SalesOrderError


class CrmGoodsCheck(models.TransientModel):
    """Returned goods were looked at: good ones go back to stock, the others are scrapped."""

    _name = "crm.goods.check"
    _description = "Check of Returned Goods"

    picking_id = fields.Many2one("stock.picking", "Receipt", required=True, readonly=True, ondelete="cascade")
    line_ids = fields.One2many("crm.goods.check.line", "check_id", string="Goods")

    @api.model_create_multi
    def create(self, vals_list):
        checks = super().create(vals_list)
        for check in checks:
            check.picking_id.check_access_rule("write")
            details = check.picking_id.move_line_ids.filtered(lambda detail: detail._get_unchecked_qty() > 0)
            check.line_ids = [
                (0, 0, {"move_line_id": detail.id, "restock_qty": 0.0 if detail.owner_id else detail._get_unchecked_qty()})
                for detail in details
            ]
        return checks

    def action_apply(self):
        """Restock and scrap as entered; what is neither stays to be checked."""
        self.ensure_one()
        picking = self.picking_id
        picking.check_access_rights("write")
        picking.check_access_rule("write")
        # two who check the same receipt at once: the later one is retried and finds the goods gone
        picking.flush()
        self.env.cr.execute("UPDATE stock_picking SET id = id WHERE id = %s", [picking.id])
        lines = self.line_ids.filtered(lambda line: line.restock_qty or line.scrap_qty)
        if not lines:
            raise SalesOrderError(_("Enter how many pieces go back to stock and how many are scrapped."))
        for line in lines:
            line._check_quantities()
        lines._restock()
        lines._scrap()
        for line in lines:
            line.move_line_id.sudo().checked_qty += line.restock_qty + line.scrap_qty
        return {"type": "ir.actions.act_window_close"}


class CrmGoodsCheckLine(models.TransientModel):
    _name = "crm.goods.check.line"
    _description = "Check of Returned Goods, One Product"

    check_id = fields.Many2one("crm.goods.check", required=True, ondelete="cascade")
    move_line_id = fields.Many2one("stock.move.line", required=True, readonly=True, ondelete="cascade")
    product_id = fields.Many2one(related="move_line_id.product_id")
    lot_id = fields.Many2one(related="move_line_id.lot_id")
    quantity = fields.Float("Received", compute="_compute_quantity", digits="Product Unit of Measure")
    restock_qty = fields.Float("Back to Stock", digits="Product Unit of Measure")
    scrap_qty = fields.Float("Scrap", digits="Product Unit of Measure")

    @api.depends("move_line_id")
    def _compute_quantity(self):
        for line in self:
            line.quantity = line.move_line_id._get_unchecked_qty()

    @api.onchange("restock_qty")
    def _onchange_restock_qty(self):
        self.scrap_qty = max(self.quantity - self.restock_qty, 0.0)

    def _check_quantities(self):
        self.ensure_one()
        name = self.product_id.display_name
        if self.move_line_id.picking_id != self.check_id.picking_id:
            raise SalesOrderError(_("%(product)s did not come with this receipt.", product=name))
        total = self.restock_qty + self.scrap_qty
        if min(self.restock_qty, self.scrap_qty) < 0 or float_compare(total, self.quantity, precision_digits=3) > 0:
            raise SalesOrderError(
                _(
                    "%(product)s: back to stock and scrap may not be below 0, and together not above %(received)s.",
                    product=name,
                    received="%g" % self.quantity,
                )
            )
        if self.restock_qty and self.move_line_id.owner_id:
            raise SalesOrderError(_("%(product)s belongs to the customer: it cannot go to our stock.", product=name))

    def _restock(self):
        """Put the good ones where the warehouse keeps its stock."""
        lines = self.filtered("restock_qty")
        if not lines:
            return
        receipt = self.check_id.picking_id
        warehouse = receipt.picking_type_id.warehouse_id
        places = {"location_id": receipt.location_dest_id.id, "location_dest_id": warehouse.lot_stock_id.id}
        picking = self.env["stock.picking"].sudo().create(
            {
                **places,
                "picking_type_id": warehouse.int_type_id.id,
                "origin": receipt.name,
                "company_id": receipt.company_id.id,
                "move_lines": [
                    (
                        0,
                        0,
                        {
                            **places,
                            "name": line.product_id.display_name,
                            "product_id": line.product_id.id,
                            "product_uom": line.product_id.uom_id.id,
                            "product_uom_qty": line.restock_qty,
                            "move_line_ids": [(0, 0, line._prepare_restocking(places))],
                        },
                    )
                    for line in lines
                ],
            }
        )
        picking._action_done()

    def _prepare_restocking(self, places):
        receipt = self.check_id.picking_id
        return {
            **places,
            "product_id": self.product_id.id,
            "product_uom_id": self.product_id.uom_id.id,
            "lot_id": self.lot_id.id,
            "qty_done": self.restock_qty,
            "company_id": receipt.company_id.id,
        }

    def _scrap(self):
        for line in self.filtered("scrap_qty"):
            receipt = line.check_id.picking_id
            scrap = self.env["stock.scrap"].sudo().create(
                {
                    "product_id": line.product_id.id,
                    "product_uom_id": line.product_id.uom_id.id,
                    "scrap_qty": line.scrap_qty,
                    "lot_id": line.lot_id.id,
                    "owner_id": line.move_line_id.owner_id.id,
                    "location_id": receipt.location_dest_id.id,
                    "origin": receipt.name,
                    "company_id": receipt.company_id.id,
                }
            )
            scrap.do_scrap()
