# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import _, fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _orders_confirmed(self):
        super()._orders_confirmed()
        self.order_line.filtered(lambda line: line.shortage_choice == "buy")._ask_buyers()


class SaleOrderLine(models.Model):
    """Goods that are missing are bought; what is on order for a line is promised to that line."""

    _inherit = "sale.order.line"

    shortage_choice = fields.Selection(selection_add=[("buy", "Buy what is missing")], ondelete={"buy": "set null"})

    def _get_dedicated_supply(self):
        """What vendors confirmed for the lines, on the day they promised."""
        supply = super()._get_dedicated_supply()
        pegs = (
            self.env["crm.purchase.peg"]
            .sudo()
            .search([("sale_line_id", "in", self.ids), ("is_drop_ship", "=", False), ("state", "=", "ordered")])
        )
        for peg in pegs:
            if peg.quantity_open > 0:
                key = (peg.sale_line_id.id, peg.product_id.id)
                supply.setdefault(key, []).append((peg.date_planned, peg.quantity_open))
        return supply

    def _get_offers(self):
        offers = super()._get_offers()
        seller = self.product_id.sudo().seller_ids[:1]
        if not self.short_qty or not seller or self.state not in ("draft", "sent", "sale"):
            return offers
        note = _("The vendor usually needs %(days)s days. The date is promised as soon as the vendor confirms.", days=seller.delay)
        return [*offers, {"kind": "buy", "title": _("Buy what is missing"), "note": note}]

    def _ask_buyers(self):
        """Tell the buyers what these lines lack; it stands in their list of what is to buy."""
        if not self:
            return
        buyers = self.env.ref("crm_procurement.group_buyer").sudo().users.filtered("active") - self.env.user
        by_order = defaultdict(list)
        for line in self.filtered("short_qty"):
            by_order[line.order_id].append(line)
        self.env["crm.notification"]._notify_batch([self._prepare_request(order, lines, buyers) for order, lines in by_order.items()])

    def _prepare_request(self, order, lines, buyers):
        """The message to the buyers about one order; it opens the product, as buyers do not see orders of sales."""
        unit = [(line.product_id.display_name, line.short_qty, line.product_id.uom_id.name) for line in lines]
        return {
            "users": buyers.filtered(lambda user: order.company_id in user.company_ids),
            "subject": _("%(order)s: goods to buy", order=order.name),
            "body": "\n".join("%s: %g %s" % row for row in unit),
            "res_model": "product.product",
            "res_id": lines[0].product_id.id,
            "key": "crm.stock.offer,buy,%d" % order.id,
        }


class CrmStockOffer(models.TransientModel):
    _inherit = "crm.stock.offer"

    kind = fields.Selection(selection_add=[("buy", "Buy")], ondelete={"buy": "cascade"})

    def _take_buy(self, line):
        """A buyer buys at once; a rep asks the buyers to. On a quotation it is done when the order is confirmed."""
        line.shortage_choice = "buy"
        if line.state != "sale":
            return
        if self.env["purchase.order"].check_access_rights("create", raise_exception=False):
            line._buy_shortages()
        else:
            line._ask_buyers()


class PurchaseOrder(models.Model):
    _inherit = "purchase.order"

    def button_cancel(self):
        """Lines that go back from the vendor's drop-shipment to the warehouse are promised its goods again."""
        sale_lines = self.peg_ids.filtered("replaces_delivery").sudo().sale_line_id
        result = super().button_cancel()
        sale_lines.filtered(lambda line: line.state == "sale")._make_promises()
        return result


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    def _update_move_date_deadline(self, new_date):
        """Odoo moves the deadline of the receipt only; the day the goods are expected moves, too, and promises with it."""
        result = super()._update_move_date_deadline(new_date)
        self.move_ids.filtered(lambda move: move.state not in ("done", "cancel")).write({"date": new_date})
        return result
