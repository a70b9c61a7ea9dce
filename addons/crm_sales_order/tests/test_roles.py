# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from lxml import etree
from odoo.exceptions import AccessError

from .common import SalesOrderCase


class TestRoles(SalesOrderCase):
    """Who sees which orders and which money, asked through the methods RPC reaches."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leader = cls._create_user("so_leader", "crm_core.group_team_leader")
        cls.team = cls.env["crm.team"].create({"name": "South", "user_id": cls.leader.id})
        below = cls.env["crm.team"].create({"name": "South-East", "parent_id": cls.team.id})
        cls.rep = cls._create_user("so_rep", "crm_core.group_sales_rep", sale_team_id=below.id)
        cls.other = cls._create_user("so_other", "crm_core.group_sales_rep")
        cls.finance = cls._create_user("so_finance", "crm_sales_order.group_finance")
        cls.warehouse_user = cls._create_user(
            "so_warehouse", "crm_sales_order.group_warehouse", "base.group_allow_export"
        )
        cls.executive = cls._create_user("so_executive", "crm_core.group_executive")
        cls.order = cls._create_delivered_orders([900.0], user_id=cls.rep.id, team_id=below.id)
        cls.invoice = cls.order.action_invoice_delivered()
        cls.others_order = cls._create_delivered_orders([700.0], user_id=cls.other.id, team_id=False)
        cls.both = cls.order | cls.others_order

    def _visible(self, user, model="sale.order"):
        ids = {"sale.order": self.both.ids, "sale.order.line": self.both.order_line.ids}[model]
        return self.env[model].with_user(user).search([("id", "in", ids)])

    def test_a_rep_sees_own_orders_only(self):
        self.assertEqual(self._visible(self.rep), self.order)
        self.assertEqual(self._visible(self.rep, "sale.order.line"), self.order.order_line)
        with self.assertRaises(AccessError):
            self.others_order.with_user(self.rep).read(["amount_total"])
        groups = (
            self.env["sale.order"].with_user(self.rep).read_group([("id", "in", self.both.ids)], ["amount_total"], [])
        )
        self.assertEqual(groups[0]["amount_total"], 900.0)

    def test_a_leader_sees_the_orders_of_the_teams_below(self):
        self.assertEqual(self._visible(self.leader), self.order)
        self.assertIn(self.invoice, self.env["account.move"].with_user(self.leader).search([]))

    def test_the_rep_sees_the_money_of_own_orders_without_accounting_rights(self):
        self.assertFalse(self.rep.has_group("account.group_account_invoice"))
        values = self.order.with_user(self.rep).read(["amount_billed", "amount_open", "payment_status"])[0]
        self.assertEqual((values["amount_billed"], values["amount_open"]), (900.0, 900.0))
        customer = self.customer.with_user(self.rep).read(["sales_amount_billed", "sales_amount_open"])[0]
        self.assertEqual((customer["sales_amount_billed"], customer["sales_amount_open"]), (900.0, 900.0))

    def test_money_of_other_reps_orders_is_not_told_by_the_customer(self):
        values = self.customer.with_user(self.other).read(["sales_amount_billed"])[0]
        self.assertEqual(values["sales_amount_billed"], 0.0)

    def test_a_rep_cannot_post_entries(self):
        draft = self.others_order._create_invoices()
        with self.assertRaises(AccessError):
            draft.with_user(self.other).action_post()

    def test_a_reps_invoice_waits_for_finance(self):
        invoice = self.others_order.with_user(self.other).action_invoice_delivered()
        self.assertEqual(invoice.state, "draft")
        invoice.with_user(self.finance).action_post()
        self.assertEqual(self.others_order.payment_status, "billed")

    def test_overdue_counts_from_the_due_date(self):
        self.assertEqual(self.order.amount_overdue, 0.0)
        self.invoice.line_ids.date_maturity = "2020-01-31"
        self.invoice.invoice_date_due = "2020-01-31"
        order = self.order.with_user(self.rep)
        order.invalidate_cache()
        self.assertEqual(order.amount_overdue, 900.0)
        self.assertEqual(order.search([("amount_overdue", ">", 0)]) & self.both, self.order)

    def test_finance_posts_and_matches(self):
        statement = (
            self.env["account.bank.statement"]
            .with_user(self.finance)
            .create_posted(
                self.env["account.journal"].search(
                    [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
                ),
                "Bank/finance",
                [{"payment_ref": self.order.name, "amount": 900.0, "partner_id": self.customer.id}],
            )
        )
        statement.action_match_invoices()
        self.assertEqual(self.order.payment_status, "paid")

    def test_the_warehouse_ships_without_seeing_orders_or_prices(self):
        order = self._create_opportunities([650.0]).action_create_quotations()
        order.action_confirm()
        picking = order.picking_ids.with_user(self.warehouse_user)
        self.assertFalse(self._visible(self.warehouse_user))
        with self.assertRaises(AccessError):
            order.with_user(self.warehouse_user).read(["amount_total"])
        self.assertEqual(picking.read(["origin"])[0]["origin"], order.name)
        picking.action_deliver_available()
        self.assertEqual(order.order_line.qty_delivered, 1.0)

    def test_the_warehouse_sees_no_price_on_any_route(self):
        product = self.pump.with_user(self.warehouse_user)
        self.assertEqual(product.read(["name", "lst_price", "standard_price"])[0]["lst_price"], False)
        self.assertEqual(product.product_tmpl_id.read(["list_price"])[0]["list_price"], False)
        self.assertEqual(product.export_data(["name", "lst_price"])["datas"], [["Pump", ""]])
        self.assertEqual(product.price_compute("list_price"), {self.pump.id: 0.0})
        for attempt in (
            lambda: product.search([("list_price", ">", 100)]),
            lambda: product.search([("product_tmpl_id.list_price", ">", 100)]),
            lambda: product.search([], order="list_price desc"),
            lambda: product.read_group([], ["list_price:max"], ["categ_id"]),
            lambda: product.env["stock.move"].search([("product_id.list_price", ">", 100)]),
        ):
            with self.assertRaises(AccessError):
                attempt()
        move = self.order.picking_ids.move_lines.with_user(self.warehouse_user)
        self.assertEqual(move.read(["price_unit"])[0]["price_unit"], False)

    def test_an_executive_reads_everything_and_changes_nothing(self):
        self.assertEqual(self._visible(self.executive), self.both)
        for record in (self.order, self.invoice, self.order.picking_ids):
            record.with_user(self.executive).read(["display_name"])
            with self.assertRaises(AccessError):
                record.with_user(self.executive).write({"origin": "x"} if "origin" in record else {"ref": "x"})

    def test_a_customer_known_before_is_customer_side_from_the_first_invoice(self):
        self.assertTrue(self.customer.is_customer)
        self.assertTrue(self.env["res.partner"].create({"name": "Old", "customer_rank": 1}).is_customer)

    def test_marketing_opens_a_lead_without_seeing_its_orders(self):
        lead = self.env["crm.lead"].create({"name": "Pump", "type": "opportunity"})
        self.order.opportunity_id = lead
        marketing = self._create_user("so_marketing", "crm_core.group_marketing")
        view = lead.with_user(marketing).load_views([(False, "form")])["fields_views"]["form"]
        self.assertEqual(self._hidden_buttons(view["arch"]), {"action_view_sale_quotation", "action_view_sale_order"})
        self.assertEqual(lead.with_user(marketing).read(list(view["fields"]))[0]["name"], "Pump")
        self.assertEqual(lead.with_user(marketing).read(["sale_amount_total"])[0]["sale_amount_total"], 0.0)
        seen_by_rep = lead.with_user(self.rep).load_views([(False, "form")])["fields_views"]["form"]
        self.assertFalse(self._hidden_buttons(seen_by_rep["arch"]))

    @staticmethod
    def _hidden_buttons(arch):
        """Names of the buttons to quotations and orders that the reader's groups hide."""
        buttons = etree.fromstring(arch).xpath("//button[starts-with(@name, 'action_view_sale_')][@invisible='1']")
        return {button.get("name") for button in buttons}
