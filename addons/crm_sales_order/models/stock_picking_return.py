# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _return_moves(self, quantities, place=None):
        """Bring back some of a done transfer through Odoo's return wizard.

        :param quantities: {stock.move of this transfer: quantity in the product's unit}
        :param place: where it goes; back to where it came from when not given
        :rtype: stock.move
        """
        self.ensure_one()
        wizard = self.env["stock.return.picking"].with_context(active_id=self.id, active_model=self._name)
        wizard = wizard.create({"picking_id": self.id})
        wizard._onchange_picking_id()
        for line in wizard.product_return_moves:
            line.write({"quantity": quantities.get(line.move_id, 0.0), "to_refund": False})
        wizard.location_id = place or self.location_id
        picking_id, _type_id = wizard._create_returns()
        return self.browse(picking_id).move_lines

    def _process_now(self):
        """Validate transfers that only put on paper what has happened already; all of each, nothing stays behind."""
        self.action_confirm()
        self.action_assign()
        for line in self.move_line_ids:
            line.qty_done = line.product_uom_qty
        self._action_done()
