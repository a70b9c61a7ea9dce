# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models

from ..engine import rental

# Confirmed lines of rent: pieces planned for the customer, handed out, gone from there, and asked back. A line that was
# confirmed just now has no moves yet.
_RENTED = """
    SELECT line.id, line.rented_product_id, sale.warehouse_id, sale.lent_from, sale.lent_until,
           CASE WHEN COUNT(move.id) = 0 THEN line.rental_qty
                ELSE COALESCE(SUM(move.product_qty) FILTER (WHERE target.custody = 'rental' AND move.state <> 'cancel'), 0)
            END AS planned,
           COALESCE(SUM(move.product_qty) FILTER (WHERE target.custody = 'rental' AND move.state = 'done'), 0) AS handed,
           COALESCE(SUM(move.product_qty) FILTER (WHERE source.custody = 'rental' AND move.state = 'done'), 0) AS gone,
           COALESCE(SUM(move.product_qty) FILTER (WHERE source.custody = 'rental' AND move.state NOT IN ('done', 'cancel')), 0)
               AS asked
      FROM sale_order_line line
      JOIN sale_order sale ON sale.id = line.order_id AND sale.flow = 'rental' AND sale.state IN ('sale', 'done')
      LEFT JOIN stock_move move ON move.sale_line_id = line.id AND move.product_id = line.rented_product_id
      LEFT JOIN stock_location source ON source.id = move.location_id
      LEFT JOIN stock_location target ON target.id = move.location_dest_id
     WHERE line.rented_product_id IN %(products)s AND sale.warehouse_id IN %(warehouses)s
     GROUP BY line.id, sale.id
"""


class Rented(NamedTuple):
    """What rentals need of a pool.

    :ivar bookings: pieces needed from day to day, with customers or still to hand out: [rental.Booking]
    :ivar in_hand: pieces that serve them already, with customers or set aside in the warehouse
    :ivar coming_back: pieces at customers that are on their way back
    """

    bookings: list
    in_hand: float
    coming_back: float


class CrmStockTimeline(models.AbstractModel):
    """Rentals hold their pieces: nobody is promised what a rental needs, whether it is set aside yet or not."""

    _inherit = "crm.stock.timeline"

    @api.model
    def _load_rented(self, pools):
        """What confirmed rentals need of these pools: {pool: Rented}; what is overdue is needed until today."""
        if not pools:
            return {}
        self.env["sale.order"].flush(["flow", "state", "warehouse_id", "lent_from", "lent_until"])
        self.env["sale.order.line"].flush(["rented_product_id", "rental_qty"])
        rows = [row for row in self._query(_RENTED, pools) if (row[1], row[2]) in pools]
        reserved = self._load_reserved({row[0] for row in rows})
        today = fields.Date.context_today(self)
        facts = defaultdict(lambda: ([], [], []))
        for line_id, product_id, warehouse_id, start, until, planned, handed, gone, asked in rows:
            bookings, in_hand, coming_back = facts[product_id, warehouse_id]
            out = handed - gone - asked
            bookings.append(rental.Booking(start, max(until, today) if out > 0 else until, planned - gone - asked))
            in_hand += [out, reserved.get((line_id, product_id), 0.0)]
            coming_back.append(asked)
        return {pool: Rented(bookings, sum(in_hand), sum(coming_back)) for pool, (bookings, in_hand, coming_back) in facts.items()}

    @api.model
    def _load_claimed(self, pools, without=()):
        claimed = super()._load_claimed(pools, without)
        today = fields.Date.context_today(self)
        for pool, rented in self._load_rented(pools).items():
            claims = rental.get_claims(rented.bookings, rented.in_hand, today)
            claimed.setdefault(pool, []).extend((fields.Datetime.to_datetime(day), pieces) for day, pieces in claims)
        return claimed


class StockMove(models.Model):
    """Pieces are set aside for a rental the day before it begins, so that they can serve others until then."""

    _inherit = "stock.move"

    def _get_free_for_deliveries(self):
        lines = {move: move._get_delivered_line() for move in self if move.state in ("confirmed", "partially_available")}
        rented = {move: line for move, line in lines.items() if line.rented_product_id and move.location_id.usage == "internal"}
        free = super(StockMove, self.browse().concat(*(move for move in self if move not in rented)))._get_free_for_deliveries()
        if rented:
            pools = {move: (move.product_id.id, line.order_id.warehouse_id.id) for move, line in rented.items()}
            timelines = self.env["crm.stock.timeline"].sudo()._load(set(pools.values()), rented=False)
            now, tomorrow = fields.Datetime.now(), fields.Date.context_today(self) + timedelta(days=1)
            for move, line in rented.items():
                timeline = timelines[pools[move]]
                due = line.order_id.lent_from <= tomorrow
                free[move.id] = timeline.free_on(now) if due else 0.0
                timeline.take([(now, min(free[move.id], move.product_qty))])
        return free
