# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

from .stock_move_credit import CHECKED, CHECKED_KEY

#: What lets more goods leave, or others, when it changes after the transfer is done
LATE = frozenset({"qty_done", "product_uom_id", "product_id", "move_id", "location_id", "location_dest_id"})


class StockMoveLine(models.Model):
    """What is added to goods that left already leaves, too: Odoo moves it on the spot."""

    _inherit = "stock.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.filtered(lambda line: line.state == "done" and line.qty_done > 0)._hold_late()
        return lines

    def write(self, vals):
        before = {}
        if LATE & vals.keys():
            before = {line: line.qty_done for line in self if line.state == "done"}
        result = super().write(vals)
        elsewhere = LATE & vals.keys() != {"qty_done"}
        self.browse([line.id for line, quantity in before.items() if elsewhere or line.qty_done > quantity])._hold_late()
        return result

    def _hold_late(self):
        if self and self.env.context.get(CHECKED_KEY) is not CHECKED:
            way = _("This transfer is done: send what comes on top by a transfer of its own, which finance can release.")
            self.move_id._hold_for_credit(way)
