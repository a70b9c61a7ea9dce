# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import fields, models

from ..engine.promise import reduce_parts

#: What is free for each delivery of a reservation under way: {move id: quantity in the product's unit}.
_FREE = "crm_stock_free"

OPEN_STATES = ("waiting", "confirmed", "partially_available", "assigned")


class StockMove(models.Model):
    """Goods that leave give back what was promised of them; a delivery takes no goods that others were promised."""

    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        lines = self.sale_line_id
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        delivered = defaultdict(float)
        for move in moves.filtered(lambda move: move.state == "done" and move._is_delivery()):
            delivered[move.sale_line_id, move.product_id.id] += move.product_qty
        if lines:
            self.env["crm.stock.promise"]._release(lines, delivered)
        moves.filtered(lambda move: not move._is_delivery())._tell_facts_moved()
        return moves

    def _action_cancel(self):
        lines = self.sale_line_id
        result = super()._action_cancel()
        if lines:
            self.env["crm.stock.promise"]._release(lines)
        self._tell_facts_moved()
        return result

    def _action_confirm(self, merge=True, merge_into=False):
        moves = super()._action_confirm(merge=merge, merge_into=merge_into)
        moves.filtered(lambda move: not move._is_delivery())._tell_facts_moved()
        return moves

    def write(self, vals):
        result = super().write(vals)
        if {"date", "product_uom_qty"}.intersection(vals) and "state" not in vals:
            self.filtered(lambda move: move.state in OPEN_STATES and not move._is_delivery())._tell_facts_moved()
        return result

    def _is_delivery(self):
        """Whether the move brings goods to the customer of an order line, to keep or in custody."""
        self.ensure_one()
        return bool(self.sale_line_id) and (self.location_dest_id.usage == "customer" or bool(self.location_dest_id.custody))

    def _tell_facts_moved(self):
        """Something other than a delivery changed what there is: promises may have to move."""
        moves = self.filtered(lambda move: move.product_id.type == "product")
        places = moves.location_id | moves.location_dest_id
        warehouses = {place: place.get_warehouse() if place.usage in ("internal", "transit") else place.browse() for place in places}
        crossing = moves.filtered(lambda move: warehouses[move.location_id].ids != warehouses[move.location_dest_id].ids)
        if crossing:
            self.env["crm.stock.promise"]._facts_moved(crossing.product_id)

    # Reserving ------------------------------------------------------------------------------------------------------

    def _action_assign(self):
        return super(StockMove, self.with_context(**{_FREE: self._get_free_for_deliveries()}))._action_assign()

    def _get_available_quantity(self, location_id, *args, **kwargs):
        """Less what others were promised: those who were promised first are served first, whoever comes first."""
        available = super()._get_available_quantity(location_id, *args, **kwargs)
        free = (self.env.context.get(_FREE) or {}).get(self.id)
        return available if free is None else min(available, free)

    def _get_free_for_deliveries(self):
        """What each delivery of ``self`` may reserve: {move id: quantity in the product's unit}.

        A delivery may have what it was promised by now, and what nobody else was promised. Deliveries left out, and
        moves that are none, are not limited: nobody waits for their goods.
        """
        lines = {move: move._get_delivered_line() for move in self if move.state in ("confirmed", "partially_available")}
        lines = {move: line for move, line in lines.items() if line and move.location_id.usage == "internal"}
        pools = {move: (move.product_id.id, line.order_id.warehouse_id.id) for move, line in lines.items()}
        load = self.env["crm.stock.timeline"].sudo()
        own = [line.id for line in lines.values()]
        alone = len(set(pools.values())) == len(set(lines.values()))
        if alone and not any(load._load_claimed(set(pools.values()), without=own).values()):
            return {}
        timelines = load._load(set(pools.values()), without=own)
        now = fields.Datetime.now()
        promised = self._get_own_promises(lines, load._load_reserved(own))
        for move, parts in promised.items():
            timelines[pools[move]].take(parts)
        free = {}
        for move, parts in promised.items():
            timeline = timelines[pools[move]]
            timeline.take((date, -quantity) for date, quantity in parts)
            due = sum(quantity for date, quantity in parts if date <= now)
            free[move.id] = max(timeline.free_on(now), due)
            taken = min(free[move.id], move.product_qty)
            timeline.take([(now, taken), *reduce_parts(parts, taken)])
        return free

    def _get_own_promises(self, lines, reserved):
        """{move: [(date, quantity)] promised to its line and not reserved yet}"""
        rows = self.env["crm.stock.promise"].sudo().search([("sale_line_id", "in", [line.id for line in lines.values()])])
        parts = defaultdict(list)
        for row in rows:
            parts[row.sale_line_id.id, row.product_id.id].append((row.date, row.quantity))
        promised = {}
        for move, line in lines.items():
            key = (line.id, move.product_id.id)
            promised[move] = reduce_parts(parts.pop(key, []), reserved.get(key, 0.0))
        return promised

    def _get_delivered_line(self):
        """The order line this move, or the next ones of a delivery in steps, brings goods to."""
        self.ensure_one()
        move = self
        while move and not move.sale_line_id:
            move = move.move_dest_ids[:1]
        return move.sale_line_id if move and move._is_delivery() else move.sale_line_id.browse()
