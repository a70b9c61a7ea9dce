# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.tests import tagged

from ..exceptions import ServiceError
from .common import ServiceCase


@tagged("post_install", "-at_install")
class TestTickets(ServiceCase):
    def _create_ticket(self, **vals):
        return self.env["helpdesk.ticket"].create(
            {"name": "Pump leaks", "description": "<p>Since Monday</p>", "partner_id": self.customer.id, **vals}
        )

    def test_ticket_opens_a_work_order_with_its_story(self):
        ticket = self._create_ticket(priority="3")
        action = ticket.with_user(self.agent).action_create_service_order()
        order = ticket.service_order_ids
        self.assertEqual(action["res_id"], order.id)
        self.assertEqual((order.partner_id, order.priority, order.state), (self.customer, "1", "draft"))
        self.assertEqual(order.fault, "Pump leaks\nSince Monday")
        self.assertEqual(ticket.service_order_count, 1)
        self.assertEqual(self.env[action["res_model"]].search(ticket.action_view_service_orders()["domain"]), order)

    def test_second_click_opens_the_same_work_order(self):
        ticket = self._create_ticket()
        first = ticket.action_create_service_order()["res_id"]
        self.assertEqual(ticket.action_create_service_order()["res_id"], first)

    def test_finished_visit_may_be_followed_by_another(self):
        ticket = self._create_ticket()
        ticket.action_create_service_order()
        order = ticket.service_order_ids
        order.write({"technician_id": self.technician.id, "planned_start": "2031-03-03 01:00:00"})
        self._work(order, "done")
        ticket.action_create_service_order()
        self.assertEqual(len(ticket.service_order_ids), 2)

    def test_many_tickets_at_once(self):
        tickets = self._create_ticket() | self._create_ticket()
        tickets.action_create_service_order()
        self.assertEqual(tickets.mapped("service_order_count"), [1, 1])

    def test_ticket_of_an_installed_product_knows_product_and_customer(self):
        asset = self.env["crm.service.asset"].create(
            {
                "product_id": self.pump.id,
                "partner_id": self.customer.id,
                "address_id": self.customer.id,
                "delivered_on": "2020-01-01",
            }
        )
        ticket = self._create_ticket(partner_id=False, asset_id=asset.id)
        ticket.action_create_service_order()
        order = ticket.service_order_ids
        self.assertEqual((order.asset_id, order.product_id, order.partner_id), (asset, self.pump, self.customer))

    def test_ticket_without_contact_says_so(self):
        with self.assertRaisesRegex(ServiceError, "contact"):
            self._create_ticket(partner_id=False).action_create_service_order()

    def test_who_serves_opens_the_ticket_and_reads_whether_the_customer_may_be_served(self):
        ticket = self._create_ticket()
        for user in (self.agent, self.env.ref("base.user_admin")):
            state = ticket.partner_id.with_user(user).credit_state
            ticket.invalidate_cache()
            seen = ticket.with_user(user).read(list(ticket.with_user(user).fields_view_get(view_type="form")["fields"]))
            self.assertEqual(seen[0]["credit_state"], state)
