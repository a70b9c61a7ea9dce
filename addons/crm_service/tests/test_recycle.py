# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.addons.crm_core.tests.test_recycle import RecycleCase


class TestRecycleWithTickets(RecycleCase):
    def test_open_ticket_keeps_customer_and_lead_with_their_owner(self):
        self.rule(warn_days=0)
        self.rule(res_model="res.partner", warn_days=0)
        self.customer_bob.recycle_protected = True
        self.lead_ann.partner_id = self.customer_ann
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.customer_ann.id})
        self.age(self.lead_ann, 30)
        self.age(self.customer_ann, 30)
        ticket = self.env["helpdesk.ticket"].create({"name": "Broken", "description": "x", "partner_id": contact.id})
        self.assertEqual(self.run_all().recycled, 0)
        ticket.stage_id = self.env["helpdesk.ticket.stage"].search([("closed", "=", True)], limit=1)
        self.run_all()
        self.assertTrue(self.lead_ann.pool_id)
        self.assertTrue(self.customer_ann.pool_id)
