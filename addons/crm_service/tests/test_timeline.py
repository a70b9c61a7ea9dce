# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from .common import ServiceCase


class TestTimeline(ServiceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls.env["helpdesk.ticket"].create(
            {"name": "It leaks", "description": "<p>?</p>", "partner_id": cls.customer.id}
        )
        cls.order = cls._planned_for(cls.technician, fault="Leak")
        cls.rep = cls._create_user("timeline_rep", "crm_core.group_sales_rep")
        cls.customer.user_id = cls.rep

    def page(self, user):
        return self.env["crm.timeline"].with_user(user).get_page("res.partner", self.customer.id)

    def numbers(self, user):
        return {number["key"]: number for number in self.customer.with_user(user).get_card_numbers()}

    def test_agent_sees_tickets_and_work_but_no_money(self):
        page = self.page(self.agent)
        entries = {entry["kind"]: entry for entry in page["entries"]}
        self.assertEqual((entries["ticket"]["title"], entries["service_order"]["res_id"]), ("It leaks", self.order.id))
        keys = {kind["key"] for kind in page["kinds"]}
        self.assertFalse(keys & {"order", "quote", "invoice", "payment", "delivery", "opportunity", "lead"})
        numbers = self.numbers(self.agent)
        self.assertEqual(numbers["open_tickets"]["value"], 1)
        self.assertTrue(numbers["open_tickets"]["action"])
        self.assertFalse({"orders", "revenue", "receivable", "overdue", "open_value"} & set(numbers))

    def test_rep_hears_how_many_tickets_are_open_but_does_not_read_them(self):
        self.assertNotIn("ticket", [entry["kind"] for entry in self.page(self.rep)["entries"]])
        number = self.numbers(self.rep)["open_tickets"]
        self.assertEqual(number["value"], 1)
        self.assertNotIn("action", number)

    def test_technician_has_no_timeline(self):
        self.assertEqual(self.page(self.technician)["entries"], [])
        self.assertEqual(self.numbers(self.technician), {})
