# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import _, api, models
from psycopg2 import sql

from ..exceptions import CreditError

#: Set by ``_action_done``, which has checked: an object nobody outside of this process can put into a context
CHECKED = object()
CHECKED_KEY = "crm_credit_checked"

#: Goods that leave for a customer who pays later, and whose credit that takes. Goods that are with the customer already do
#: not leave, nor do goods that stand here as somebody's own and were never sold; what an order gives for nothing (a
#: replacement under warranty) takes no credit.
LEAVING = """
    SELECT DISTINCT move.picking_id, coalesce(debtor.commercial_partner_id, holder.commercial_partner_id), move.company_id
      FROM stock_move AS move
      JOIN stock_location AS source ON source.id = move.location_id AND source.usage != 'customer' AND source.custody IS NULL
      JOIN stock_location AS target ON target.id = move.location_dest_id
      LEFT JOIN stock_picking AS picking ON picking.id = move.picking_id
      LEFT JOIN sale_order_line AS line ON line.id = move.sale_line_id
      LEFT JOIN sale_order AS sale ON sale.id = line.order_id
      LEFT JOIN crm_order_type AS kind ON kind.id = sale.order_type_id
      LEFT JOIN res_partner AS debtor ON debtor.id = sale.partner_invoice_id
      LEFT JOIN res_partner AS holder
             ON holder.id = coalesce(picking.partner_id, move.partner_id) AND sale.id IS NULL AND holder.is_customer
     WHERE {scope}
       AND {leaves}
       AND NOT (move.restrict_partner_id IS NOT NULL AND sale.id IS NULL AND EXISTS (
               SELECT FROM stock_quant AS quant
                 JOIN stock_location AS place ON place.id = quant.location_id AND place.parent_path LIKE source.parent_path || '%%'
                WHERE quant.product_id = move.product_id
                  AND quant.owner_id = move.restrict_partner_id
                  AND quant.quantity >= move.product_qty))
       AND coalesce(kind.credit_check, TRUE)
       AND coalesce(sale.amount_total, 1) > 0
       AND coalesce(debtor.commercial_partner_id, holder.commercial_partner_id) IS NOT NULL
"""
LEAVES = "(target.usage = 'customer' OR target.custody IN ('rental', 'loan', 'consignment'))"
#: Also where what was picked goes elsewhere than the move says
LEAVES_IN_FACT = (
    "("
    + LEAVES
    + """ OR EXISTS (
               SELECT FROM stock_move_line AS item
                 JOIN stock_location AS target ON target.id = item.location_dest_id
                WHERE item.move_id = move.id AND item.qty_done > 0 AND """
    + LEAVES
    + "))"
)
OPEN = "move.state IN ('waiting', 'confirmed', 'partially_available', 'assigned')"


class StockMove(models.Model):
    """Goods leave only while the customer's credit allows it, or finance released them: whatever the door."""

    _inherit = "stock.move"

    @api.model
    def _load_leaving(self, scope, values, leaves=LEAVES):
        """{picking id, None outside of any: {(commercial partner id, company id)}}; one query.

        :param scope: SQL condition on ``move``, with placeholders for ``values``
        """
        self.flush(["state", "picking_id", "location_id", "location_dest_id", "sale_line_id", "restrict_partner_id"])
        self.env["stock.move.line"].flush(["move_id", "location_dest_id", "qty_done"])
        self.env["stock.picking"].flush(["partner_id"])
        self.env["sale.order"].flush(["partner_invoice_id", "order_type_id", "amount_total"])
        self.env.cr.execute(sql.SQL(LEAVING).format(scope=sql.SQL(scope), leaves=sql.SQL(leaves)), values)
        leaving = defaultdict(set)
        for picking_id, partner_id, company_id in self.env.cr.fetchall():
            leaving[picking_id].add((partner_id, company_id))
        return leaving

    def _hold_for_credit(self, way=None):
        """
        :param way: see ``crm.credit._hold``
        :raise CreditError: for moves of ``self`` that credit control holds back
        """
        if not self:
            return
        leaving = self._load_leaving("move.id = ANY(%(ids)s) AND move.state != 'cancel'", {"ids": self.ids}, LEAVES_IN_FACT)
        if leaving:
            pickings = self.env["stock.picking"]
            self.env["crm.credit"]._hold({pickings.browse(picking_id or []): pairs for picking_id, pairs in leaving.items()}, way)

    def _action_done(self, cancel_backorder=False):
        leaving = self.filtered(lambda move: move.state not in ("done", "cancel") and move.quantity_done > 0)
        leaving._hold_for_credit()
        moves = super(StockMove, self.with_context(**{CHECKED_KEY: CHECKED}))._action_done(cancel_backorder=cancel_backorder)
        return moves.with_env(self.env)

    @api.model_create_multi
    def create(self, vals_list):
        moves = super().create(vals_list)
        if self.env.context.get(CHECKED_KEY) is not CHECKED:
            moves.filtered(lambda move: move.state == "done")._hold_for_credit()
        return moves

    def write(self, vals):
        """Writing the state is a door, too; and the order says whose credit it takes."""
        if "sale_line_id" in vals and not self.env.su and any(move.sale_line_id.id != (vals["sale_line_id"] or False) for move in self):
            raise CreditError(_("Goods move for the order line they were sold with: cancel the transfer, and change the order."))
        if vals.get("state") == "done" and self.env.context.get(CHECKED_KEY) is not CHECKED:
            self.filtered(lambda move: move.state != "done")._hold_for_credit()
        return super().write(vals)

    def _get_credit_value(self, quantity):
        """What ``quantity`` (move's unit) is worth to the customer, tax included, in the company's currency."""
        self.ensure_one()
        line = self.sale_line_id
        if not line:
            return self.product_uom._compute_quantity(quantity, self.product_id.uom_id) * self.product_id.lst_price
        price = line.price_total / line.product_uom_qty if line.product_uom_qty else line.price_unit
        ordered = self.product_uom._compute_quantity(quantity, line.product_uom)
        return ordered * price / (line.order_id.currency_rate or 1.0)
