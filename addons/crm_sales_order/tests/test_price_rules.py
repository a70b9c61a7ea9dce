# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests.common import Form

from .common import SalesOrderCase


class PriceRuleCase(SalesOrderCase):
    """A pump at 500 and a valve at 80, priced by rules a test makes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.price.rule"].search([]).active = False
        cls.filter = cls._create_product("Filter", 30.0)

    @classmethod
    def _create_rule(cls, kind="discount", **values):
        defaults = {"name": "Rule", "kind": kind, "value_type": "amount" if kind in ("price", "cost") else "percent"}
        return cls.env["crm.price.rule"].create({**defaults, **values})

    @classmethod
    def _create_part_rule(cls, kind, product, quantity=1, every=1, **values):
        parts = [(0, 0, {"product_id": product.id, "quantity": quantity, "every": every})]
        return cls._create_rule(kind, part_ids=parts, **values)

    @classmethod
    def _create_order(cls, *lines, **values):
        """A quotation from (product, quantity) pairs, or (product, quantity, values of the line)."""
        return cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "order_line": [
                    (0, 0, {"product_id": product.id, "product_uom_qty": quantity, **dict(*more)}) for product, quantity, *more in lines
                ],
                **values,
            }
        )

    def _net(self, line):
        return round(line.price_unit * (1 - line.discount / 100), 2)


class TestPriceRules(PriceRuleCase):
    """What rules do to lines, on every door."""

    def test_each_kind_of_rule_on_one_line(self):
        self._create_rule("price", value=450, product_tmpl_ids=[(6, 0, self.pump.product_tmpl_id.ids)])
        self._create_rule("discount", value=10, quantity_min=10)
        self._create_rule("surcharge", value=5, value_type="amount")
        self._create_rule("cost", value=300, product_tmpl_ids=[(6, 0, self.pump.product_tmpl_id.ids)])
        line = self._create_order((self.pump, 10)).order_line
        # 450 less 10 % and 5 more
        self.assertEqual((self._net(line), line.rule_price, line.purchase_price), (410.0, 410.0, 300.0))
        self.assertFalse(line.price_pinned)
        line.product_uom_qty = 9
        self.assertEqual(self._net(line), 455.0, "below ten pieces there is no discount, by plain write as well")

    def test_who_what_and_when(self):
        category = self.env["product.category"].create({"name": "Pumps", "parent_id": self.env.ref("product.product_category_all").id})
        self.pump.categ_id = category
        source = self.env["utm.source"].create({"name": "Fair"})
        team = self.env["crm.team"].create({"name": "North"})
        other = self.env["res.partner"].create({"name": "Other"})
        cases = [
            ({"categ_ids": [(6, 0, category.parent_id.ids)]}, {}, True),
            ({"product_tmpl_ids": [(6, 0, self.valve.product_tmpl_id.ids)]}, {}, False),
            ({"partner_ids": [(6, 0, self.customer.ids)]}, {}, True),
            ({"partner_ids": [(6, 0, other.ids)]}, {}, False),
            ({"source_ids": [(6, 0, source.ids)]}, {"source_id": source.id}, True),
            ({"source_ids": [(6, 0, source.ids)]}, {}, False),
            ({"team_ids": [(6, 0, team.ids)]}, {"team_id": team.id}, True),
            ({"date_from": "2026-03-01", "date_to": "2026-03-31"}, {"date_order": "2026-03-31 10:00:00"}, True),
            ({"date_from": "2026-03-01", "date_to": "2026-03-31"}, {"date_order": "2026-04-01 10:00:00"}, False),
            ({"quantity_min": 2}, {}, False),
            ({"customer_grade": "vip"}, {}, False),
        ]
        for condition, order_values, applies in cases:
            with self.subTest(condition=condition):
                rule = self._create_rule(value=10, **condition)
                line = self._create_order((self.pump, 1), **order_values).order_line
                self.assertEqual(self._net(line), 450.0 if applies else 500.0, condition)
                rule.unlink()

    def test_a_rule_for_what_is_archived_is_not_for_everything(self):
        other = self.env["res.partner"].create({"name": "Other"})
        self._create_rule(value=10, product_tmpl_ids=[(6, 0, self.valve.product_tmpl_id.ids)])
        self._create_rule(value=10, partner_ids=[(6, 0, other.ids)])
        self.valve.product_tmpl_id.active = other.active = False
        self.assertEqual(self._net(self._create_order((self.pump, 1)).order_line), 500.0)

    def test_the_form_shows_the_price_and_keeps_one_set_by_hand(self):
        self._create_rule(value=10, quantity_min=10)
        with Form(self.env["sale.order"]) as form:
            form.partner_id = self.customer
            with form.order_line.new() as line:
                line.product_id = self.pump
                self.assertEqual((line.price_unit, line.price_pinned), (500.0, False))
                line.product_uom_qty = 10
                self.assertEqual((line.price_unit, line.price_pinned), (450.0, False))
                line.price_unit = 440
                self.assertTrue(line.price_pinned)
                line.product_uom_qty = 20
                self.assertEqual(line.price_unit, 440.0)
        line = form.save().order_line
        self.assertEqual((line.price_unit, line.price_pinned, line.rule_price), (440.0, True, 450.0))
        line.price_pinned = False
        self.assertEqual(line.price_unit, 450.0)

    def test_a_price_given_by_rpc_holds_unless_it_is_the_list_price(self):
        self._create_rule(value=10)
        order = self._create_order((self.pump, 1, {"price_unit": 480}), (self.pump, 1, {"price_unit": 500}))
        self.assertEqual(order.order_line.mapped("price_unit"), [480.0, 450.0])
        self.assertEqual(order.order_line.mapped("price_pinned"), [True, False])
        order.order_line[1].price_unit = 470
        self.assertTrue(order.order_line[1].price_pinned)

    def test_nobody_writes_what_the_rules_grant(self):
        order = self._create_order((self.pump, 1, {"rule_price": 1, "line_role": "gift"}))
        order.order_line.write({"rule_price": 2, "rule_cost": 2, "line_role": "gift", "price_steps": "{}"})
        line = order.order_line.with_context(crm_price_engine=True)
        line.write({"rule_price": 3})
        self.assertEqual((line.rule_price, line.line_role, line.price_steps), (500.0, "main", False))

    def test_a_price_list_that_shows_discounts_gets_them_apart(self):
        self._create_rule(value=10)
        pricelist = self.env["product.pricelist"].create({"name": "Public", "discount_policy": "without_discount"})
        line = self._create_order((self.pump, 1), pricelist_id=pricelist.id).order_line
        self.assertEqual((line.price_unit, line.discount), (500.0, 10.0))

    def test_amounts_follow_the_unit_and_the_currency(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        currency = self.env["res.currency"].create(
            {"name": "HLF", "symbol": "H", "rate_ids": [(0, 0, {"name": "2020-01-01", "rate": 0.5, "company_id": self.company.id})]}
        )
        pricelist = self.env["product.pricelist"].create({"name": "Half", "currency_id": currency.id})
        self._create_rule(value=20, value_type="amount")
        line = self._create_order((self.pump, 1, {"product_uom": dozen.id}), pricelist_id=pricelist.id).order_line
        self.assertEqual(self._net(line), (500 - 20) * 12 / 2)

    def test_an_opportunitys_expected_revenue_is_a_price_set_by_hand(self):
        self._create_rule(value=10)
        expected, open_price = self._create_opportunities([480.0, 0.0]).action_create_quotations().order_line
        self.assertEqual((expected.price_unit, expected.price_pinned), (480.0, True))
        self.assertEqual((open_price.price_unit, open_price.price_pinned), (450.0, False))

    def test_an_option_is_offered_at_the_price_it_has_when_chosen(self):
        self._create_rule(value=10)
        order = self._create_order((self.valve, 1))
        with Form(order) as form, form.sale_order_option_ids.new() as option:
            option.product_id = self.pump
        self.assertEqual(order.sale_order_option_ids.price_unit, 450.0)
        order.sale_order_option_ids.add_option_to_order()
        self.assertEqual(self._net(order.order_line[1]), 450.0)

    def test_another_customer_has_other_prices_while_nothing_is_offered(self):
        other = self.env["res.partner"].create({"name": "Other", "is_company": True})
        self._create_rule(value=10, partner_ids=[(6, 0, other.ids)])
        order = self._create_order((self.pump, 1))
        order.partner_id = other
        self.assertEqual(self._net(order.order_line), 450.0)
        order.action_quotation_sent()
        order.partner_id = self.customer
        self.assertEqual(self._net(order.order_line), 450.0)

    def test_nothing_and_less_than_nothing_have_their_list_price(self):
        self._create_rule(value=10)
        order = self._create_order((self.pump, 0), (self.pump, -2))
        self.assertEqual(order.order_line.mapped(self._net), [500.0, 500.0])

    def test_pricing_many_lines_takes_few_queries(self):
        self.env["crm.price.rule"].create(
            [{"name": "Rule %d" % rank, "rank": rank, "value": 1, "quantity_min": rank} for rank in range(1, 101)]
        )
        order = self._create_order(*[(self.pump, quantity) for quantity in (1, 2, 3, 4, 5) for _copy in range(8)])
        order.flush()
        order.invalidate_cache()
        order._price_lines()
        order.invalidate_cache()
        with self.assertQueryCount(60):
            order._price_lines()
            order.flush()


class TestComingAlong(PriceRuleCase):
    """Gifts, parts, accessories and surcharges are lines of the order."""

    def test_a_gift_follows_the_quantity(self):
        self._create_part_rule("gift", self.filter, every=10)
        order = self._create_order((self.pump, 25), (self.valve, 1))
        pump, gift, valve = order.order_line
        self.assertEqual((gift.product_id, gift.product_uom_qty, gift.price_unit, gift.line_role), (self.filter, 2, 0, "gift"))
        self.assertEqual((gift.origin_line_id, valve.product_id), (pump, self.valve))
        pump.product_uom_qty = 30
        self.assertEqual(gift.product_uom_qty, 3)
        gift.write({"product_uom_qty": 100, "price_unit": 1})
        self.assertEqual((gift.product_uom_qty, gift.price_unit), (3, 0), "a gift is what the rule grants")
        pump.product_uom_qty = 9
        self.assertFalse(gift.exists())

    def test_a_line_and_its_gift_are_removed_in_one_save(self):
        self._create_part_rule("gift", self.filter)
        order = self._create_order((self.pump, 1), (self.valve, 1))
        pump, gift = order.order_line[:2]
        order.write({"order_line": [(2, pump.id), (2, gift.id)]})
        self.assertEqual(order.order_line.product_id, self.valve | self.filter)

    def test_a_copy_brings_its_gifts_once(self):
        self._create_part_rule("gift", self.filter, product_tmpl_ids=[(6, 0, self.pump.product_tmpl_id.ids)])
        copy = self._create_order((self.pump, 1)).copy()
        self.assertEqual(copy.order_line.product_id, self.pump | self.filter)
        self.assertEqual(len(copy.order_line), 2)

    def test_a_bundles_parts_are_in_its_price(self):
        self._create_part_rule("bundle", self.filter, quantity=2, product_tmpl_ids=[(6, 0, self.pump.product_tmpl_id.ids)])
        order = self._create_order((self.pump, 3))
        self.assertEqual(order.order_line[1].product_uom_qty, 6)
        self.assertEqual(order.amount_untaxed, 1500)

    def test_a_required_accessory_has_its_price_and_may_be_ordered_anyway(self):
        self._create_part_rule("accessory", self.filter, product_tmpl_ids=[(6, 0, self.pump.product_tmpl_id.ids)])
        self._create_rule(value=50, product_tmpl_ids=[(6, 0, self.filter.product_tmpl_id.ids)])
        order = self._create_order((self.pump, 4), (self.filter, 1))
        accessory = order.order_line.filtered(lambda line: line.line_role == "accessory")
        self.assertEqual((accessory.product_uom_qty, self._net(accessory)), (3, 15.0))
        accessory.unlink()
        with self.assertRaisesRegex(UserError, "needs 4 × Filter"), self.env.cr.savepoint():
            order.action_confirm()
        order.update_prices()
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_accessories_that_need_each_other_end(self):
        pump, valve = self.pump.product_tmpl_id, self.valve.product_tmpl_id
        self._create_part_rule("accessory", self.valve, quantity=2, product_tmpl_ids=[(6, 0, pump.ids)])
        self._create_part_rule("accessory", self.pump, quantity=2, product_tmpl_ids=[(6, 0, valve.ids)])
        order = self._create_order((self.pump, 1))
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [1, 2])

    def test_a_surcharge_on_its_own_line(self):
        freight = self._create_product("Freight", 0.0, type="service")
        self._create_rule("surcharge", value=2, own_line_product_id=freight.id, product_tmpl_ids=[(6, 0, self.pump.product_tmpl_id.ids)])
        order = self._create_order((self.pump, 3))
        line = order.order_line[1]
        self.assertEqual((line.line_role, line.price_subtotal), ("surcharge", 30.0))
        self.assertEqual(self._net(order.order_line[0]), 500.0)


class TestParameters(PriceRuleCase):
    """Figures of a line that product attributes do not say."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.length = cls.env["crm.price.parameter"].create(
            {
                "name": "Length",
                "code": "length",
                "unit": "m",
                "default_value": 6,
                "maximum": 12,
                "product_tmpl_ids": [(6, 0, cls.pump.product_tmpl_id.ids)],
            }
        )

    def test_a_formula_prices_by_parameters(self):
        self.env["crm.price.parameter"].create({"name": "Area", "code": "area", "formula": "length * 2"})
        self._create_rule("price", formula="list_price + 10 * (length - 6) + area", condition="length > 0")
        order = self._create_order((self.pump, 1), (self.valve, 1))
        self.assertEqual(order.order_line[0].parameters, "length=6")
        order.order_line[0].parameters = "length 8"
        self.assertEqual(self._net(order.order_line[0]), 536.0)
        self.assertEqual(self._net(order.order_line[1]), 80.0, "a valve has no length: the rule leaves it alone")

    def test_wrong_parameters_are_refused_with_a_hint(self):
        order = self._create_order((self.pump, 1))
        for text, hint in (("lenght=3", "Known are: length"), ("length=", "gives no parameter a value"), ("length=13", "from 0 to 12")):
            with self.subTest(text=text), self.assertRaisesRegex(ValidationError, hint), self.env.cr.savepoint():
                order.order_line.parameters = text

    def test_wrong_formulas_are_refused_with_a_hint(self):
        for formula, hint in (
            ("list_price *", "is not a formula"),
            ("__import__('os')", "cannot contain"),
            ("power * 2", "There is no “power”"),
            ("9" * 600, "too long"),
        ):
            with self.subTest(formula=formula), self.assertRaisesRegex(ValidationError, hint):
                self._create_rule("price", formula=formula)

    def test_parameters_do_not_go_round_in_circles(self):
        area = self.env["crm.price.parameter"].create({"name": "Area", "code": "area", "formula": "length * 2"})
        volume = self.env["crm.price.parameter"].create({"name": "Volume", "code": "volume", "formula": "area * 2"})
        with self.assertRaisesRegex(ValidationError, "area, volume are computed from each other"), self.env.cr.savepoint():
            area.formula = "volume / 2"
        with self.assertRaisesRegex(ValidationError, "used by Volume"), self.env.cr.savepoint():
            area.unlink()
        volume.unlink()
        area.unlink()

    def test_a_rule_that_divides_by_zero_is_left_out_and_stops_the_offer(self):
        self._create_rule("surcharge", name="Cut", value_type="amount", formula="100 / (length - 6)")
        order = self._create_order((self.pump, 1))
        line = order.order_line
        self.assertEqual(self._net(line), 500.0)
        story = json.loads(line.price_explanation)
        self.assertIn("divides by zero", story["problems"][0])
        for door in (order.action_quotation_sent, order.action_confirm, lambda: order.write({"state": "sent"})):
            with self.assertRaisesRegex(UserError, "“Cut” was left out"), self.env.cr.savepoint():
                door()
        line.price_unit = 510
        order.action_quotation_sent()
        self.assertEqual(order.state, "sent")

    def test_a_name_that_is_gone(self):
        rule = self._create_rule("surcharge", name="Cut", value_type="amount", formula="length")
        with self.assertRaisesRegex(ValidationError, "used by Cut"):
            self.length.unlink()
        self.env.cr.execute("UPDATE crm_price_parameter SET code = 'reach', write_date = now() + interval '1 s'")
        self.env["crm.price.parameter"].invalidate_cache()
        line = self._create_order((self.pump, 1)).order_line
        self.assertIn("There is no “length”", json.loads(line.price_explanation)["problems"][0])
        self.assertTrue(rule.exists())


class TestOfferHolds(PriceRuleCase):
    """The price a customer was offered is the price the customer pays."""

    def _offer(self, **values):
        self.rule = self._create_rule(value=10)
        order = self._create_order((self.pump, 1), (self.valve, 1, {"price_unit": 77}), **values)
        order.action_quotation_sent()
        self.rule.value = 20
        return order

    def test_a_new_price_list_does_not_touch_an_offer(self):
        order = self._offer()
        order.action_confirm()
        self.assertEqual(self._net(order.order_line[0]), 450.0)
        with self.assertRaisesRegex(UserError, "are agreed"):
            order.update_prices()
        order.order_line[0].product_uom_qty = 5
        self.assertEqual(self._net(order.order_line[0]), 450.0, "what is confirmed is never priced anew")

    def test_after_its_validity_an_offer_needs_todays_prices(self):
        order = self._offer(validity_date=fields.Date.subtract(fields.Date.today(), days=1))
        with self.assertRaisesRegex(UserError, "was valid until"), self.env.cr.savepoint():
            order.action_confirm()
        order.update_prices()
        order.action_confirm()
        self.assertEqual(order.order_line.mapped(self._net), [400.0, 77.0])

    def test_the_button_shows_old_and_new_first(self):
        order = self._offer()
        update = self.env["crm.price.update"].with_context(**order.action_compare_prices()["context"]).create({})
        self.assertEqual([(line.price_before, line.price_after) for line in update.line_ids], [(450.0, 400.0), (77.0, 77.0)])
        self.assertEqual(self._net(order.order_line[0]), 450.0)
        update.action_update()
        self.assertEqual(order.order_line.mapped(self._net), [400.0, 77.0])
        self.assertIn("450.00", order.message_ids[0].body)


class TestPriceRuleRights(PriceRuleCase):
    """Directors maintain rules, reps read them and try prices; others see nothing of costs."""

    def test_who_may_do_what(self):
        rule = self._create_rule("cost", name="Labour", value=123)
        rep = self._create_user("price_rep", "crm_core.group_sales_rep")
        director = self._create_user("price_director", "crm_core.group_sales_director")
        rule.with_user(director).name = "Work"
        self.assertEqual(rule.with_user(rep).name, "Work")
        with self.assertRaises(AccessError):
            rule.with_user(rep).value = 1
        for login, group in (("price_marketing", "crm_core.group_marketing"), ("price_warehouse", "crm_sales_order.group_warehouse")):
            user = self._create_user(login, group)
            for model in ("crm.price.rule", "crm.price.rule.part", "crm.price.parameter", "crm.price.trial"):
                with self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([]).read()

    def test_a_rep_tries_a_price_in_words(self):
        rule = self._create_rule(name="Many", value=10, quantity_min=10)
        rep = self._create_user("price_rep", "crm_core.group_sales_rep")
        trial = self.env["crm.price.trial"].with_user(rep).create({"rule_id": rule.id, "product_id": self.pump.id, "quantity": 10})
        story = json.loads(trial.result)
        self.assertEqual((story["steps"][0]["name"], trial.verdict), ("Many", "Its conditions are met."))
        self.assertEqual(story["net"], 450.0)
        trial.quantity = 9
        self.assertEqual(trial.verdict, "It is for another quantity.")
        self.assertEqual(rule.sentence, "from 10 pieces: 10 % off, unless another of its rank is better.")
