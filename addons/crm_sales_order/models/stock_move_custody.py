# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import _, models
from odoo.tools import float_compare

from ..exceptions import SalesOrderError


class StockMove(models.Model):
    """Goods that come back, or never do: the orders they belong to hear of it."""

    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        orders = moves.sudo().sale_line_id.order_id.filtered("flow")
        orders.filtered(lambda order: order._moves_own_goods())._goods_moved()
        return moves

    def _get_returnable_qty(self):
        """What of this done move can still be brought back, in the product's unit; returns under way are counted off."""
        self.ensure_one()
        returns = self.returned_move_ids.filtered(lambda move: move.state != "cancel")
        return self.product_qty - sum(returns.mapped("product_qty"))

    def _return_quantity(self, quantity, place=None):
        """Bring back ``quantity`` (product's unit) of what these done moves of one product brought, oldest first.

        :param place: where it goes; back to where it came from when not given
        :returns: the moves that bring it back, reserved where they can be
        :raises SalesOrderError: when less than that is left to bring back
        """
        taken, missing = {}, quantity
        for move in self.sorted(lambda move: (move.date, move.id)):
            share = min(missing, move._get_returnable_qty())
            if float_compare(share, 0.0, precision_rounding=move.product_id.uom_id.rounding) > 0:
                taken[move] = share
                missing -= share
        if float_compare(missing, 0.0, precision_rounding=self.product_id[:1].uom_id.rounding or 0.01) > 0:
            raise SalesOrderError(
                _(
                    "%(product)s: only %(possible)s can come back, not %(wanted)s. Lower the quantity.",
                    product=", ".join(self.product_id.mapped("display_name")),
                    possible="%g" % (quantity - missing),
                    wanted="%g" % quantity,
                )
            )
        by_picking = defaultdict(dict)
        for move, share in taken.items():
            by_picking[move.picking_id][move] = share
        result = self.browse()
        for picking, quantities in by_picking.items():
            result |= picking._return_moves(quantities, place)
        return result
