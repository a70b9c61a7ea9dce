# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def action_deliver_available(self):
        """Ship (or receive) at once whatever is reserved on the transfers of ``self``.

        The same as opening each transfer, validating it, accepting the reserved quantities and asking for a
        back order. Transfers with nothing reserved are left alone, and so are those with products whose
        lots or serial numbers still have to be chosen.

        :returns: the transfers that were done
        :rtype: stock.picking
        """
        ready = self.filtered(lambda picking: picking._is_ready_to_deliver())
        if not ready:
            return ready
        lines_by_quantity = defaultdict(lambda: self.env["stock.move.line"])
        for line in ready.move_line_ids:
            if line.state not in ("done", "cancel"):
                lines_by_quantity[line.product_uom_qty] |= line
        for quantity, lines in lines_by_quantity.items():
            lines.write({"qty_done": quantity})
        ready._bulk_validate()
        return ready

    def _is_ready_to_deliver(self):
        self.ensure_one()
        lines = self.move_line_ids.filtered(lambda line: line.product_uom_qty > 0)
        return (
            self.state in ("assigned", "confirmed")
            and lines
            and not any(line.product_id.tracking != "none" and not (line.lot_id or line.lot_name) for line in lines)
        )

    def _bulk_validate(self):
        """Validate through Odoo's own button, its questions answered: so every check and hook runs."""
        self.with_context(
            skip_immediate=True, skip_backorder=True, skip_sms=True, cancel_backorder=False
        ).button_validate()
