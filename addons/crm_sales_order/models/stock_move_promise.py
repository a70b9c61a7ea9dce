# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class StockMove(models.Model):
    """What moves gives back what was promised of it."""

    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        lines = self.sale_line_id
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        self.env["crm.stock.promise"]._release(lines)
        return moves

    def _action_cancel(self):
        lines = self.sale_line_id
        result = super()._action_cancel()
        self.env["crm.stock.promise"]._release(lines)
        return result
