# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.tests import SavepointCase


class ProcurementCase(SavepointCase):
    """A warehouse with 5 pumps and no valves; both are bought from Acme, which sells pumps from 10 on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True, no_reset_password=True))
        Partner = cls.env["res.partner"]
        cls.acme = Partner.create({"name": "Acme", "is_company": True, "supplier_rank": 1})
        cls.bolt = Partner.create({"name": "Bolt", "is_company": True, "supplier_rank": 1})
        cls.customer = Partner.create(
            {"name": "Harbour Hotel", "is_company": True, "customer_rank": 1, "phone": "+86 755 1234 5678"}
        )
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.env.company.id)], limit=1)
        cls.pump = cls._create_product("Pump", stock=5, sellers=[(cls.acme, 10, 300.0)])
        cls.valve = cls._create_product("Valve", sellers=[(cls.acme, 0, 20.0)])

    @classmethod
    def _create_product(cls, name, stock=0, sellers=(), **vals):
        product = cls.env["product.product"].create(
            {
                "name": name,
                "type": "product",
                "list_price": 500.0,
                "seller_ids": [
                    (0, 0, {"name": vendor.id, "min_qty": minimum, "price": price, "delay": 7})
                    for vendor, minimum, price in sellers
                ],
                **vals,
            }
        )
        if stock:
            cls._add_stock(product, stock)
        return product

    @classmethod
    def _add_stock(cls, product, quantity):
        cls.env["stock.quant"]._update_available_quantity(product, cls.warehouse.lot_stock_id, quantity)

    @classmethod
    def _sell(cls, *items, confirm=True, **vals):
        """Create one order of (product, quantity) pairs."""
        order = cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "warehouse_id": cls.warehouse.id,
                "order_line": [
                    (0, 0, {"product_id": product.id, "product_uom_qty": quantity}) for product, quantity in items
                ],
                **vals,
            }
        )
        if confirm:
            order.action_confirm()
        return order

    @classmethod
    def _create_user(cls, login, *groups):
        return cls.env["res.users"].create(
            {
                "name": login,
                "login": login,
                "email": "%s@example.com" % login,
                "groups_id": [(6, 0, [cls.env.ref(group).id for group in groups])],
            }
        )

    def _deliver(self, orders):
        """Ship what is reserved."""
        for line in orders.picking_ids.move_line_ids.filtered(lambda line: line.state not in ("done", "cancel")):
            line.qty_done = line.product_uom_qty
        orders.picking_ids.filtered(lambda picking: picking.state == "assigned")._action_done()
