# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.addons.crm_core.tools.flush import flush_models

from ..engine.promise import Timeline, reduce_parts

#: A warehouse's place: whatever lies below its view location.
_PLACES = """
    SELECT warehouse.id, location.parent_path || '%%' AS path
      FROM stock_warehouse warehouse
      JOIN stock_location location ON location.id = warehouse.view_location_id
     WHERE warehouse.id IN %(warehouses)s
"""

_STOCK = """
    SELECT quant.product_id, place.id, SUM(quant.quantity - quant.reserved_quantity)
      FROM stock_quant quant
      JOIN stock_location location ON location.id = quant.location_id AND location.usage IN ('internal', 'transit')
      JOIN ({places}) place ON location.parent_path LIKE place.path
     WHERE quant.product_id IN %(products)s
     GROUP BY quant.product_id, place.id
""".format(places=_PLACES)

# What comes in or goes out of a warehouse without being a delivery of a sale: those are in the promises. Goods that
# come in for one delivery only (make to order) are nobody else's.
_MOVES = """
    SELECT move.product_id, place.id, move.date, target.parent_path LIKE place.path AS incoming,
           SUM(move.product_qty - CASE WHEN source.parent_path LIKE place.path THEN reserved.quantity ELSE 0 END)
      FROM stock_move move
      JOIN stock_location source ON source.id = move.location_id
      JOIN stock_location target ON target.id = move.location_dest_id
      JOIN ({places}) place ON (source.parent_path LIKE place.path) <> (target.parent_path LIKE place.path)
      JOIN LATERAL (
               SELECT COALESCE(SUM(line.product_qty), 0) AS quantity FROM stock_move_line line WHERE line.move_id = move.id
           ) reserved ON TRUE
     WHERE move.product_id IN %(products)s
       AND move.state IN ('waiting', 'confirmed', 'partially_available', 'assigned')
       AND (target.parent_path LIKE place.path OR move.sale_line_id IS NULL)
       AND NOT (target.parent_path LIKE place.path AND EXISTS (
               SELECT 1
                 FROM stock_move_move_rel chain
                 JOIN stock_move onward ON onward.id = chain.move_dest_id
                 JOIN stock_location beyond ON beyond.id = onward.location_dest_id
                 LEFT JOIN procurement_group sale ON sale.id = onward.group_id
                WHERE chain.move_orig_id = move.id
                  AND onward.state NOT IN ('done', 'cancel')
                  AND onward.procure_method = 'make_to_order'
                  AND (beyond.usage NOT IN ('internal', 'transit') OR sale.sale_id IS NOT NULL)
           ))
     GROUP BY move.product_id, place.id, move.date, incoming
""".format(places=_PLACES)

# A delivery in steps is reserved where the goods lie, so the chain is followed back to there.
_RESERVED = """
    WITH RECURSIVE chain (sale_line_id, move_id) AS (
        SELECT sale_line_id, id FROM stock_move
         WHERE sale_line_id IN %s AND state NOT IN ('done', 'cancel', 'draft')
         UNION
        SELECT chain.sale_line_id, link.move_orig_id
          FROM chain JOIN stock_move_move_rel link ON link.move_dest_id = chain.move_id
    )
    SELECT chain.sale_line_id, line.product_id, line.move_id, SUM(line.product_qty)
      FROM chain
      JOIN stock_move_line line ON line.move_id = chain.move_id AND line.state NOT IN ('done', 'cancel')
      JOIN stock_location location ON location.id = line.location_id AND location.usage IN ('internal', 'transit')
           AND location.custody IS NULL
     GROUP BY chain.sale_line_id, line.product_id, line.move_id
     ORDER BY chain.sale_line_id
"""


class Incoming(NamedTuple):
    """Goods on their way to a pool."""

    date: object
    quantity: float


class CrmStockTimeline(models.AbstractModel):
    """Reads the facts a promise rests on: what is there, on its way, and promised. In bulk; writes nothing.

    Read as superuser: sums by product and warehouse leave these methods, no document does.
    """

    _name = "crm.stock.timeline"
    _description = "Stock over Time"

    @api.model
    def _load(self, pools, without=(), rented=True):
        """What is free of each pool from now on. Five queries, however many pools.

        :param pools: (product id, warehouse id) pairs
        :param without: ids of sale lines whose own promises do not count
        :param rented: what rentals hold is not free
        :returns: {pool: engine Timeline}
        """
        pools = set(pools)
        now = fields.Datetime.now()
        stock = self._load_stock(pools)
        changes = defaultdict(list)
        for pool, date, incoming, quantity in self._load_moves(pools):
            changes[pool].append((date, quantity if incoming else -quantity))
        load = self._load_claimed if rented else self._load_promised
        for pool, parts in load(pools, without).items():
            changes[pool] += [(date, -quantity) for date, quantity in parts]
        return {pool: Timeline(now, stock.get(pool, 0.0), changes[pool]) for pool in pools}

    @api.model
    def _load_incoming(self, pools):
        """What comes in to each pool: {pool: [Incoming]}, the earliest first."""
        incoming = defaultdict(list)
        for pool, date, is_incoming, quantity in self._load_moves(set(pools)):
            if is_incoming and quantity > 0:
                incoming[pool].append(Incoming(date, quantity))
        return {pool: sorted(rows) for pool, rows in incoming.items()}

    @api.model
    def _load_stock(self, pools):
        """Unreserved goods: {pool: quantity}, negative when more left than was there."""
        rows = self._query(_STOCK, pools)
        return {(product_id, warehouse_id): quantity for product_id, warehouse_id, quantity in rows}

    @api.model
    def _load_moves(self, pools):
        """Rows (pool, date, whether it comes in, quantity) of what crosses the border of a pool's warehouse."""
        for product_id, warehouse_id, date, incoming, quantity in self._query(_MOVES, pools):
            if (product_id, warehouse_id) in pools:
                yield (product_id, warehouse_id), self._get_arrival(date) if incoming else date, incoming, quantity

    @api.model
    def _get_arrival(self, date):
        """When goods expected on ``date`` can be counted on: what is overdue is not there, but hoped for tomorrow."""
        now = fields.Datetime.now()
        return date if date > now else now + timedelta(days=1)

    @api.model
    def _load_claimed(self, pools, without=()):
        """What somebody else may count on: {pool: [(date, quantity)]}. Hook: more than what is promised."""
        return self._load_promised(pools, without)

    @api.model
    def _load_promised(self, pools, without=()):
        """What is promised and not yet reserved: {pool: [(date, quantity)]}."""
        if not pools:
            return {}
        flush_models(self.env, "crm.stock.promise")
        self.env.cr.execute(
            """
            SELECT product_id, warehouse_id, sale_line_id, date, quantity
              FROM crm_stock_promise
             WHERE product_id IN %s AND warehouse_id IN %s
            """,
            [tuple({pool[0] for pool in pools}), tuple({pool[1] for pool in pools})],
        )
        rows = [row for row in self.env.cr.fetchall() if (row[0], row[1]) in pools and row[2] not in set(without)]
        reserved = self._load_reserved({row[2] for row in rows})
        by_line = defaultdict(list)
        for product_id, warehouse_id, line_id, date, quantity in rows:
            by_line[product_id, warehouse_id, line_id].append((date, quantity))
        promised = defaultdict(list)
        for (product_id, warehouse_id, line_id), parts in by_line.items():
            promised[product_id, warehouse_id] += reduce_parts(parts, reserved.get((line_id, product_id), 0.0))
        return promised

    @api.model
    def _load_reserved(self, line_ids):
        """What is reserved for sale lines: {(line id, product id): quantity in the product's unit}."""
        if not line_ids:
            return {}
        flush_models(self.env, "stock.move.line", "stock.move")
        self.env.cr.execute(_RESERVED, [tuple(line_ids)])
        reserved, counted = defaultdict(float), set()
        for line_id, product_id, move_id, quantity in self.env.cr.fetchall():
            if move_id not in counted:  # one move may bring the goods of two lines: it is counted once
                counted.add(move_id)
                reserved[line_id, product_id] += quantity
        return reserved

    @api.model
    def _query(self, statement, pools):
        if not pools:
            return []
        flush_models(self.env, "stock.quant", "stock.move.line", "stock.move", "procurement.group")
        self.env.cr.execute(
            statement,
            {"products": tuple({pool[0] for pool in pools}), "warehouses": tuple({pool[1] for pool in pools})},
        )
        return self.env.cr.fetchall()
