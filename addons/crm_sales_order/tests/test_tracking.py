# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Where deliveries are, asked of a local peer over HTTP."""

from datetime import timedelta

from odoo import fields
from odoo.addons.crm_core.tests.http_peer import HttpPeer
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.exceptions import AccessError

from ..exceptions import SalesOrderError, SalesOrderValidationError
from .common import SalesOrderCase

EVENTS = [
    {"time": "2026-11-20 09:30:00", "context": "已签收，签收人：王", "areaName": "深圳"},
    {"time": "2026-11-19 18:00:00", "context": "包裹已揽收", "areaName": "上海"},
    {"time": "2026-11-20 08:00:00", "context": "正在派送", "areaName": "深圳"},
]


class TestTracking(SalesOrderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.peer = HttpPeer()
        cls.addClassCleanup(cls.peer.close)
        cls.provider = cls.env["crm.tracking.provider"].create(
            {
                "name": "Parcels",
                "active": True,
                "url": cls.peer.url + "/track?com={carrier}&num={number}&key={secret}",
                "secret": "s3cret",
                "place_field": "areaName",
                "timeout": 10.0,
            }
        )
        freight = cls._create_product("Freight", 0.0, type="service")
        values = {"name": "SF", "product_id": freight.id, "tracking_provider_id": cls.provider.id, "tracking_code": "sf"}
        cls.carrier = cls.env["delivery.carrier"].create({**values, "tracking_page": "https://sf.example/q/{number}"})
        cls.rep = cls._create_user("track_rep", "crm_core.group_sales_rep")
        cls.other = cls._create_user("track_other", "crm_core.group_sales_rep")
        line = {"product_id": cls.pump.id, "product_uom_qty": 2}
        cls.order = cls.env["sale.order"].create({"partner_id": cls.customer.id, "user_id": cls.rep.id, "order_line": [(0, 0, line)]})
        cls.order.action_confirm()
        cls.picking = cls.order.picking_ids
        cls.picking.action_deliver_available()
        cls.picking.write({"carrier_id": cls.carrier.id, "carrier_tracking_ref": " SF100 "})

    def setUp(self):
        super().setUp()
        self.peer.asked.clear()
        self.peer.answer = lambda path, body: (200, {}, {"data": EVENTS})

    def _jobs(self):
        return self.env["queue.job"].search([("method_name", "=", "_track"), ("state", "=", "pending")])

    def test_what_the_service_says_is_on_the_delivery(self):
        self.picking._track()
        self.assertIn("com=sf&num=SF100&key=s3cret", self.peer.asked[0][0])
        self.assertEqual(self.picking.tracking_state, "delivered")
        self.assertEqual(self.picking.tracking_text, "已签收，签收人：王")
        self.assertEqual(self.picking.tracking_event_ids.sorted("date")[0].text, "包裹已揽收")
        # 09:30 in Shanghai
        self.assertEqual(self.picking.tracking_date, fields.Datetime.to_datetime("2026-11-20 01:30:00"))

    def test_asked_again_nothing_is_doubled_and_the_rep_told_once(self):
        for _again in range(2):
            self.picking._track()
        self.assertEqual(len(self.picking.tracking_event_ids), 3)
        told = self.env["crm.notification"].search([("key", "=like", "crm.tracking,%d,%%" % self.picking.id)])
        self.assertEqual((len(told), told.user_id), (1, self.rep))

    def test_timeline_shows_the_milestones(self):
        self.picking._track()
        entries = self.env["crm.timeline"].with_user(self.rep).get_page("res.partner", self.customer.id, kinds=["tracking"])["entries"]
        labels = [entry["title"] for entry in entries]
        self.assertEqual(labels, ["已签收，签收人：王", "正在派送", "包裹已揽收"])
        self.assertEqual(entries[0]["status"]["label"], "Delivered to Customer")

    def test_another_number_is_another_parcel(self):
        self.picking._track()
        self.picking.carrier_tracking_ref = "SF200"
        self.assertFalse(self.picking.tracking_event_ids)
        self.assertFalse(self.picking.tracking_state)

    def test_a_busy_service_is_asked_later_and_nothing_is_lost(self):
        self.picking._track()
        self.peer.answer = lambda path, body: (503, {}, {})
        with self.assertRaises(RetryableJobError):
            self.picking._track()
        self.assertEqual(self.picking.tracking_state, "delivered")

    def test_a_wrong_answer_is_noted_and_nothing_is_lost(self):
        self.picking._track()
        for answer in ({"other": 1}, {"data": "none"}, {"data": [{"time": "yesterday", "context": "x"}]}):
            self.peer.answer = lambda path, body, answer=answer: (200, {}, answer)
            self.picking._track()
            self.assertIn("Parcels", self.picking.tracking_error)
        self.assertEqual(len(self.picking.tracking_event_ids), 3)

    def test_the_cron_asks_about_what_is_due_and_each_once(self):
        self.env["stock.picking"]._cron_track()
        self.env["stock.picking"]._cron_track()
        self.assertEqual(len(self._jobs()), 1)
        self._jobs().unlink()
        self.picking.write({"tracking_asked": fields.Datetime.now() - timedelta(hours=1)})
        self.env["stock.picking"]._cron_track()
        self.assertFalse(self._jobs(), "asked less than the interval ago")
        self.picking.write({"tracking_asked": fields.Datetime.now() - timedelta(hours=5), "tracking_state": "delivered"})
        self.env["stock.picking"]._cron_track()
        self.assertFalse(self._jobs(), "it has arrived")

    def test_a_provider_switched_off_is_not_asked(self):
        self.provider.active = False
        self.picking._track()
        self.assertFalse(self.peer.asked)
        with self.assertRaises(SalesOrderError):
            self.picking.action_track()

    def test_the_rep_follows_own_parcels_only(self):
        self.picking._track()
        events = self.env["crm.tracking.event"]
        self.assertEqual(events.with_user(self.rep).search_count([]), 3)
        self.assertEqual(events.with_user(self.other).search_count([]), 0)

    def test_who_may_not_read_deliveries_asks_nobody(self):
        marketing = self._create_user("track_marketing", "crm_core.group_marketing")
        self._jobs().unlink()
        with self.assertRaises(AccessError):
            self.picking.with_user(marketing).action_track()
        self.assertFalse(self._jobs())

    def test_the_carriers_page(self):
        self.assertEqual(self.picking.carrier_tracking_url, "https://sf.example/q/SF100")
        with self.assertRaises(SalesOrderValidationError):
            self.carrier.tracking_page = "javascript:alert({number})"

    def test_a_provider_that_cannot_be_asked_is_refused(self):
        for wrong in ({"url": "file:///etc/passwd"}, {"states": "3=eaten"}, {"zone": "Mars/Olympus"}, {"headers": "no header"}):
            with self.assertRaises(SalesOrderValidationError), self.cr.savepoint():
                self.provider.write(wrong)
