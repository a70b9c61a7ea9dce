# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.tests import tagged

from .common import ServiceCase


@tagged("post_install", "-at_install")
class TestWorkbenchService(ServiceCase):
    """An agent's page: own tickets, those to take, and work orders that are late or have no plan."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        closed = cls.env["helpdesk.ticket.stage"].search([("closed", "=", True)], limit=1)
        tickets = [
            {"name": "Leaks", "user_id": cls.agent.id, "priority": "3"},
            {"name": "Answered", "user_id": cls.agent.id, "stage_id": closed.id},
            {"name": "Nobody's", "user_id": False},
        ]
        for vals in tickets:
            cls.env["helpdesk.ticket"].create({"description": "…", "partner_id": cls.customer.id, **vals})
        cls.late = cls._planned_for(cls.technician)
        cls.late.action_plan()
        cls.env["base"].flush()
        cls.env.cr.execute(
            "UPDATE crm_service_order SET planned_start = now() - interval '4 hours', planned_end = now() - interval '2 hours'"
            " WHERE id = %s",
            [cls.late.id],
        )
        cls.draft = cls._create_order()
        cls.env.cache.invalidate()

    def _tiles(self, user):
        return {tile["key"]: tile for tile in self.env["crm.workbench"].with_user(user).get_page()["tiles"]}

    def test_an_agents_page(self):
        tiles = self._tiles(self.agent)
        self.assertTrue({"my_tickets", "new_tickets", "late_work_orders", "work_orders_to_plan", "calendar"} <= tiles.keys())
        self.assertEqual([row["title"] for row in tiles["my_tickets"]["rows"]], ["Leaks"])
        self.assertIn(self.late.id, [row["res_id"] for row in tiles["late_work_orders"]["rows"]])
        for key, tile in tiles.items():
            with self.subTest(tile=key):
                self.assertFalse(tile["error"])
                action = tile["action"]
                self.assertEqual(self.env[action["res_model"]].with_user(self.agent).search_count(action["domain"]), tile["value"])

    def test_a_technician_has_no_tickets(self):
        self.assertFalse({"my_tickets", "new_tickets", "late_work_orders"} & self._tiles(self.technician).keys())
