# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import datetime

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..exceptions import ServiceError
from .common import ServiceCase


@tagged("post_install", "-at_install")
class TestStates(ServiceCase):
    def test_steps_lead_to_done_and_keep_their_moments(self):
        order = self._create_order()
        self.assertEqual(order.state, "draft")
        order.write({"technician_id": self.technician.id, "planned_start": "2031-03-03 01:00:00"})
        self.assertEqual(order.state, "planned")
        self.assertEqual(order.planned_end, datetime(2031, 3, 3, 3))
        self._work(order, "done")
        self.assertEqual(order.state, "done")
        moments = [order.planned_on, order.departed_on, order.started_on, order.done_on]
        self.assertTrue(all(moments))
        self.assertEqual(moments, sorted(moments))

    def test_no_step_can_be_skipped(self):
        order = self._planned_for(self.technician)
        for action in ("action_start", "action_done"):
            with self.assertRaisesRegex(ServiceError, "Planned"):
                getattr(order, action)()
        self.assertEqual(order.state, "planned")

    def test_double_click_changes_nothing(self):
        order = self._planned_for(self.technician)
        order.action_depart()
        moment = order.departed_on
        order.action_depart()
        self.assertEqual((order.state, order.departed_on), ("on_way", moment))

    def test_a_batch_moves_together_or_not_at_all(self):
        first, second = self._planned_for(self.technician), self._create_order()
        with self.assertRaises(ServiceError):
            (first | second).action_depart()
        self.assertEqual(first.state, "planned")

    def test_planning_needs_technician_and_start(self):
        order = self._create_order(technician_id=self.technician.id)
        with self.assertRaisesRegex(ServiceError, "start"):
            order.action_plan()

    def test_taking_the_technician_away_makes_it_to_plan_again(self):
        order = self._planned_for(self.technician)
        order.technician_id = False
        self.assertEqual((order.state, order.planned_on), ("draft", False))

    def test_done_needs_a_result_and_every_step(self):
        order = self._planned_for(self.technician, checklist_ids=[(0, 0, {"name": "Run it"})])
        self._work(order, "in_progress")
        with self.assertRaisesRegex(ServiceError, "result"):
            order.action_done()
        order.result = "Works."
        with self.assertRaisesRegex(ServiceError, "step"):
            order.action_done()
        order.checklist_ids.done = True
        order.action_done()
        self.assertEqual((order.state, order.step_done_count, order.step_count), ("done", 1, 1))

    def test_work_that_has_begun_cannot_be_cancelled_or_replanned(self):
        order = self._planned_for(self.technician)
        self._work(order, "in_progress")
        with self.assertRaises(ServiceError):
            order.action_cancel()
        with self.assertRaises(ServiceError):
            order.technician_id = self.colleague
        with self.assertRaises(ServiceError):
            order.unlink()

    def test_cancelled_order_can_be_reopened_as_planned(self):
        order = self._planned_for(self.technician)
        order.action_cancel()
        order.action_cancel()
        self.assertEqual(order.state, "cancel")
        order.action_reopen()
        self.assertEqual((order.state, order.cancelled_on), ("planned", False))

    def test_state_cannot_be_written_on_any_route(self):
        order = self._create_order()
        Order = order.with_context(crm_service_transition=True)
        for forge in (
            lambda: order.write({"state": "done"}),
            lambda: Order.write({"state": "done"}),
            lambda: order.write({"done_on": "2031-01-01"}),
            lambda: self._create_order(state="done"),
            lambda: Order.with_context(default_state="done").create({"partner_id": self.customer.id}),
        ):
            with self.assertRaises(ServiceError):
                forge()
        imported = order.load([".id", "state"], [[str(order.id), "Done"]])
        self.assertIn("buttons only", imported["messages"][0]["message"])
        self.assertEqual(order.state, "draft")

    def test_form_of_an_installed_product_fills_customer_and_product(self):
        asset = self.env["crm.service.asset"].create(
            {
                "product_id": self.pump.id,
                "partner_id": self.customer.id,
                "address_id": self.customer.id,
                "delivered_on": "2020-01-01",
                "warranty_until": "2021-01-01",
            }
        )
        with Form(self.env["crm.service.order"].with_user(self.dispatcher)) as form:
            form.asset_id = asset
        order = self.env["crm.service.order"].search([("asset_id", "=", asset.id)])
        self.assertEqual((order.partner_id, order.product_id), (self.customer, self.pump))
        self.assertEqual((order.site_address, order.site_phone), ("Shenzhen 8 Dock Road", "+86 755 1234 5678"))
        self.assertFalse(order.in_warranty)
        self.assertEqual(asset.order_count, 1)

    def test_only_technicians_are_sent(self):
        with self.assertRaisesRegex(ValidationError, "no technician"):
            self._create_order(technician_id=self.agent.id)

    def test_end_before_start_is_refused(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._create_order(planned_start="2031-03-03 03:00:00", planned_end="2031-03-03 01:00:00").flush()

    def test_numbers_are_unique_and_drawn_in_bulk(self):
        Order = self.env["crm.service.order"]
        Order._next_numbers(1)
        with self.assertQueryCount(2):
            numbers = Order._next_numbers(50)
        self.assertEqual(len(set(numbers)), 50)

    def test_signature_is_dated(self):
        order = self._create_order()
        self.assertFalse(order.signed_on)
        order.signature = (
            b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
        )
        self.assertTrue(order.signed_on)
