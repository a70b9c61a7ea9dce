# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class StockMove(models.Model):
    """What reaches a dealer, or comes back, is sell-in."""

    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        buyers = moves.sudo().sale_line_id.order_id.partner_id.commercial_partner_id
        self.env["crm.dealer.flow"]._note(buyers.filtered("is_dealer"))
        return moves
