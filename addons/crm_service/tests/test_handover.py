# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.addons.crm_core.exceptions import CrmUserError

from .common import ServiceCase


class TestHandover(ServiceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls._create_user("director", "crm_core.group_sales_director")

    def handover(self, giver, receiver):
        return (
            self.env["crm.handover"]
            .with_user(self.director)
            .create({"from_user_id": giver.id, "rule_ids": [(0, 0, {"receiver_ids": [(6, 0, receiver.ids)]})]})
        )

    def test_work_orders_of_a_technician(self):
        planned, done = self._planned_for(self.technician), self._planned_for(self.technician)
        done.flush()
        self.env.cr.execute("UPDATE crm_service_order SET state = 'done' WHERE id = %s", (done.id,))
        self.env.cache.invalidate()
        handover = self.handover(self.technician, self.colleague)
        handover.action_preview()
        handover.action_hand_over()
        self.assertEqual((planned.technician_id, done.technician_id), (self.colleague, self.technician))
        self.assertEqual(planned.state, "planned")

    def test_only_technicians_get_work_orders(self):
        self._planned_for(self.technician)
        with self.assertRaisesRegex(CrmUserError, "service_agent cannot work on Work Orders"):
            self.handover(self.technician, self.agent).action_preview()

    def test_tickets_of_an_agent(self):
        closed_stage = self.env["helpdesk.ticket.stage"].create({"name": "Over", "closed": True})
        tickets = self.env["helpdesk.ticket"].create(
            [{"name": "T", "description": "T", "user_id": self.agent.id}, {"name": "C", "description": "C", "user_id": self.agent.id}]
        )
        tickets[1].stage_id = closed_stage
        handover = self.handover(self.agent, self.dispatcher)
        handover.action_preview()
        handover.action_hand_over()
        self.assertEqual((tickets[0].user_id, tickets[1].user_id), (self.dispatcher, self.agent))
