# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import models

from ..tools.bulk import bulk_work, get_memo, is_bulk


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
        with bulk_work(ready) as pickings:
            lines_by_quantity = defaultdict(lambda: self.env["stock.move.line"])
            for line in pickings.move_line_ids:
                if line.state not in ("done", "cancel"):
                    lines_by_quantity[line.product_uom_qty] |= line
            for quantity, lines in lines_by_quantity.items():
                lines.write({"qty_done": quantity})
            pickings.with_context(skip_immediate=True, skip_backorder=True, skip_sms=True).button_validate()
        return ready

    def _is_ready_to_deliver(self):
        self.ensure_one()
        if self.state not in ("assigned", "confirmed"):
            return False
        lines = self.move_line_ids.filtered(lambda line: line.product_uom_qty > 0)
        return lines and not any(
            line.product_id.tracking != "none" and not (line.lot_id or line.lot_name) for line in lines
        )

    def action_confirm(self):
        return True if self._collect("confirm") else super().action_confirm()

    def action_assign(self):
        return True if self._collect("assign") else super().action_assign()

    def _collect(self, step):
        """Note down transfers whose ``step`` bulk work will take for all together; False outside of that."""
        collected = (get_memo(self, "stock.picking.collect") or {}).get(step)
        if collected is None:
            return False
        collected.update(self.ids)
        return True

    def message_post_with_view(self, views_or_xmlid, **kwargs):
        """In bulk the transfer's source document says where it comes from, not a message for each."""
        if not is_bulk(self):
            super().message_post_with_view(views_or_xmlid, **kwargs)
