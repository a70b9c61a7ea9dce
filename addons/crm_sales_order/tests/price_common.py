# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from .common import SalesOrderCase


class PriceCase(SalesOrderCase):
    """A team with leader and rep, a director and finance; a pump that costs 500 and may not be sold below 860.

    Team East is led by eli; ann sells in it. Up to 10 % below the floor eli decides, beyond that the director, too; below
    the cost finance, too.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.price.floor"].search([]).unlink()
        cls.env["crm.discount.limit"].search([]).unlink()
        cls.env["crm.approval.tier"].search([("model", "=", "sale.order")]).active = False
        cls.ann = cls._create_user("ann", "crm_core.group_sales_rep")
        cls.eli = cls._create_user("eli", "crm_core.group_team_leader")
        cls.director = cls._create_user("dora", "crm_core.group_sales_director")
        cls.finance = cls._create_user("finn", "crm_sales_order.group_finance")
        cls.team = cls.env["crm.team"].create({"name": "East", "user_id": cls.eli.id, "member_ids": [(6, 0, cls.ann.ids)]})
        tiers = cls.env["crm.approval.tier"]
        group = cls.env.ref
        cls.tier_leader = tiers.create(
            {"name": "Leader", "sequence": 1, "group_id": group("crm_core.group_team_leader").id, "own_team": True}
        )
        cls.tier_director = tiers.create(
            {"name": "Director", "sequence": 2, "share_from": 10, "group_id": group("crm_core.group_sales_director").id}
        )
        cls.tier_finance = tiers.create(
            {"name": "Finance", "sequence": 3, "kind": "loss", "group_id": group("crm_sales_order.group_finance").id}
        )
        cls.pump.write({"list_price": 1000, "standard_price": 500, "sale_ok": True})
        cls.floor = cls.env["crm.price.floor"].create(
            {"product_tmpl_id": cls.pump.product_tmpl_id.id, "basis": "price", "minimum_price": 860}
        )

    @classmethod
    def _quote(cls, price, product=None, user=None, **values):
        product = product or cls.pump
        line = {"product_id": product.id, "product_uom_qty": 1, "price_unit": price, **values.pop("line", {})}
        return (
            cls.env["sale.order"]
            .with_user(user or cls.ann)
            .create({"partner_id": cls.customer.id, "order_line": [(0, 0, line)], **values})
        )

    def _approve(self, order, *deciders):
        order.action_request_approval("big customer")
        for decider in deciders:
            order.with_user(decider).action_grant_approval()
