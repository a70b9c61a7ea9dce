# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..exceptions import ServiceError
from .common import ServiceCase


@tagged("post_install", "-at_install")
class TestRoles(ServiceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls.env["res.partner"].create(
            {"name": "Other Hotel", "is_company": True, "customer_rank": 1, "phone": "+86 755 9999 9999"}
        )
        steps = [(0, 0, {"name": "Run it"})]
        cls.own = cls._planned_for(cls.technician, checklist_ids=steps)
        cls.foreign = cls._planned_for(cls.colleague, checklist_ids=steps, partner_id=cls.stranger.id)

    def test_technician_reaches_own_work_orders_only_on_every_route(self):
        Order = self.env["crm.service.order"].with_user(self.technician)
        self.assertEqual(Order.search([]), self.own)
        self.assertEqual([row["id"] for row in Order.search_read([], ["name"])], self.own.ids)
        self.assertEqual(Order.name_search(self.foreign.name), [])
        groups = Order.read_group([], ["partner_id"], ["partner_id"])
        self.assertEqual([group["partner_id"][0] for group in groups], self.customer.ids)
        Step = self.env["crm.service.checklist.line"].with_user(self.technician)
        self.assertEqual(Step.search([]).order_id, self.own)
        foreign = self.foreign.with_user(self.technician)
        for route in (
            lambda: foreign.read(["name"]),
            lambda: foreign.read(["site_phone"]),
            lambda: foreign.write({"result": "x"}),
            foreign.action_depart,
            lambda: foreign.checklist_ids.write({"done": True}),
            lambda: foreign.message_post(body="x"),
        ):
            with self.assertRaises(AccessError):
                route()

    def test_technician_sees_name_address_and_phone_of_own_orders_only(self):
        own = self.own.with_user(self.technician)
        self.assertEqual(own.site_name, "Harbour Hotel")
        self.assertEqual(own.site_address, "Shenzhen 8 Dock Road")
        self.assertEqual(own.site_phone, "+86 755 1234 5678")
        Partner = self.env["res.partner"].with_user(self.technician)
        customers = Partner.search([("is_customer", "=", True)])
        self.assertEqual(customers, self.customer)
        self.assertEqual(Partner.name_search("Other Hotel"), [])
        with self.assertRaises(AccessError):
            self.stranger.with_user(self.technician).read(["name"])
        self.assertTrue(Partner.search([("id", "=", self.colleague.partner_id.id)]))

    def test_technician_loses_sight_of_an_order_given_to_another(self):
        self.own.technician_id = self.colleague
        self.assertFalse(self.env["crm.service.order"].with_user(self.technician).search([]))

    def test_technician_works_through_the_day(self):
        own = self.own.with_user(self.technician)
        own.action_depart()
        own.action_start()
        own.write({"result": "Works.", "checklist_ids": [(1, own.checklist_ids.id, {"done": True})]})
        own.action_done()
        self.assertEqual(self.own.state, "done")
        with self.assertRaises(ServiceError):
            own.write({"result": "Changed afterwards"})

    def test_technician_writes_the_report_and_nothing_else(self):
        own = self.own.with_user(self.technician)
        for vals in (
            {"technician_id": self.colleague.id},
            {"planned_start": "2031-04-01"},
            {"partner_id": self.stranger.id},
            {"address_id": self.stranger.id},
            {"asset_id": False},
        ):
            with self.assertRaises(AccessError):
                own.write(vals)
        with self.assertRaises(AccessError):
            own.checklist_ids.write({"name": "Skip it"})
        with self.assertRaises(AccessError):
            own.checklist_ids.unlink()
        with self.assertRaises(AccessError):
            own.copy()

    def test_photos_of_the_technician_are_seen_by_the_office_and_by_nobody_else(self):
        photo = (
            self.env["ir.attachment"]
            .with_user(self.technician)
            .create({"name": "before.jpg", "datas": base64.b64encode(b"x"), "res_model": "crm.service.order"})
        )
        self.own.with_user(self.technician).write({"photo_ids": [(4, photo.id)]})
        self.assertEqual(photo.with_user(self.dispatcher).read(["name"])[0]["name"], "before.jpg")
        with self.assertRaises(AccessError):
            photo.with_user(self.colleague).read(["datas"])

    def test_technician_does_not_get_at_somebody_elses_file_as_a_photo(self):
        secret = (
            self.env["ir.attachment"]
            .with_user(self.dispatcher)
            .create(
                {
                    "name": "secret",
                    "datas": base64.b64encode(b"x"),
                    "res_model": "crm.service.order",
                    "res_id": self.foreign.id,
                }
            )
        )
        self.own.with_user(self.technician).write({"photo_ids": [(4, secret.id)]})
        with self.assertRaises(AccessError):
            secret.with_user(self.technician).read(["datas"])

    def test_agent_opens_work_orders_but_does_not_plan_them(self):
        Order = self.env["crm.service.order"].with_user(self.agent)
        order = Order.create({"partner_id": self.customer.id, "technician_id": False, "planned_start": False})
        order.write({"fault": "Leaks"})
        with self.assertRaises(AccessError):
            order.write({"technician_id": self.technician.id})
        with self.assertRaises(AccessError):
            Order.with_context(default_technician_id=self.technician.id).create({"partner_id": self.customer.id})
        self.assertIn(self.foreign, Order.search([]))

    def test_dispatcher_sees_every_technician_on_the_board(self):
        Order = self.env["crm.service.order"].with_user(self.dispatcher)
        board = Order.read_group([("id", "=", self.own.id)], ["technician_id"], ["technician_id"])
        columns = {group["technician_id"][0] for group in board if group["technician_id"]}
        self.assertTrue({self.technician.id, self.colleague.id} <= columns)
        self._create_order().with_user(self.dispatcher).write(
            {"technician_id": self.technician.id, "planned_start": "2031-03-04 01:00:00"}
        )

    def test_executive_reads_and_changes_nothing(self):
        boss = self._create_user("service_boss", "crm_core.group_executive")
        order = self.own.with_user(boss)
        self.assertTrue(order.read(["name", "site_phone"]))
        self.assertTrue(self.env["helpdesk.ticket"].with_user(boss).search([], limit=1).read(["name"]) is not None)
        for route in (
            lambda: order.write({"result": "x"}),
            order.action_depart,
            order.checklist_ids.unlink,
            order.copy,
        ):
            with self.assertRaises(AccessError):
                route()

    def test_rep_sees_the_work_that_came_of_own_sales(self):
        rep = self._create_user("service_rep", "crm_core.group_sales_rep")
        sale = self.env["sale.order"].create({"partner_id": self.customer.id, "user_id": rep.id})
        self.own.sale_order_id = sale
        Order = self.env["crm.service.order"].with_user(rep)
        self.assertEqual(Order.search([]), self.own)
        self.assertEqual(sale.with_user(rep).service_order_count, 1)
        self.assertEqual(Order.search(sale.with_user(rep).action_view_service_orders()["domain"]), self.own)
        with self.assertRaises(AccessError):
            Order.search([]).write({"result": "x"})

    def test_people_without_a_service_role_see_nothing(self):
        outsider = self._create_user("service_outsider", "base.group_user")
        for model in ("crm.service.order", "crm.service.asset", "crm.service.checklist.line"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(outsider).search([])
