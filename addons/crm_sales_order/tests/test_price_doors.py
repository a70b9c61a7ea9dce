# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import random
from collections import Counter

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError

from ..exceptions import SalesOrderError
from .price_common import PriceCase

RUNS, STEPS = 16, 12


class DoorCase(PriceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dozen = cls.env.ref("uom.product_uom_dozen")
        cls.foreign = cls.env["res.currency"].create(
            {
                "name": "XQC",
                "symbol": "Q",
                "rate_ids": [(0, 0, {"name": fields.Date.today(), "rate": 4.0, "company_id": cls.company.id})],
            }
        )
        cls.foreign_list = cls.env["product.pricelist"].create({"name": "Foreign", "currency_id": cls.foreign.id})
        cls.included = cls.env["account.tax"].create(
            {"name": "Included", "amount": 25, "price_include": True, "type_tax_use": "sale", "company_id": cls.company.id}
        )
        cls.env["crm.discount.limit"].create({"group_id": cls.env.ref("crm_core.group_sales_rep").id, "discount": 20})
        cls.public = cls.env.ref("base.public_user")
        cls.cheap_line = {"product_id": cls.pump.id, "price_unit": 100}
        cls._add_stock(cls.pump, 100000)
        cls._add_stock(cls.valve, 100000)

    def _option(self, order, price, **values):
        vals = {"order_id": order.id, "product_id": self.pump.id, "name": "Second pump", "price_unit": price, "uom_id": self.pump.uom_id.id}
        return self.env["sale.order.option"].with_user(self.ann).create({**vals, **values})


class TestPriceDoors(DoorCase):
    """Every door by which a price below the floor could reach the customer, one by one."""

    def _refused(self, act, order=None):
        with self.assertRaises((SalesOrderError, AccessError)) as caught, self.env.cr.savepoint():
            act()
            self.env["sale.order"].flush()
        self.env.cache.invalidate()
        return caught.exception

    def test_a_quotation_below_the_floor_goes_nowhere(self):
        order = self._quote(800)
        doors = {
            "button": order.action_quotation_sent,
            "confirm": order.action_confirm,
            "state sent": lambda: order.write({"state": "sent"}),
            "state sale": lambda: order.write({"state": "sale"}),
            "state done": lambda: order.write({"state": "done"}),
            "copy": lambda: order.copy({"state": "sale"}),
            "create": lambda: self._quote(800, state="sent"),
            "salesperson": lambda: order.write({"user_id": self.director.id, "state": "sent"}),
            "nobody's": lambda: order.write({"user_id": False, "state": "sent"}),
        }
        for name, door in doors.items():
            with self.subTest(name):
                self._refused(door)
        order.action_cancel()
        self._refused(lambda: order.write({"state": "sent"}))

    def test_lines_of_what_was_sent_or_confirmed(self):
        for state in ("sent", "sale"):
            order = self._quote(1000)
            order.write({"state": state})
            line = order.order_line
            doors = {
                "price": lambda line=line: line.write({"price_unit": 800}),
                "discount": lambda line=line: line.write({"discount": 19}),
                "through the order": lambda order=order, line=line: order.write({"order_line": [(1, line.id, {"price_unit": 800})]}),
                "new line": lambda order=order: order.write({"order_line": [(0, 0, self.cheap_line)]}),
                "deduction": lambda order=order: order.write(
                    {"order_line": [(0, 0, {"product_id": self.valve.id, "price_unit": -200, "name": "for you"})]}
                ),
                "unit": lambda line=line: line.write({"product_uom": self.dozen.id, "price_unit": 1000}),
                "tax": lambda line=line: line.write({"tax_id": [(6, 0, self.included.ids)]}),
                "currency": lambda order=order, line=line: order.write(
                    {"pricelist_id": self.foreign_list.id, "order_line": [(1, line.id, {"price_unit": 1000})]}
                ),
                "floor": lambda line=line: line.write({"floor_price": 0}),
                "floor on create": lambda order=order: order.write({"order_line": [(0, 0, {**self.cheap_line, "floor_price": 0})]}),
                "cost": lambda line=line: line.write({"purchase_price": 1}),
                "as freight": lambda line=line: line.write({"is_delivery": True, "price_unit": 1}),
                "as down payment": lambda line=line: line.write({"is_downpayment": True, "price_unit": 1}),
                "as gift": lambda line=line: line.write({"line_role": "gift", "price_unit": 1}),
                "as reward": lambda line=line: line.write({"is_reward_line": True, "price_unit": 1}),
            }
            for name, door in doors.items():
                with self.subTest(name, state=state):
                    self._refused(door)
            self.assertEqual(order.order_line.price_unit, 1000)

    def test_another_product_on_a_confirmed_line(self):
        order = self._quote(80, product=self.valve)
        order.action_confirm()
        self._refused(lambda: order.order_line.write({"product_id": self.pump.id}))

    def test_a_line_moved_to_a_confirmed_order(self):
        confirmed, draft = self._quote(1000), self._quote(700)
        confirmed.action_confirm()
        self._refused(lambda: draft.order_line.write({"order_id": confirmed.id}))

    def test_the_price_for_many_is_not_the_price_for_one(self):
        item = {"applied_on": "0_product_variant", "product_id": self.valve.id, "fixed_price": 50, "min_quantity": 100}
        tiers = self.env["product.pricelist"].create({"name": "Tiers", "item_ids": [(0, 0, item)]})
        order = self._quote(50, product=self.valve, pricelist_id=tiers.id, line={"product_uom_qty": 100})
        order.action_confirm()
        order.order_line.product_uom_qty = 150
        error = self._refused(lambda: order.order_line.write({"product_uom_qty": 1}))
        self.assertIn("37.5 % conceded, 20 % allowed", error.args[0])

    def test_options_are_offered_too(self):
        order = self._quote(1000)
        option = self._option(order, 800)
        self._refused(order.action_quotation_sent)
        option.price_unit = 900
        order.action_quotation_sent()
        self._refused(lambda: option.write({"price_unit": 800}))
        self._refused(lambda: self._option(order, 100))

    def test_a_line_after_options_with_included_taxes(self):
        """Judging an option computes with its taxes; the rep, who may not write taxes, adds a line all the same."""
        self.pump.write({"taxes_id": [(6, 0, self.included.ids)], "list_price": 1250})
        order = self._quote(1250)
        self._option(order, 1200)
        order.action_quotation_sent()
        order.write({"order_line": [(0, 0, {"product_id": self.pump.id, "product_uom_qty": 2})]})
        self.assertEqual(order.order_line.mapped("tax_id"), self.included)

    def test_the_customer_chooses_what_was_approved(self):
        order = self._quote(1000)
        option = self._option(order, 800)
        self._approve(order, self.eli)
        order.action_quotation_sent()
        option.with_user(self.public).sudo().add_option_to_order()
        self.assertEqual(order.order_line[-1:].price_unit, 800)
        error = self._refused(lambda: order.order_line[-1:].with_user(self.public).sudo().write({"product_uom_qty": 100}))
        self.assertNotIn("floor", error.args[0])
        self.assertIn("ask your salesperson", error.args[0])
        order.with_user(self.public).sudo().action_confirm()
        self.assertEqual(order.state, "sale")

    def test_promotions_of_the_company_are_no_concession_but_stop_at_the_floor(self):
        program = self.env["coupon.program"].create(
            {
                "name": "Quarter off",
                "promo_code_usage": "no_code_needed",
                "program_type": "promotion_program",
                "discount_percentage": 25,
                "rule_products_domain": "[('id', '=', %d)]" % self.valve.id,
            }
        )
        order = self._quote(80, product=self.valve)
        order.recompute_coupon_lines()
        self.assertEqual(order.amount_untaxed, 60)
        self.assertEqual(order.approval_state, "none")
        order.order_line.filtered("is_reward_line").price_unit = -50
        self.assertEqual(order.approval_state, "needed")
        pump = self._quote(1000)
        program.rule_products_domain = "[('id', '=', %d)]" % self.pump.id
        pump.recompute_coupon_lines()
        self.assertEqual(pump.amount_untaxed, 750)
        self.assertIn("below the floor", pump.approval_text)

    def test_what_was_offered_holds_when_costs_rise(self):
        self.env["crm.price.floor"].create({"product_tmpl_id": self.valve.product_tmpl_id.id, "basis": "margin", "minimum_margin": 20})
        order = self._quote(80, product=self.valve)
        order.action_quotation_sent()
        self.valve.standard_price = 75
        order.with_user(self.public).sudo().action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertIn("below the floor", self._quote(80, product=self.valve).approval_text)

    def test_who_has_no_margins_learns_none(self):
        order = self._quote(800)
        with self.assertRaises(SalesOrderError) as caught:
            order.with_user(self.public).sudo().action_confirm()
        self.assertNotIn("860", caught.exception.args[0])


class TestPriceWalks(DoorCase):
    """Whatever a rep does in whatever order: no sent or confirmed order below the floor that nobody approved.

    Random walks over the doors above. The oracle knows the floor by itself (860 a piece, four times that in the other
    currency), and what the deciders had before them when they agreed.
    """

    def test_no_walk_leads_below_the_floor(self):
        reached = Counter()
        for seed in range(RUNS):
            with self.subTest(seed=seed), self.env.cr.savepoint():
                reached += self._walk(random.Random(seed))
        for kind in ("bound", "approved", "refused"):
            self.assertGreater(reached[kind], RUNS // 2, reached)

    def _walk(self, rng):
        self.orders, self.agreed, reached = self._quote(rng.choice([800, 900])), {}, Counter()
        trail = []
        steps = [getattr(self, name) for name in dir(self) if name.startswith("_step_")]
        for _number in range(STEPS):
            step = rng.choice(steps)
            order = rng.choice(self.orders)
            trail.append((step.__name__, order.id))
            try:
                with self.env.cr.savepoint():
                    step(rng, order)
                    order.flush()
            except (UserError, AccessError, ValidationError):
                reached["refused"] += 1
                self.env.cache.invalidate()
                self.env.clear()
            self.orders = self.orders.exists()
            if not self.orders:
                self.orders = self._quote(900)
            reached += self._judge(trail)
        return reached

    def _judge(self, trail):
        found = Counter()
        self.env.cache.invalidate()
        for order in self.orders.sudo():
            if order.state not in ("sent", "sale", "done"):
                continue
            found["bound"] += 1
            rate = 4.0 if order.currency_id == self.foreign else 1.0
            amounts = [line.price_unit * (1 - line.discount / 100) * line.product_uom_qty for line in order.order_line]
            total = sum(amount for amount in amounts if amount > 0)
            left = 1 + sum(amount for amount in amounts if amount < 0) / total if total else 1
            low = False
            for line in order.order_line.filtered(lambda line: line.product_id == self.pump and line.price_unit >= 0):
                included = 1.25 if line.tax_id == self.included else 1.0
                net = line.price_unit * (1 - line.discount / 100) * left / included
                low |= net < 860 * rate * (12 if line.product_uom == self.dozen else 1) - 0.011
            if low:
                found["approved"] += 1
                self.assertFalse(Counter(self._content(order)) - self.agreed.get(order.id, Counter()), trail)
        return found

    def _content(self, order):
        return [
            (line.product_id.id, line.product_uom.id, line.product_uom_qty, round(line.price_unit * (1 - line.discount / 100), 4))
            for line in order.order_line
        ]

    def _price(self, rng):
        return rng.choice([100, 700, 859, 860, 900, 1000])

    def _step_edit_line(self, rng, order):
        name, value = rng.choice(
            [
                ("price_unit", self._price(rng)),
                ("discount", rng.choice([0, 5, 15, 90])),
                ("product_uom_qty", rng.choice([0, 1, 50, -1])),
                ("product_uom", rng.choice([self.dozen, self.pump.uom_id]).id),
                ("product_id", rng.choice([self.pump, self.valve]).id),
                ("tax_id", rng.choice([[(6, 0, self.included.ids)], [(5, 0, 0)]])),
                ("is_downpayment", True),
                ("is_delivery", True),
                ("floor_price", 0),
                ("line_role", "gift"),
            ]
        )
        rng.choice(order.order_line).write({name: value})

    def _step_edit_order(self, rng, order):
        line = rng.choice(order.order_line)
        order.write({"order_line": [(1, line.id, {"price_unit": self._price(rng), "product_uom_qty": rng.choice([1, 5])})]})

    def _step_add_line(self, rng, order):
        product, price = rng.choice([(self.pump, self._price(rng)), (self.valve, 80), (self.valve, -100)])
        order.write({"order_line": [(0, 0, {"product_id": product.id, "price_unit": price})]})

    def _step_remove_line(self, rng, order):
        if len(order.order_line) > 1:
            rng.choice(order.order_line).unlink()

    def _step_move_line(self, rng, order):
        rng.choice(self.orders.order_line).write({"order_id": order.id})

    def _step_state(self, rng, order):
        order.write({"state": rng.choice(["draft", "sent", "sale", "sent", "cancel"])})

    def _step_send(self, rng, order):
        order.action_quotation_sent()

    def _step_confirm(self, rng, order):
        order.action_confirm()

    def _step_sign(self, rng, order):
        if order.state == "sent":
            order.with_user(self.public).sudo().action_confirm()

    def _step_copy(self, rng, order):
        if len(self.orders) < 3:
            self.orders |= order.copy(rng.choice([None, {"state": "sent"}, {"state": "sale"}]))

    def _step_pricelist(self, rng, order):
        order.write({"pricelist_id": rng.choice([self.foreign_list.id, order.pricelist_id.id])})

    def _step_give_away(self, rng, order):
        order.write({"user_id": rng.choice([self.director.id, self.ann.id, False]), "state": "sent"})

    def _step_option(self, rng, order):
        self._option(order, self._price(rng))

    def _step_customer_chooses(self, rng, order):
        if order.sale_order_option_ids and order.state == "sent":
            rng.choice(order.sale_order_option_ids).with_user(self.public).sudo().add_option_to_order()

    def _step_customer_changes_quantity(self, rng, order):
        if order.state == "sent":
            rng.choice(order.order_line).with_user(self.public).sudo().write({"product_uom_qty": rng.choice([2, 10])})

    def _step_ask_and_send(self, rng, order):
        """The deciders agree to what they see; the rep may have changed something in between."""
        if order.state in ("sent", "cancel"):
            order.write({"state": "draft"})
        order.action_request_approval("please")
        if rng.random() < 0.3:
            rng.choice(order.order_line).price_unit = self._price(rng)
        for decider in (self.eli, self.director, self.finance):
            if order.approval_state == "requested":
                order.with_user(decider).action_grant_approval()
        if order.approval_state == "granted":
            options = [
                (option.product_id.id, option.uom_id.id, option.quantity, round(option.price_unit * (1 - option.discount / 100), 4))
                for option in order.sale_order_option_ids
            ]
            self.agreed[order.id] = Counter(self._content(order)) | Counter(options)
        if rng.random() < 0.4:
            rng.choice(order.order_line).price_unit -= 10
        rng.choice([order.action_quotation_sent, order.action_confirm])()
