# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models
from odoo.addons.crm_sales_order.models.sale_order import CONFIRMED_STATES

from ..exceptions import ProcurementError
from .crm_purchase_plan import Shortage

#: Flows whose goods do not come from our stock
BOUGHT_FLOWS = ("drop_ship", "back_to_back")


class SaleOrder(models.Model):
    """Kinds of order whose goods are bought for them when they are confirmed. Contract: sale_order_type.py."""

    _inherit = "sale.order"

    def _check_flow(self):
        super()._check_flow()
        for order in self.filtered(lambda order: order.flow in BOUGHT_FLOWS):
            goods = order.order_line.filtered(lambda line: line._is_goods())
            if not goods:
                raise ProcurementError(_("%s is bought for the customer: add the goods that are to be bought.", order.name))
            order._check_vendors(goods.product_id)

    def _check_vendors(self, products):
        """Raise an error that names the products nobody sells to us."""
        lacking = products.sudo().with_company(self.company_id).filtered(lambda product: not product._prepare_sellers())
        if lacking:
            raise ProcurementError(
                _(
                    "%(order)s: nobody sells us %(products)s. Add a vendor on the product's Purchase page first.",
                    order=self.name,
                    products=", ".join(lacking.mapped("display_name")),
                )
            )

    def _flow_sell_to_buy_confirmed(self):
        """What stock and earlier purchases leave open is bought at once; the buyers find the requests."""
        purchases = self.sudo().order_line._buy_shortages()
        purchases.write({"user_id": False})
        self._tell_buyers(purchases)

    def _flow_drop_ship_confirmed(self):
        self._tell_buyers(self.sudo()._get_purchase_orders())

    def _flow_back_to_back_confirmed(self):
        """Purchases of each order's own, for the whole quantity; its deliveries wait for them and for no other goods."""
        for order in self.sudo():
            moves = order._bind_deliveries()
            purchases = self.env["purchase.order"].sudo()._create_for_shortages(order._get_whole_demands(moves))
            purchases.write({"user_id": False})
            for line in purchases.order_line:
                line.move_dest_ids = moves & line.peg_ids.sale_line_id.move_ids
            order._tell_buyers(purchases)

    def _bind_deliveries(self):
        """The open deliveries of this order give back what they reserved, and wait for goods that come for them alone."""
        self.ensure_one()
        moves = self.order_line.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel") and move.location_id.usage == "internal" and not move.move_orig_ids
        )
        moves._do_unreserve()
        moves.write({"procure_method": "make_to_order"})
        moves._recompute_state()
        return moves

    def _get_whole_demands(self, moves):
        """All that the deliveries need, as shortages of crm.purchase.plan, with each product's preferred vendor."""
        found = []
        for move in moves:
            product = move.product_id.with_company(self.company_id)
            seller = product._select_seller(quantity=move.product_qty) or product._prepare_sellers()[:1]
            warehouse = move.warehouse_id or self.warehouse_id
            found.append(Shortage(move.sale_line_id, warehouse, seller, move.product_qty, move.date, False))
        return found

    def _tell_buyers(self, purchases):
        buyers = self.env.ref("crm_procurement.group_buyer").sudo().users.filtered("active")
        for purchase in purchases:
            users = buyers.filtered(lambda user, company=purchase.company_id: company in user.company_ids) - self.env.user
            subject = _("%(purchase)s is to be ordered for %(origin)s", purchase=purchase.name, origin=purchase.origin)
            key = "purchase.order,%d,sold" % purchase.id
            self.env["crm.notification"]._notify(users, subject, purchase.partner_id.name, record=purchase, key=key)

    def _get_flow_step(self):
        step, hint = super()._get_flow_step()
        if step or self.state not in CONFIRMED_STATES or self.flow not in (*BOUGHT_FLOWS, "sell_to_buy"):
            return step, hint
        texts = {
            "draft": _("The goods are requested from the vendor: a buyer confirms the purchase."),
            "ordered": _("The vendor has the order; the goods are on their way."),
        }
        return step, texts.get(self.procurement_state, hint)


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _needs_stock(self):
        return self.order_id.flow not in (*BOUGHT_FLOWS, "make") and super()._needs_stock()

    def _check_shortages(self, answers):
        """Nobody is asked about what will be bought anyway."""
        bought = {line for line, _product_id in answers if line.order_id.flow == "sell_to_buy"}
        return super()._check_shortages({key: answer for key, answer in answers.items() if key[0] not in bought})
