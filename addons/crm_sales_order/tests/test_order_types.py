# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from typing import NamedTuple

from odoo.exceptions import UserError
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..exceptions import InstalmentError, SalesOrderError
from .order_types import OrderTypeCase


class TestOrderType(OrderTypeCase):
    """The type itself: default, numbering, route, and when it changes."""

    def test_a_quotation_is_a_standard_one_unless_said_otherwise(self):
        order = self.env["sale.order"].create({"partner_id": self.customer.id})
        self.assertEqual((order.order_type_id.code, order.flow), ("standard", "sale"))
        self.assertEqual(self.env["sale.order"].create({"partner_id": self.customer.id, "order_type_id": False}).flow, "sale")

    def test_only_a_quotation_changes_its_type(self):
        order = self.quote("standard")
        order.order_type_id = self.kind("presale")
        self.assertEqual(order.instalment_ids.mapped("percent"), [30.0, 70.0])
        with self.assertRaisesRegex(SalesOrderError, "Choose an order type"):
            order.order_type_id = False
        self.sign(order)
        with self.assertRaisesRegex(SalesOrderError, "Only a quotation"):
            order.order_type_id = self.kind("standard")

    def test_the_type_has_numbers_of_its_own(self):
        order = self.quote("standard")
        number = order.name
        order.order_type_id = self.kind("export")
        self.assertRegex(order.name, r"^EX\d{8}$")
        self.assertNotEqual(order.name, number)
        self.assertRegex(self.quote("export").name, r"^EX\d{8}$")

    def test_the_route_is_on_the_lines_whatever_the_door(self):
        route = self.env["stock.location.route"].create({"name": "Test", "sale_selectable": True, "company_id": False})
        kind = self.kind("service").copy({"route_id": route.id, "service_only": False})
        order = self.quote(kind.code)
        self.assertEqual(order.order_line.route_id, route)
        self.assertEqual(order.order_line.create({"order_id": order.id, "product_id": self.valve.id}).route_id, route)

    def test_a_code_names_one_type(self):
        with self.assertRaises(IntegrityError), self.cr.savepoint(), mute_logger("odoo.sql_db"):
            self.kind("standard").copy({"code": "standard"})


class TestInstalments(OrderTypeCase):
    """The plan: shares, sums and who may change it."""

    def test_the_parts_sum_to_the_total_to_the_cent(self):
        order = self.quote("instalment", (self.pump, 1, 88.5))
        self.assertEqual(order.amount_total, 100.01)
        self.assertEqual(order.instalment_ids.mapped("amount"), [33.34, 33.34, 33.33])

    def test_percents_must_make_the_whole(self):
        order = self.quote("presale")
        order.instalment_ids[0].percent = 40
        with self.assertRaisesRegex(InstalmentError, "110"):
            order.action_quotation_sent()

    def test_an_agreed_plan_changes_no_more(self):
        order = self.sign(self.quote("presale"))
        rep = self._create_user("types_rep", "crm_core.group_sales_rep")
        order.user_id = rep
        part = order.with_user(rep).instalment_ids[1]
        for vals in ({"percent": 20}, {"state": "paid"}, {"share_reached": 1.0}, {"amount_invoiced": 1.0}):
            with self.assertRaises(UserError):
                part.write(vals)

    def test_signing_makes_the_deposit_due(self):
        order = self.sign(self.quote("presale"))
        self.assertEqual(order.instalment_ids.mapped("state"), ["due", "waiting"])


class Kind(NamedTuple):
    """What to sell as which kind, the steps after signing, and what comes of them."""

    code: str
    lines: list
    steps: str
    invoices: list
    pumps: float = 0.0


KINDS = [
    Kind("standard", [("pump", 4)], "ship bill pay_all", [2260.0], pumps=4),
    Kind("spot_cash", [("pump", 4)], "take", [2260.0], pumps=4),
    Kind("presale", [("pump", 4)], "bill pay_all ship bill pay_all", [678.0, 1582.0], pumps=4),
    Kind("instalment", [("pump", 4)], "ship bill pay_all wait bill pay_all wait bill pay_all", [753.33, 753.33, 753.34], pumps=4),
    Kind("service", [("install", 5)], "work bill pay_all", [1130.0]),
    Kind(
        "installation",
        [("pump", 4), ("install", 1)],
        "bill pay_all ship bill pay_all accept bill pay_all",
        [745.8, 1491.6, 248.6],
        pumps=4,
    ),
    Kind("call_off", [("pump", 4)], "ship bill pay_all", [2260.0], pumps=4),
]


class TestEachKind(OrderTypeCase):
    """From quotation to closed receivable, kind by kind."""

    def test_from_quotation_to_closed_receivable(self):
        for kind in KINDS:
            with self.subTest(kind.code), self.rolled_back():
                order = self.sign(self.quote(kind.code, *[(getattr(self, name), quantity) for name, quantity in kind.lines]))
                for step in kind.steps.split():
                    getattr(self, step)(order)
                self.assertEqual([round(move.amount_total, 2) for move in order.invoice_ids.sorted("id")], kind.invoices)
                self.assertEqual(self.stock(self.pump), 100 - kind.pumps)
                self.assertEqual({picking.state for picking in order.picking_ids}, {"done"} if kind.pumps else set())
                self.assertEqual((order.payment_status, order.next_action), ("paid", "done"))
                self.assertEqual(order.invoice_status, "invoiced")
                self.assert_closed(order)
                self.assertEqual(order.action_invoice_delivered(), self.env["account.move"], "nothing is billed twice")


class TestInstalmentInvoices(OrderTypeCase):
    """Amounts, whatever is delivered when."""

    def test_presale_the_final_invoice_deducts_the_deposit(self):
        order = self.sign(self.quote("presale"))
        deposit = self.bill(order)
        self.assertEqual(deposit.amount_total, 678.0)
        advances = self.kind("presale")._get_account("advance_account_id", self.company)
        self.assertEqual(self.balance(advances, order), -600.0)
        self.pay(deposit)
        self.assertEqual(order.instalment_ids.mapped("state"), ["paid", "waiting"])
        self.ship(order)
        self.assertEqual(order.instalment_ids.mapped("state"), ["paid", "due"])
        balance = self.bill(order)
        self.assertEqual(balance.amount_total, 1582.0)
        self.assertEqual(self.balance(advances, order), 0.0)
        self.pay(balance)
        self.assert_closed(order)

    def test_presale_each_back_order_takes_its_share_of_the_deposit(self):
        order = self.sign(self.quote("presale", (self.pump, 3, 333.33)))
        self.pay(self.bill(order))
        amounts = []
        for _part in range(3):
            self.ship(order, 1)
            amounts.append(self.pay(self.bill(order)).amount_total)
        self.assertEqual(order.amount_total, 1129.99)
        self.assertEqual(amounts, [263.66, 263.67, 263.66])
        self.assertNotIn("out_refund", order.invoice_ids.mapped("move_type"))
        self.assert_closed(order)
