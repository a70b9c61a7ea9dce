# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict
from typing import NamedTuple

from odoo import _, api, fields, models

from ..engine.shortage import Demand, Offer, choose_offer, net_shortages
from ..exceptions import ProcurementError

OPEN_MOVE_STATES = ("waiting", "confirmed", "partially_available", "assigned")


class Shortage(NamedTuple):
    """What one sale line lacks: records of ``sale.order.line``, ``stock.warehouse`` and ``product.supplierinfo``."""

    line: models.Model
    warehouse: models.Model
    seller: models.Model
    quantity: float
    date_needed: object
    drop_ship: bool


class CrmPurchasePlan(models.AbstractModel):
    """Finds what sale lines lack. Reads everything in bulk, whatever the number of lines; writes nothing."""

    _name = "crm.purchase.plan"
    _description = "Purchase Plan"

    @api.model
    def _get_move_domain(self):
        """Return the domain of deliveries to customers that still need goods from a warehouse."""
        return [
            ("state", "in", OPEN_MOVE_STATES),
            ("sale_line_id", "!=", False),
            ("product_id.type", "=", "product"),
            ("location_id.usage", "=", "internal"),
            ("location_dest_id.usage", "=", "customer"),
        ]

    @api.model
    def _get_shortages(self, products, sale_lines=None):
        """Return the shortages of these products, of these sale lines if given.

        All open deliveries of the products are weighed against each other, so that lines left out of
        ``sale_lines`` keep the goods they come first for. Lines without any vendor have an empty seller.
        """
        moves = self.env["stock.move"].sudo().search([("product_id", "in", products.ids)] + self._get_move_domain())
        demands = self._get_demands(moves)
        supply = self._get_supply(demands)
        missing = net_shortages(demands.values(), supply)
        if sale_lines is not None:
            missing = {line_id: quantity for line_id, quantity in missing.items() if line_id in set(sale_lines.ids)}
        sellers = self._get_sellers(missing, demands)
        lines = self.env["sale.order.line"].sudo().browse(missing)
        return [self._make_shortage(line, demands[line.id], sellers, missing[line.id]) for line in lines]

    @api.model
    def _make_shortage(self, line, demand, sellers, quantity):
        """Return the shortage of one line. A line is drop-shipped whole or not at all."""
        seller = sellers[demand.pool]
        drop_ship = bool(seller.drop_ship and not demand.secured and not line.qty_delivered)
        return Shortage(
            line=line,
            warehouse=self.env["stock.warehouse"].sudo().browse(demand.pool[1]),
            seller=seller,
            quantity=demand.quantity if drop_ship else quantity,
            date_needed=fields.Datetime.from_string(demand.rank[1]),
            drop_ship=drop_ship,
        )

    @api.model
    def _get_demands(self, moves):
        """Return sale line id → engine demand; urgent first, then by date, then by order of entry."""
        moves_by_line = defaultdict(list)  # lists, not recordsets: these would lose the common prefetch
        for move in moves:
            moves_by_line[move.sale_line_id].append(move)
        pegged = self.env["crm.purchase.peg"]._get_open_quantities(moves.sale_line_id)
        demands = {}
        for line, line_moves in moves_by_line.items():
            reserved = sum(
                move.product_uom._compute_quantity(move.reserved_availability, move.product_id.uom_id, round=False)
                for move in line_moves
            )
            demands[line.id] = Demand(
                key=line.id,
                pool=(line_moves[0].product_id.id, line_moves[0].picking_type_id.warehouse_id.id),
                quantity=sum(move.product_qty for move in line_moves),
                secured=reserved + pegged[line.id],
                rank=(
                    -max(int(move.priority or 0) for move in line_moves),
                    fields.Datetime.to_string(min(move.date for move in line_moves)),
                    line.id,
                ),
            )
        return demands

    @api.model
    def _get_supply(self, demands):
        """Return (product, warehouse) → goods on hand and on their way, less what other documents take."""
        products_by_warehouse = defaultdict(set)
        sold = defaultdict(float)
        for demand in demands.values():
            products_by_warehouse[demand.pool[1]].add(demand.pool[0])
            sold[demand.pool] += demand.quantity
        supply = {}
        for warehouse_id, product_ids in products_by_warehouse.items():
            products = self.env["product.product"].sudo().with_context(warehouse=warehouse_id).browse(product_ids)
            quantities = products._compute_quantities_dict(None, None, None)
            requested = self._get_requested_quantities(products, warehouse_id)
            for product_id in product_ids:
                pool, stock = (product_id, warehouse_id), quantities[product_id]
                elsewhere = max(stock["outgoing_qty"] - sold[pool], 0.0)
                supply[pool] = stock["qty_available"] + stock["incoming_qty"] + requested[product_id] - elsewhere
        return supply

    @api.model
    def _get_requested_quantities(self, products, warehouse_id):
        """Return product id → quantity in requests for quotation. Those of a tender are alternatives: none counts."""
        groups = (
            self.env["purchase.order.line"]
            .sudo()
            .read_group(
                [
                    ("product_id", "in", products.ids),
                    ("state", "in", ("draft", "sent", "to approve")),
                    ("order_id.picking_type_id.warehouse_id", "=", warehouse_id),
                    ("order_id.requisition_id", "=", False),
                ],
                ["product_uom_qty"],
                ["product_id"],
            )
        )
        quantities = defaultdict(float)
        quantities.update({group["product_id"][0]: group["product_uom_qty"] for group in groups})
        return quantities

    @api.model
    def _get_sellers(self, missing, demands):
        """Return (product, warehouse) → vendor price to buy the missing quantity on (empty without vendor)."""
        totals = defaultdict(float)
        for line_id, quantity in missing.items():
            totals[demands[line_id].pool] += quantity
        Product, Info = self.env["product.product"].sudo(), self.env["product.supplierinfo"].sudo()
        products = Product.browse({product_id for product_id, _warehouse_id in totals})
        infos_by_template = defaultdict(lambda: Info)
        for info in self._search_sellers(products):
            infos_by_template[info.product_tmpl_id] |= info
        return {
            (product_id, warehouse_id): self._choose_seller(
                Product.browse(product_id),
                self.env["stock.warehouse"].sudo().browse(warehouse_id).company_id,
                quantity,
                infos_by_template[Product.browse(product_id).product_tmpl_id],
            )
            for (product_id, warehouse_id), quantity in totals.items()
        }

    @api.model
    def _choose_seller(self, product, company, quantity, infos):
        """Return the one of these vendor prices, sorted by preference, to buy ``quantity`` (stock units) on."""
        infos = infos.filtered(
            lambda info: (
                info.product_id in (product.browse(), product) and info.company_id in (company.browse(), company)
            )
        )
        wanted = product.uom_id._compute_quantity(quantity, product.uom_po_id, round=False)
        offer = choose_offer([Offer(info.id, info.name.id, info.min_qty, info.price) for info in infos], wanted)
        return infos.browse(offer.key) if offer else infos.browse()

    @api.model
    def _search_sellers(self, products):
        """Return the vendor prices of these products valid today, the preferred vendor's first."""
        today = fields.Date.context_today(self)
        return (
            self.env["product.supplierinfo"]
            .sudo()
            .search(
                [
                    ("product_tmpl_id", "in", products.product_tmpl_id.ids),
                    ("name.active", "=", True),
                    "|",
                    ("date_start", "=", False),
                    ("date_start", "<=", today),
                    "|",
                    ("date_end", "=", False),
                    ("date_end", ">=", today),
                ]
            )
            .sorted(lambda info: (info.sequence, -info.min_qty, info.price, info.id))
        )

    @api.model
    def _check_sellers(self, shortages):
        """Raise an error that names every product without vendor."""
        products = self.env["product.product"].concat(
            *(shortage.line.product_id for shortage in shortages if not shortage.seller)
        )
        if products:
            names = products.with_user(self.env.user).sudo().mapped("display_name")
            raise ProcurementError(
                _(
                    "Nothing was bought, because these products have no vendor with a valid price:\n%s\n"
                    "Add a vendor on the Purchase tab of each product, then buy again.",
                    "\n".join("• %s" % name for name in sorted(set(names))),
                )
            )
