# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.tools import float_compare, float_is_zero

from ..tools.bulk import is_remembering


class StockMove(models.Model):
    _name = "stock.move"
    _inherit = ["stock.move", "crm.price.guard"]
    _price_fields = frozenset({"price_unit"})

    def _action_assign(self):
        """Reserve plain moves of a confirmation or of bulk work together; the others take Odoo's way."""
        plain = self.filtered(lambda move: move._is_plain_reservation()) if is_remembering(self) else self.browse()
        if plain:
            plain._reserve_from_stock()
        return super(StockMove, self - plain)._action_assign()

    def _is_plain_reservation(self):
        """Goods without lots or packages, in the product's own unit, not yet reserved, straight from stock."""
        self.ensure_one()
        return (
            self.state in ("confirmed", "waiting")
            and self.procure_method == "make_to_stock"
            and self.product_id.tracking == "none"
            and self.product_uom == self.product_id.uom_id
            and not (self.move_orig_ids or self.move_line_ids or self.package_level_id)
            and not self._should_bypass_reservation()
            and not float_is_zero(self.product_uom_qty, precision_rounding=self.product_uom.rounding)
        )

    def _reserve_from_stock(self):
        """Reserve what is free, move by move in the order of ``self``, and create all move lines at once.

        The outcome is that of ``stock.move._action_assign``, which opens a savepoint and so flushes
        everything for each move.
        """
        values_list = []
        assigned = partial = self.browse()
        for move in self:
            taken = 0.0
            for quant, quantity in move._take_from_quants():
                values_list.append(move._prepare_move_line_vals(quantity=quantity, reserved_quant=quant))
                taken += quantity
            if float_is_zero(taken, precision_rounding=move.product_uom.rounding):
                continue
            if float_compare(taken, move.product_uom_qty, precision_rounding=move.product_uom.rounding) == 0:
                assigned |= move
            else:
                partial |= move
        self.env["stock.move.line"].create(values_list)
        partial.write({"state": "partially_available"})
        assigned.write({"state": "assigned"})
        self.picking_id._check_entire_pack()

    def _take_from_quants(self):
        """Reserve on the quants up to the quantity of this move: list of (quant, quantity)."""
        self.ensure_one()
        quants = self.env["stock.quant"].sudo()
        taken = min(self.sudo()._get_available_quantity(self.location_id), self.product_uom_qty)
        if float_compare(taken, 0.0, precision_rounding=self.product_uom.rounding) <= 0:
            return []
        return quants._update_reserved_quantity(self.product_id, self.location_id, taken, strict=False)

    def _trigger_scheduler(self):
        """Reordering rules are looked up once per product and place that may have one, not once per move."""
        rules = self.env["stock.warehouse.orderpoint"].search([("product_id", "in", self.product_id.ids), ("trigger", "=", "auto")])
        known = {(rule.product_id, rule.company_id) for rule in rules}
        places = {}
        for move in self:
            if (move.product_id, move.company_id) in known:
                places.setdefault((move.product_id, move.location_id, move.company_id), move)
        return super(StockMove, self.browse([move.id for move in places.values()]))._trigger_scheduler()
