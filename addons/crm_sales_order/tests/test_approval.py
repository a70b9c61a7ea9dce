# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.exceptions import AccessError

from ..exceptions import SalesOrderError
from .price_common import PriceCase


class TestApproval(PriceCase):
    """Who must agree, in which order, and for how long it holds."""

    def test_reasons_name_line_and_figures(self):
        order = self._quote(756.8)
        self.assertEqual(order.approval_state, "needed")
        self.assertRegex(order.approval_text, r"Line 1: 12 % below the floor of .*860\.00")
        self.assertIn("Leader, Director", order.approval_text)
        with self.assertRaisesRegex(SalesOrderError, "12 % below the floor"):
            order.action_quotation_sent()

    def test_reasons_say_what_is_left_of_a_price_with_taxes(self):
        tax = self.env["account.tax"].create({"name": "In", "amount": 25, "price_include": True, "type_tax_use": "sale"})
        order = self._quote(1000, line={"tax_id": [(6, 0, tax.ids)]})
        self.assertRegex(order.approval_text, r"7 % below the floor of .*860\.00 \(net price .*800\.00\)")

    def test_leader_alone_up_to_the_directors_share(self):
        order = self._quote(800)
        self._approve(order, self.eli)
        self.assertEqual(order.approval_state, "granted")
        order.action_quotation_sent()
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_tiers_are_asked_in_order(self):
        order = self._quote(450)  # 48 % below the floor, and below the cost of 500
        order.action_request_approval()
        with self.assertRaisesRegex(SalesOrderError, "decided by: Leader"):
            order.with_user(self.finance).action_grant_approval()
        order.with_user(self.eli).action_grant_approval()
        self.assertEqual(order.approval_state, "requested")
        self.assertEqual(order.approval_ids.sorted()[0].tier_id, self.tier_director)
        with self.assertRaises(SalesOrderError):
            order.action_confirm()
        order.with_user(self.director).action_grant_approval()
        self.assertEqual(order.approval_ids.sorted()[0].tier_id, self.tier_finance)
        order.with_user(self.finance).action_grant_approval()
        self.assertEqual(order.approval_state, "granted")
        self.assertEqual(order.approval_ids.mapped("state"), ["granted"] * 3)

    def test_director_decides_for_the_tiers_below(self):
        order = self._quote(700)
        self._approve(order, self.director)
        self.assertEqual(order.approval_state, "granted")
        self.assertEqual(order.approval_ids.decider_id, self.director)

    def test_nobody_decides_an_own_request(self):
        order = self._quote(800, user=self.eli)
        order.action_request_approval()
        with self.assertRaisesRegex(SalesOrderError, "own request"):
            order.action_grant_approval()
        order.with_user(self.director).action_grant_approval()
        self.assertEqual(order.approval_state, "granted")

    def test_rep_neither_decides_nor_writes_approvals(self):
        order = self._quote(800)
        order.action_request_approval()
        with self.assertRaisesRegex(SalesOrderError, "own request"):
            order.action_grant_approval()
        with self.assertRaises(AccessError):
            order.approval_ids.write({"state": "granted"})
        with self.assertRaises(AccessError):
            self.env["crm.approval"].with_user(self.ann).create(
                {"order_id": order.id, "tier_id": self.tier_leader.id, "state": "granted", "requester_id": self.ann.id}
            )

    def test_refusal_needs_a_reason_and_is_told(self):
        order = self._quote(800)
        order.action_request_approval()
        with self.assertRaisesRegex(SalesOrderError, "Say why"):
            order.approval_ids.with_user(self.eli)._decide("refused", " ")
        action = order.with_user(self.eli).action_refuse_approval()
        wizard = self.env[action["res_model"]].with_user(self.eli).browse(action["res_id"])
        wizard.reason = "They buy once a year"
        wizard.action_apply()
        self.assertEqual(order.approval_state, "refused")
        self.assertIn("They buy once a year", order.approval_text)
        told = self.env["crm.notification"].search([("user_id", "=", self.ann.id)], limit=1)
        self.assertIn("They buy once a year", told.body)
        order.order_line.price_unit = 850
        self.assertEqual(order.approval_state, "needed")

    def test_deciders_are_told_and_find_it_on_their_workbench(self):
        order = self._quote(800)
        order.action_request_approval("keeps the competitor out")
        told = self.env["crm.notification"].search([("user_id", "=", self.eli.id)], limit=1)
        self.assertIn(order.name, told.subject)
        self.assertIn("keeps the competitor out", told.body)
        approvals = self.env["crm.approval"]
        self.assertEqual(approvals.with_user(self.eli)._workbench_price_approvals()["value"], 1)
        self.assertEqual(approvals.with_user(self.ann)._workbench_price_approvals()["value"], 0)

    def test_any_change_expires_it(self):
        changes = {
            "price": lambda order: order.order_line.write({"price_unit": 790}),
            "discount": lambda order: order.order_line.write({"discount": 1}),
            "quantity": lambda order: order.order_line.write({"product_uom_qty": 100}),
            "customer": lambda order: order.write({"partner_id": self.customer.copy().id}),
            "another line": lambda order: order.write({"order_line": [(0, 0, {"product_id": self.valve.id, "price_unit": 80})]}),
            "cost": lambda order: self.pump.sudo().write({"standard_price": 600}),
            "floor": lambda order: self.floor.sudo().write({"minimum_price": 870}),
        }
        for name, change in changes.items():
            with self.subTest(name):
                order = self._quote(800)
                self._approve(order, self.eli)
                change(order)
                self.assertEqual(order.approval_state, "needed", name)
                self.assertEqual(order.approval_ids.sorted()[0].status, "expired")
                with self.assertRaises(SalesOrderError), self.env.cr.savepoint():
                    order.write({"state": "sent"})

    def test_changed_since_requested_cannot_be_granted(self):
        order = self._quote(800)
        order.action_request_approval()
        order.order_line.price_unit = 780
        with self.assertRaisesRegex(SalesOrderError, "changed since it was requested: Products, quantities or prices"):
            order.with_user(self.eli).action_grant_approval()
        order.action_request_approval()
        self.assertEqual(order.approval_ids.sorted().mapped("state"), ["requested", "withdrawn"])
        order.with_user(self.eli).action_grant_approval()

    def test_decided_once(self):
        order = self._quote(800)
        order.action_request_approval()
        request = order.approval_ids
        request.with_user(self.eli).action_grant()
        with self.assertRaisesRegex(SalesOrderError, "decided already"):
            request.with_user(self.director)._decide("refused", "too late")

    def test_without_a_tier_it_stops_and_says_so(self):
        self.tier_leader.active = False
        order = self._quote(800)  # 7 %: below the director's share
        with self.assertRaisesRegex(SalesOrderError, "No approval tier covers this"):
            order.action_request_approval()
        with self.assertRaises(SalesOrderError):
            order.action_confirm()

    def test_a_leader_of_another_team_does_not_decide(self):
        other = self._create_user("sam", "crm_core.group_team_leader")
        self.env["crm.team"].create({"name": "South", "user_id": other.id})
        order = self._quote(800)
        order.action_request_approval()
        with self.assertRaises(AccessError):
            order.approval_ids.with_user(other).action_grant()

    def test_who_may_not_know_margins_does_not(self):
        order = self._quote(800)
        order.action_request_approval()
        portal = self._create_user("petra")
        portal.write({"groups_id": [(6, 0, self.env.ref("base.group_portal").ids)], "partner_id": self.customer.id})
        order.sudo().message_subscribe(self.customer.ids)
        self.assertEqual(order.with_user(portal).read(["amount_total"])[0]["amount_total"], 800)
        for name in ("margin", "margin_percent", "approval_text", "approval_ids"):
            with self.subTest(name), self.assertRaises(AccessError):
                order.with_user(portal).read([name])
        for group in ("crm_core.group_marketing", "crm_sales_order.group_warehouse"):
            user = self._create_user(group.split("_")[-1], group)
            for model in ("crm.approval", "crm.approval.tier", "crm.price.floor", "crm.discount.limit"):
                with self.subTest(model, group=group), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search_read([], [])
            with self.assertRaises(AccessError):
                order.order_line.with_user(user).read(["purchase_price"])
