# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.tools import float_compare

from ..exceptions import SalesOrderError


class StockPicking(models.Model):
    """Returned goods lie apart until somebody has looked at them."""

    _inherit = "stock.picking"

    check_state = fields.Selection(
        [("to_check", "To Check"), ("checked", "Checked")],
        "Check of Returned Goods",
        compute="_compute_check_state",
        store=True,
    )

    @api.depends("state", "location_dest_id.custody", "move_line_ids.checked_qty", "move_line_ids.qty_done")
    def _compute_check_state(self):
        for picking in self:
            if picking.location_dest_id.custody != "check" or picking.state != "done":
                picking.check_state = False
            else:
                unchecked = any(detail._get_unchecked_qty() > 0 for detail in picking.move_line_ids)
                picking.check_state = "to_check" if unchecked else "checked"

    def action_check_goods(self):
        """Open the form in which the warehouse says what becomes of returned goods."""
        self.ensure_one()
        if self.check_state != "to_check":
            raise SalesOrderError(_("%(transfer)s: there is nothing to check.", transfer=self.name))
        check = self.env["crm.goods.check"].create({"picking_id": self.id})
        return {
            "type": "ir.actions.act_window",
            "name": _("Check Returned Goods"),
            "res_model": check._name,
            "res_id": check.id,
            "view_mode": "form",
            "target": "new",
        }


class StockMoveLine(models.Model):
    _inherit = "stock.move.line"

    checked_qty = fields.Float(
        "Checked", digits="Product Unit of Measure", readonly=True, copy=False, help="Restocked or scrapped after a check."
    )

    def _get_unchecked_qty(self):
        """Received and not yet checked, in the product's unit."""
        self.ensure_one()
        received = self.product_uom_id._compute_quantity(self.qty_done, self.product_id.uom_id)
        left = received - self.checked_qty
        return left if float_compare(left, 0.0, precision_rounding=self.product_id.uom_id.rounding) > 0 else 0.0
