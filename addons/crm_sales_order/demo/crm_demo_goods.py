# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, models

RENTED_DAYS, LENT_DAYS, CONSIGNED_DAYS = 40, 20, 50


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_goods(self):
        """A forklift is rented out, a robot on loan is overdue, filters lie at a customer's, and some came back."""
        demo = self._quiet()
        forklift, robot, filters = (demo._ref(f"demo_product_{key}") for key in ("forklift", "cobot5", "airfilter"))
        stock = self.env.ref("stock.warehouse0").lot_stock_id
        demo._add_to_stock({forklift: 2, robot: 1, filters: 60}, stock, "租赁与寄售备货盘点")
        demo._rent_out(forklift)
        demo._lend(robot)
        demo._consign(filters)
        demo._return_some()

    def _open_goods_order(self, code, customer, product, quantity, days, **values):
        """Confirmed and handed out ``days`` ago."""
        partner = self._ref(f"demo_partner_{customer}")
        moment = self._at(self._workday(self._today() - timedelta(days=days)), 10)
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "user_id": partner.user_id.id,
                "team_id": partner.team_id.id,
                "warehouse_id": self.env.ref("stock.warehouse0").id,
                "order_type_id": self.env["crm.order.type"]._get_type(code).id,
                "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": quantity})],
                **values,
            }
        )
        order.action_confirm()
        order.picking_ids.action_deliver_available()
        self._backdate(order, date_order=[moment], create_date=[moment])
        order.commitment_date = moment + timedelta(days=1)
        self._date_transfers(order)
        return order

    def _rent_out(self, forklift):
        rent = self.env.ref("crm_sales_order.demo_rent_forklift")
        start = self._workday(self._today() - timedelta(days=RENTED_DAYS))
        order = self._open_goods_order(
            "rental", "huarui", rent, 1, RENTED_DAYS, lent_from=start, lent_until=self._today() + timedelta(days=18)
        )
        order._update_rental_account()
        self._bill_dealer(order)

    def _lend(self, robot):
        order = self._open_goods_order("loan", "xinyuan", robot, 1, LENT_DAYS, lent_until=self._today() + timedelta(days=1))
        order.lent_until = self._today() - timedelta(days=4)

    def _consign(self, filters):
        order = self._open_goods_order("consignment", "lanjing", filters, 60, CONSIGNED_DAYS)
        order._keep_goods({order.order_line: 24})
        order.picking_ids.move_lines.flush()
        self._bill_dealer(order)

    def _return_some(self):
        """Two pieces of a delivered order came back yesterday and wait for their check."""
        line = self.env["sale.order.line"].search(
            [
                ("product_id", "in", self._get_products().ids),
                ("product_id.type", "=", "product"),
                ("qty_delivered", ">=", 2),
                ("qty_invoiced", ">=", 2),
                ("order_id.flow", "=", "sale"),
                ("order_id.state", "=", "sale"),
                ("order_id.user_id", "=", self._ref("demo_user_rep").id),
            ],
            order="id desc",
            limit=1,
        )
        sold = line.order_id
        order = self.env["sale.order"].create(
            {**sold._prepare_return("return", "defective"), "order_line": [(0, 0, line._prepare_taking_back(2))]}
        )
        order.action_confirm()
        order.picking_ids.action_deliver_available()
