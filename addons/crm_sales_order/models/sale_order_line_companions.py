# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import models

from ..engine import pricing

#: Lines are numbered in steps, so that there is room to drag one between two
_STEP = 10


class SaleOrderLine(models.Model):
    """Lines that come along with a line by price rules: gifts, parts, accessories, surcharges."""

    _inherit = "sale.order.line"

    def _sync_companions(self, companions):
        """Bring along what rules ask for, and take away what they no longer do.

        :param companions: {line of ``self``: list of engine.pricing.Companion}
        """
        if not any(companions.values()) and not self.companion_ids:
            return
        wanted = self._get_wanted_companions(companions)
        to_create, changed, stale = [], [], self.browse()
        for line in self:
            there = {(known.line_role, known.product_id.id, known.price_rule_id.id): known for known in line.companion_ids}
            for companion, quantity in wanted[line]:
                known = there.pop((companion.role, companion.product, companion.rule), None)
                values = line._prepare_companion(companion, quantity)
                if known is None:
                    to_create.append({**values, "order_id": line.order_id.id, "origin_line_id": line.id})
                elif known._set_price(values):
                    changed.append(known)
            stale |= self.browse([known.id for known in there.values()])
        stale.unlink()
        created = self._as_price_engine().create(to_create).with_env(self.env)
        created.order_id._number_lines()
        (created + self._concat(changed)).filtered(lambda line: line.line_role == pricing.ACCESSORY)._price_lines(new=True)

    def _get_wanted_companions(self, companions):
        """{line: [(companion, quantity)]}. Accessories that are ordered anyway need not come along a second time."""
        ordered = self._get_ordered_quantities() if any(companions.values()) else {}
        wanted = {}
        for line in self.sorted(lambda line: (line.order_id.id, line.sequence, line.id)):
            wanted[line] = []
            for companion in companions[line]:
                quantity = companion.quantity
                if companion.role == pricing.ACCESSORY:
                    key = (line.order_id.id, companion.product)
                    taken = min(quantity, max(0.0, ordered.get(key, 0.0)))
                    ordered[key] = ordered.get(key, 0.0) - taken
                    quantity -= taken
                if quantity > pricing.DUST and companion.product not in line._get_origin_products():
                    wanted[line].append((companion, quantity))
        return wanted

    def _get_ordered_quantities(self):
        """{(order's id, product's id): quantity ordered for its own sake}, in the product's unit."""
        ordered = defaultdict(float)
        for line in self.order_id.order_line:
            if line.line_role == "main" and line.product_id:
                ordered[line.order_id.id, line.product_id.id] += line.product_uom_qty * line._get_unit_factor()
        return ordered

    def _get_origin_products(self):
        """Ids of the products this line and the lines it comes with are for: what brought it along does not come again."""
        products, line = set(), self
        while line:
            products.add(line.product_id.id)
            line = line.origin_line_id
        return products

    def _prepare_companion(self, companion, quantity):
        product = self.env["product.product"].browse(companion.product)
        values = {
            "product_id": product.id,
            "product_uom": product.uom_id.id,
            "product_uom_qty": quantity,
            "line_role": companion.role,
            "price_rule_id": companion.rule,
        }
        if companion.price is not None:
            values.update(price_unit=companion.price, discount=0.0)
        return values


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _number_lines(self):
        """Put each line that came along right after the one it comes with."""
        for order in self:
            position = 0
            for line in order._get_lines_in_place():
                position += _STEP
                if line.sequence != position:
                    line._as_price_engine().sequence = position
        self.invalidate_cache(["order_line"], self.ids)

    def _get_lines_in_place(self):
        lines = self.order_line.sorted(lambda line: (line.sequence, line.id))
        followers = defaultdict(list)
        for line in lines:
            followers[line.origin_line_id].append(line)

        def place(origin):
            for line in followers.get(origin, ()):
                yield line
                yield from place(line)

        return place(self.env["sale.order.line"])
