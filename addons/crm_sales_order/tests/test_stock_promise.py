# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests.common import Form, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..exceptions import SalesOrderError
from .common import SalesOrderCase


@tagged("post_install", "-at_install")
class StockPromiseCase(SalesOrderCase):
    """10 motors in our warehouse, 4 in the other one; reps confirm, warehouse people move."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.motor = cls._create_product("Motor", 300.0)
        cls.engine = cls._create_product("Engine", 450.0)
        cls._add_stock(cls.motor, 10)
        cls._add_stock(cls.engine, 50)
        cls.other = cls.env["stock.warehouse"].create({"name": "Far", "code": "FAR", "company_id": cls.company.id})
        cls.env["stock.quant"]._update_available_quantity(cls.motor, cls.other.lot_stock_id, 4)
        cls.rep = cls._create_user("promise-rep", "crm_core.group_sales_rep")
        cls.keeper = cls._create_user("promise-keeper", "crm_sales_order.group_warehouse")
        cls.now = fields.Datetime.now()

    def _order(self, quantity, product=None, user=None, **values):
        line = {"product_id": (product or self.motor).id, "product_uom_qty": quantity}
        vals = {"partner_id": self.customer.id, "user_id": self.rep.id, "warehouse_id": self.warehouse.id, **values}
        return self.env["sale.order"].create({**vals, "order_line": [(0, 0, line)]})

    def _confirm(self, quantity, **values):
        order = self._order(quantity, **values)
        order.action_confirm()
        return order

    def _as_rep(self, order):
        return order.with_user(self.rep)

    def _expect(self, quantity, days, product=None):
        """Goods on their way from a vendor."""
        move = self.env["stock.move"].create(
            {
                "name": "Receipt",
                "product_id": (product or self.motor).id,
                "product_uom": (product or self.motor).uom_id.id,
                "product_uom_qty": quantity,
                "location_id": self.env.ref("stock.stock_location_suppliers").id,
                "location_dest_id": self.warehouse.lot_stock_id.id,
                "picking_type_id": self.warehouse.in_type_id.id,
                "date": self.now + timedelta(days=days),
            }
        )
        return move._action_confirm()

    def _replan(self):
        self.env["crm.stock.promise"]._replan((self.motor | self.engine).ids)

    def _promised(self, *orders):
        """[(quantity, whole days from now)] of each order."""
        return [
            [(row.quantity, round((row.date - self.now).total_seconds() / 86400)) for row in order.promise_ids.sorted("date")]
            for order in orders
        ]


class TestPromise(StockPromiseCase):
    """What a confirmed order may count on."""

    def test_a_confirmed_order_is_promised_what_is_there_and_no_more(self):
        first, second = self._confirm(7), self._confirm(7)
        self.assertEqual(self._promised(first, second), [[(7, 0)], [(3, 0)]])
        self.assertEqual((first.stock_state, second.stock_state), ("all", "partial"))
        line = second.order_line
        self.assertEqual((line.available_qty, line.short_qty, line.unpromised_qty, line.promised_date), (3, 4, 4, False))

    def test_goods_on_their_way_are_promised_for_the_day_they_come(self):
        self._expect(20, 5)
        first, second = self._confirm(12), self._confirm(12)
        self.assertEqual(self._promised(first, second), [[(10, 0), (2, 5)], [(12, 5)]])
        self.assertEqual(first.promised_date.date(), (self.now + timedelta(days=5)).date())
        self.assertIn("0 of 1", second.promise_summary)

    def test_an_earlier_promise_for_a_later_day_is_kept(self):
        late = self._confirm(8, commitment_date=self.now + timedelta(days=9))
        late.picking_ids.do_unreserve()
        soon = self._order(5)
        self.assertEqual((soon.stock_state, soon.order_line.short_qty), ("partial", 3))  # 10 - 8 are free until day 9

    def test_an_overdue_receipt_is_not_there_but_hoped_for_tomorrow(self):
        self._expect(5, -3)
        self.assertEqual(self._promised(self._confirm(12)), [[(10, 0), (2, 1)]])

    def test_all_at_once_waits_for_the_last_piece(self):
        self._expect(5, 3)
        self.assertEqual(self._promised(self._confirm(12, picking_policy="one")), [[(12, 3)]])

    def test_delivery_and_return_give_the_promise_back_once(self):
        order = self._confirm(6)
        order.picking_ids.action_deliver_available()
        self.assertFalse(order.promise_ids)
        self.assertEqual(self._order(5).order_line.short_qty, 1)
        wizard = Form(
            self.env["stock.return.picking"].with_context(active_id=order.picking_ids.id, active_model="stock.picking")
        ).save()
        back = self.env["stock.picking"].browse(wizard.create_returns()["res_id"])
        back.move_lines.quantity_done = 6
        back._action_done()
        self.assertFalse(order.promise_ids)
        self.assertEqual(self._order(10).stock_state, "all")

    def test_a_part_delivered_leaves_the_rest_promised(self):
        self._expect(5, 3)
        order = self._confirm(12)
        order.picking_ids.action_deliver_available()
        self.assertEqual(self._promised(order), [[(2, 3)]])
        self.assertEqual((order.order_line.available_qty, order.stock_state), (10, "partial"))

    def test_cancelling_gives_the_goods_to_the_next(self):
        first, second = self._confirm(10), self._confirm(4)
        self.assertEqual(self._promised(second), [[]])
        first.action_cancel()
        self.assertFalse(first.promise_ids)
        self._replan()
        self.assertEqual(self._promised(second), [[(4, 0)]])
        self.assertEqual(second.picking_ids.state, "assigned")

    def test_another_quantity_is_another_promise(self):
        order = self._confirm(4)
        order.order_line.product_uom_qty = 6
        self.assertEqual(self._promised(order), [[(6, 0)]])
        order.order_line.product_uom_qty = 3
        self.assertEqual(self._promised(order), [[(3, 0)]])

    def test_another_date_is_another_promise(self):
        order = self._confirm(4)
        order.commitment_date = self.now + timedelta(days=8)
        self.assertEqual(self._promised(order), [[(4, 8)]])

    def test_units_services_and_consumables(self):
        dozen = self._order(1)
        dozen.order_line.product_uom = self.env.ref("uom.product_uom_dozen")
        dozen.action_confirm()
        self.assertEqual((self._promised(dozen), dozen.order_line.short_qty), ([[(10, 0)]], 2))
        others = [self._create_product(kind, 10.0, type=kind) for kind in ("service", "consu")]
        for product in others:
            order = self._confirm(99, product=product)
            self.assertFalse(order.promise_ids or order.stock_state or order.promise_summary)

    def test_lots_are_goods_like_others(self):
        tracked = self._create_product("Tracked", 10.0, tracking="lot")
        for name in ("A", "B"):
            lot = self.env["stock.production.lot"].create(
                {"name": name, "product_id": tracked.id, "company_id": self.company.id}
            )
            self.env["stock.quant"]._update_available_quantity(tracked, self.warehouse.lot_stock_id, 2, lot_id=lot)
        self.assertEqual(self._promised(self._confirm(5, product=tracked)), [[(4, 0)]])

    def test_stock_below_zero_promises_nothing(self):
        self.env["stock.quant"]._update_available_quantity(self.motor, self.warehouse.lot_stock_id, -15)
        self._expect(8, 2)
        order = self._confirm(4)
        self.assertEqual(self._promised(order), [[(3, 2)]])  # 8 come in, 5 of them fill the hole

    def test_a_delivery_in_steps_is_promised_like_one_in_one_step(self):
        self.warehouse.delivery_steps = "pick_ship"
        first, second = self._confirm(7), self._order(7)
        self.assertEqual((self._promised(first), first.stock_state), ([[(7, 0)]], "all"))
        self.assertEqual(second.order_line.short_qty, 4)
        pick = first.picking_ids.filtered(lambda picking: picking.picking_type_id == self.warehouse.pick_type_id)
        pick.action_deliver_available()
        self.assertEqual((self._promised(first), second.order_line.short_qty), ([[(7, 0)]], 4))

    def test_make_to_order_takes_nothing_from_stock(self):
        route = self.warehouse.mto_pull_id.route_id
        route.active = self.warehouse.mto_pull_id.active = True
        product = self._create_product("Special", 10.0, route_ids=[(4, route.id)])
        self.assertFalse(self._order(3, product=product).stock_state)

    def test_each_warehouse_has_its_own_goods(self):
        self.assertEqual(self._order(5, warehouse_id=self.other.id).order_line.short_qty, 1)

    def test_zero_and_negative_quantities_are_refused_with_the_lines_name(self):
        for quantity in (0, -1):
            for door in ("action_confirm", "action_quotation_sent"):
                with self.assertRaisesRegex(SalesOrderError, "(?s)more than zero.*Motor"):
                    getattr(self._order(quantity), door)()

    def test_confirming_many_costs_no_more_promises(self):
        def count_queries(number):
            orders = self.env["sale.order"].concat(*(self._order(1, self.engine) for _index in range(number)))
            orders.flush()
            orders.order_line._get_stock_demands(planned=True)
            before = self.env.cr.sql_log_count
            orders.order_line._make_promises(planned=True)
            return self.env.cr.sql_log_count - before

        few, many = count_queries(2), count_queries(20)
        self.assertLessEqual(many, few + 1)  # 18 orders more

    def test_a_delivery_takes_nothing_promised_to_others(self):
        promised = self._confirm(10)
        promised.picking_ids.do_unreserve()
        waiting = self._confirm(4)
        (waiting | promised).picking_ids.action_assign()
        self.assertEqual((promised.picking_ids.state, waiting.picking_ids.state), ("assigned", "confirmed"))


class TestFactsMove(StockPromiseCase):
    """Promises move with the facts, and the rep is told."""

    def _messages(self, order):
        domain = [("res_model", "=", "sale.order"), ("res_id", "=", order.id), ("user_id", "=", self.rep.id)]
        return self.env["crm.notification"].sudo().search(domain, order="id desc")

    def test_a_late_receipt_moves_the_date_and_the_rep_is_told(self):
        receipt = self._expect(5, 3)
        order = self._confirm(12)
        receipt.date = self.now + timedelta(days=8)
        self._replan()
        self.assertEqual(self._promised(order), [[(10, 0), (2, 8)]])
        said = self._messages(order)
        self.assertIn("late", said[0].subject)
        self._replan()
        self.assertEqual(self._messages(order), said)  # nothing new, nothing said

    def test_an_early_receipt_moves_the_date_too(self):
        receipt = self._expect(5, 8)
        order = self._confirm(12)
        receipt.quantity_done = 5
        receipt._action_done()
        self._replan()
        self.assertEqual(self._promised(order), [[(12, 0)]])

    def test_lost_goods_take_the_promise_of_who_came_last(self):
        first, second = self._confirm(6), self._confirm(4)
        (first | second).picking_ids.do_unreserve()
        self.env["stock.quant"]._update_available_quantity(self.motor, self.warehouse.lot_stock_id, -5)
        self._replan()
        self.assertEqual(self._promised(first, second), [[(5, 0)], []])
        self.assertIn("no date known", self._messages(second)[0].body)
        self.assertIn("no date known", second.message_ids[0].body)

    def test_who_waits_longest_gets_what_comes_in(self):
        self._confirm(10)
        first, second = self._confirm(3), self._confirm(3)
        receipt = self._expect(4, 2)
        self._replan()
        self.assertEqual(self._promised(first, second), [[(3, 2)], [(1, 2)]])
        self.assertIn("on their way", self._messages(first)[0].subject)
        receipt.quantity_done = 4
        receipt._action_done()
        self._replan()
        self.assertEqual(self._promised(first, second), [[(3, 0)], [(1, 0)]])

    def test_a_rep_whose_customer_signed_is_told_what_is_missing(self):
        order = self._confirm(12)
        self.assertEqual(self._promised(order), [[(10, 0)]])
        self.assertIn("2 Units missing", self._messages(order).body)

    def test_open_orders_from_before_are_promised_the_oldest_first(self):
        first, second = self._confirm(7), self._confirm(7)
        self.env["crm.stock.promise"]._remove((first | second).order_line)
        self.assertIn(self.motor.id, self.env["crm.stock.promise"]._get_waited_for())
        self._replan()
        self.assertEqual(self._promised(first, second), [[(7, 0)], [(3, 0)]])

    def test_moving_facts_starts_a_job_only_when_somebody_waits(self):
        jobs = self.env["queue.job"].sudo()
        domain = [("method_name", "=", "_replan"), ("state", "=", "pending")]
        before = jobs.search_count(domain)
        self._expect(5, 3)
        self.assertEqual(jobs.search_count(domain), before)
        self._confirm(12)
        self._expect(7, 4)
        self.assertEqual(jobs.search_count(domain), before + 1)

    def test_the_nightly_check_covers_all_that_is_promised(self):
        self._confirm(2)
        self.env["crm.stock.promise"]._cron_replan()
        job = self.env["queue.job"].sudo().search([("method_name", "=", "_replan")], order="id desc", limit=1)
        self.assertIn(self.motor.id, job.args[0])


class TestShortage(StockPromiseCase):
    """A person decides about what is missing; nothing is promised silently."""

    def _offers(self, order):
        action = self._as_rep(order).order_line.action_view_availability()
        return self.env["crm.stock.check"].with_user(self.rep).browse(action["res_id"]).offer_ids

    def _take(self, order, kind):
        self._offers(order).filtered(lambda offer: offer.kind == kind)[:1].action_take()

    def test_a_person_cannot_confirm_a_shortage_without_a_decision(self):
        with self.assertRaisesRegex(SalesOrderError, "(?s)Motor, 2 Units missing; no date known.*Availability"):
            self._as_rep(self._order(12)).action_confirm()
        with self.assertRaises(SalesOrderError):
            self._as_rep(self._order(12)).write({"state": "sale"})

    def test_waiting_sets_the_delivery_date_and_confirms(self):
        self._expect(5, 3)
        order = self._order(12)
        self.assertEqual(self._offers(order).mapped("kind"), ["wait", "transfer", "open"])
        self._take(order, "wait")
        self.assertEqual(order.commitment_date, order.promised_date)
        self.assertEqual(order.stock_state, "all")
        self._as_rep(order).action_confirm()
        self.assertEqual(self._promised(order), [[(12, 3)]])

    def test_a_date_agreed_for_goods_taken_by_others_asks_again(self):
        self._expect(5, 3)
        order = self._order(12)
        self._take(order, "wait")
        self._confirm(10)
        with self.assertRaises(SalesOrderError):
            self._as_rep(order).action_confirm()

    def test_selling_without_a_date_promises_what_is_there(self):
        order = self._order(12)
        self._take(order, "open")
        self._as_rep(order).action_confirm()
        self.assertEqual(self._promised(order), [[(10, 0)]])
        self.assertFalse(order.promised_date)

    def test_a_change_asks_anew(self):
        order = self._order(12)
        self._take(order, "open")
        self._as_rep(order).order_line.product_uom_qty = 13
        self.assertFalse(order.order_line.shortage_choice)

    def test_more_of_a_confirmed_line_asks_too(self):
        order = self._order(10)
        self._as_rep(order).action_confirm()
        with self.assertRaises(SalesOrderError):
            self._as_rep(order).order_line.product_uom_qty = 11

    def test_a_transfer_brings_what_is_free_elsewhere(self):
        order = self._order(12)
        self._take(order, "transfer")
        picking = self.env["stock.picking"].search([("transfer_line_id", "=", order.order_line.id)])
        self.assertEqual((picking.location_id, picking.location_dest_id), (self.other.lot_stock_id, self.warehouse.lot_stock_id))
        self.assertEqual((picking.move_lines.product_uom_qty, picking.state), (2, "assigned"))
        self._as_rep(order).action_confirm()
        self.assertEqual(self._promised(order), [[(12, 1)]])
        self.assertEqual(self._order(3, warehouse_id=self.other.id).order_line.short_qty, 1)
        order.action_cancel()
        self.assertEqual(picking.state, "cancel")

    def test_a_transfer_for_a_confirmed_order_is_promised_at_once(self):
        self._confirm(10)
        order = self._confirm(4)
        self._take(order, "transfer")
        self.assertEqual(self._promised(order), [[(4, 1)]])

    def test_what_is_promised_elsewhere_is_not_transferred(self):
        order = self._order(12)
        offers = self._offers(order)
        self._confirm(4, warehouse_id=self.other.id)
        with self.assertRaisesRegex(SalesOrderError, "Only 0 are still free in Far"):
            offers.filtered(lambda offer: offer.kind == "transfer").action_take()

    def test_a_substitute_takes_the_place_at_its_own_price(self):
        self.env["crm.product.substitute"].create(
            {"product_tmpl_id": self.motor.product_tmpl_id.id, "substitute_id": self.engine.id, "ratio": 0.5, "note": "Louder."}
        )
        order = self._order(12)
        offer = self._offers(order).filtered(lambda offer: offer.kind == "substitute")
        self.assertEqual((offer.title, offer.note), ("Replace by Engine", "50 of 6 in stock. Louder."))
        offer.action_take()
        line = order.order_line
        self.assertEqual((line.product_id, line.product_uom_qty, line.price_unit), (self.engine, 6, 450.0))
        self.assertIn("Engine", line.name)
        self.assertEqual(order.stock_state, "all")

    def test_nobody_decides_about_an_order_of_others(self):
        order = self._order(12)
        offers = self._offers(order)
        stranger = self._create_user("promise-stranger", "crm_core.group_sales_rep")
        for user in (stranger, self.keeper):
            with self.assertRaises(AccessError):
                offers[0].with_user(user).action_take()
            with self.assertRaises(AccessError):
                order.order_line.with_user(user).action_view_availability()
        with self.assertRaises(AccessError):
            offers[0].with_user(self.rep).write({"quantity": 99})
        with self.assertRaises(AccessError):
            self._confirm(1).promise_ids.with_user(self.rep).write({"quantity": 99})

    def test_facts_of_a_line(self):
        self._expect(5, 3)
        self._confirm(4)
        line = self._order(1, commitment_date=self.now + timedelta(days=4)).order_line
        self.assertEqual((line.free_qty_today, line.free_at_date), (6, 11))
        self.assertEqual((line.incoming_qty, line.incoming_date.date()), (5, (self.now + timedelta(days=3)).date()))
        self.assertEqual(line.elsewhere_qty, 4)

    def test_the_form_of_100_lines_costs_what_one_of_3_costs(self):
        def count_queries(number):
            order = self._order(1)
            order.order_line.create([{"order_id": order.id, "product_id": self.motor.id} for _index in range(number)])
            order.flush()
            order.invalidate_cache()
            before = self.env.cr.sql_log_count
            order.order_line.mapped("stock_state")
            order.order_line.mapped("elsewhere_qty")
            return self.env.cr.sql_log_count - before

        few, many = count_queries(3), count_queries(100)
        self.assertLessEqual(many, few)

    def test_substitutes_make_sense(self):
        values = {"product_tmpl_id": self.motor.product_tmpl_id.id}
        with self.assertRaisesRegex(ValidationError, "cannot replace itself"):
            self.env["crm.product.substitute"].create({**values, "substitute_id": self.motor.id})
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.env["crm.product.substitute"].create({**values, "substitute_id": self.engine.id, "ratio": 0})
