# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models


class SaleOrder(models.Model):
    """The buttons of goods that come back; each opens a small form."""

    _inherit = "sale.order"

    def action_goods_back(self):
        return self._open_goods_step("back", _("Take Goods Back"))

    def action_goods_keep(self):
        return self._open_goods_step("keep", _("Customer Keeps Goods"))

    def action_return_goods(self):
        return self._open_goods_step("return", _("Return Goods"))

    def action_exchange_goods(self):
        return self._open_goods_step("exchange", _("Exchange Goods"))

    def action_settle_rental(self):
        self.ensure_one()
        return self._open_form("crm.rental.settlement", {"order_id": self.id}, _("Settle the Rental"))

    def _open_goods_step(self, step, title):
        self.ensure_one()
        return self._open_form("crm.goods.step", {"order_id": self.id, "step": step}, title)

    def _open_form(self, model, values, title):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": model,
            "res_id": self.env[model].create(values).id,
            "view_mode": "form",
            "target": "new",
        }

    def action_view_returns(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("sale.action_orders")
        return {**action, "domain": [("returned_order_id", "=", self.id)], "context": {"create": False}}
