# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import models


class StockMove(models.Model):
    """What moves gives back what was promised of it."""

    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        lines = self.sale_line_id
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        if lines:
            delivered = defaultdict(float)
            for move in moves.filtered(
                lambda move: move.state == "done" and (move.location_dest_id.usage == "customer" or move.location_dest_id.custody)
            ):
                delivered[move.sale_line_id, move.product_id.id] += move.product_qty
            self.env["crm.stock.promise"]._release(lines, delivered)
        return moves

    def _action_cancel(self):
        lines = self.sale_line_id
        result = super()._action_cancel()
        if lines:
            self.env["crm.stock.promise"]._release(lines)
        return result
