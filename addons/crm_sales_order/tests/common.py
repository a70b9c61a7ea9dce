# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.tests.common import SavepointCase


class SalesOrderCase(SavepointCase):
    """A customer, a stocked product, one that is not, and the people of the roles around an order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True, no_reset_password=True))
        cls.company = cls.env.company
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.pump = cls._create_product("Pump", 500.0)
        cls.valve = cls._create_product("Valve", 80.0)
        cls._add_stock(cls.pump, 100)
        cls.customer = cls.env["res.partner"].create({"name": "Acme Corporation", "is_company": True})

    @classmethod
    def _create_product(cls, name, price, **values):
        defaults = {
            "name": name,
            "type": "product",
            "list_price": price,
            "standard_price": price / 2,
            "taxes_id": [(5, 0, 0)],
            "invoice_policy": "delivery",
        }
        return cls.env["product.product"].create({**defaults, **values})

    @classmethod
    def _add_stock(cls, product, quantity):
        cls.env["stock.quant"]._update_available_quantity(product, cls.warehouse.lot_stock_id, quantity)

    @classmethod
    def _create_user(cls, login, *groups, **values):
        return cls.env["res.users"].create(
            {
                "name": login,
                "login": login,
                "email": "%s@example.com" % login,
                "groups_id": [(6, 0, [cls.env.ref(group).id for group in ("base.group_user", *groups)])],
                **values,
            }
        )

    @classmethod
    def _create_opportunities(cls, amounts, product=None, **values):
        return cls.env["crm.lead"].create(
            [
                {
                    "name": "Deal over %s" % amount,
                    "type": "opportunity",
                    "partner_id": cls.customer.id,
                    "product_id": (product or cls.pump).id,
                    "expected_revenue": amount,
                    **values,
                }
                for amount in amounts
            ]
        )

    @classmethod
    def _create_delivered_orders(cls, amounts, product=None, **values):
        orders = cls._create_opportunities(amounts, product, **values).action_create_quotations()
        orders.action_confirm()
        orders.picking_ids.action_deliver_available()
        return orders

    @classmethod
    def _create_statement(cls, lines):
        """A posted bank statement from (memo, amount, partner) triples."""
        journal = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1
        )
        return cls.env["account.bank.statement"].create_posted(
            journal,
            "Bank/test",
            [
                {"payment_ref": memo, "amount": amount, "partner_id": partner.id if partner else False}
                for memo, amount, partner in lines
            ],
        )
