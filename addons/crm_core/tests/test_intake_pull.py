# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Leads fetched from platforms, against peers on this machine that check signature, time, nonce and paging."""
import base64
import hashlib
import hmac
import json
import time
from datetime import datetime, timedelta
from unittest.mock import patch
from urllib.parse import parse_qsl, urlsplit

from odoo import fields
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.job import Job
from odoo.exceptions import AccessError
from odoo.tools import mute_logger

from ..engine.vendor.calls import PeerRefused
from .common import RolesCase
from .http_peer import HttpPeer

LOGGER = "odoo.addons.crm_core.models.crm_intake_channel_pull"
EPOCH = datetime(1970, 1, 1)


def clue(number, at):
    return {
        "clue_id": number,
        "name": "客户%d" % number,
        "telephone": "138%08d" % number,
        "province_name": "广东",
        "city_name": "深圳",
        "create_time_detail": (at + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S"),
        "at": (at - EPOCH).total_seconds(),
    }


class Platform(HttpPeer):
    """Holds clues with the moments at which they *happened* and *can be seen*; answers as each interface does."""

    def __init__(self):
        super().__init__()
        self.answer = self._answer
        self.clues, self.failures, self.nonces = [], [], []

    def _answer(self, target, body):
        if self.failures:
            return self.failures.pop(0), {}, {}
        parts = urlsplit(target)
        headers = {name.lower(): value for name, value in self.asked[-1][1].items()}
        return 200, {}, getattr(self, "_" + parts.path.strip("/").replace("/", "_").replace("-", "_").replace(".", "_"))(
            target, dict(parse_qsl(parts.query)), headers
        )

    def _between(self, start, end):
        return [row for row in self.clues if start <= row["at"] <= end]

    @staticmethod
    def _page(rows, query, most):
        size = int(query["page_size"])
        assert size <= most, size
        page = int(query["page"])
        return rows[(page - 1) * size : page * size], -(-len(rows) // size)

    def _open_api_2_tools_clue_get(self, target, query, headers):
        if headers["access-token"] != "ocean-token" or json.loads(query["advertiser_ids"]) != [101, 102]:
            return {"code": 40105, "message": "access token is wrong"}
        times = (datetime.strptime(query[name], "%Y-%m-%d %H:%M:%S") - timedelta(hours=8) for name in ("start_time", "end_time"))
        rows = self._between(*((moment - EPOCH).total_seconds() for moment in times))
        found, pages = self._page(rows, query, 100)
        return {"code": 0, "data": {"list": found, "page_info": {"total_page": pages, "total_number": len(rows)}}}

    def _crm_v2_openapi_pull_clues(self, target, query, headers):
        stamp = headers["timestamp"]
        text = "/crm/v2/openapi/pull-clues/?start_time=%s&end_time=%s %s" % (query["start_time"], query["end_time"], stamp)
        expected = base64.b64encode(hmac.new(b"feiyu-key", text.encode(), hashlib.sha256).hexdigest().encode()).decode()
        if headers["signature"] != expected or abs(time.time() - int(stamp)) > 300 or headers["access-token"] != "feiyu-token":
            return {"status": "fail", "msg": "signature"}
        rows = self._between(int(query["start_time"]), int(query["end_time"]))
        found, _pages = self._page(rows, query, 100)
        return {"status": "success", "count": len(rows), "data": [dict(row, id=row["clue_id"], telphone=row["telephone"]) for row in found]}

    def _v3_0_leads_list_get(self, target, query, headers):
        if query["access_token"] != "tencent-token" or abs(time.time() - int(query["timestamp"])) > 300:
            return {"code": 11000, "message": "token or time"}
        if query["nonce"] in self.nonces:
            return {"code": 11001, "message": "nonce was used"}
        self.nonces.append(query["nonce"])
        window = json.loads(query["time_range"])
        rows = self._between(window["start_time"], window["end_time"])
        after = json.loads(query.get("last_search_after_values", "[-1]"))[0]
        later = [row for row in rows if row["clue_id"] > after]
        if int(query["page"]) > 1000 or (after < 0 and int(query["page"]) * int(query["page_size"]) > 5000):
            return {"code": 11002, "message": "too deep: use last_search_after_values"}
        found, _pages = self._page(later, query, 200)
        found = [dict(row, leads_id=row["clue_id"], leads_name=row["name"], leads_tel=row["telephone"]) for row in found]
        data = {"list": found, "page_info": {"total_number": len(rows)}}
        return {"code": 0, "data": dict(data, last_search_after_values=[found[-1]["leads_id"]] if found else None)}


class PullCase(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.peer = Platform()
        cls.now = fields.Datetime.now()

    @classmethod
    def tearDownClass(cls):
        cls.peer.close()
        super().tearDownClass()

    def setUp(self):
        super().setUp()
        self.peer.clues, self.peer.failures = [], []
        self.peer.asked.clear()
        self.env.cr.postrollback.clear()
        self.addCleanup(self.env.cr.postrollback.clear)

    def channel(self, pull_kind, **vals):
        kind = "tencent" if pull_kind == "tencent" else "ocean"
        defaults = {
            "ocean": {"pull_token": "ocean-token", "pull_accounts": "101, 102"},
            "feiyu": {"pull_token": "feiyu-token", "pull_key": "feiyu-key"},
            "tencent": {"pull_token": "tencent-token", "pull_accounts": "7"},
        }[pull_kind]
        vals = {"name": pull_kind, "kind": kind, "pull_kind": pull_kind, "api_url": self.peer.url, "pull_active": True, **defaults, **vals}
        return self.env["crm.intake.channel"].create(vals)

    def happen(self, count, minutes_ago=60, first=1):
        self.peer.clues += [clue(number, self.now - timedelta(minutes=minutes_ago)) for number in range(first, first + count)]

    def touchpoints(self, channel):
        return self.env["crm.touchpoint"].search([("channel_id", "=", channel.id)], order="id")


class TestPull(PullCase):
    def test_every_platform_is_read_to_the_end(self):
        self.happen(250)
        for kind in ("ocean", "feiyu", "tencent"):
            with self.subTest(kind=kind):
                channel = self.channel(kind)
                channel._pull()
                self.assertEqual(len(self.touchpoints(channel)), 250)
                self.assertEqual((channel.pull_log_ids.fetched, channel.pull_log_ids.new), (250, 250))
                self.assertGreaterEqual(channel.pull_cursor, self.now)

    def test_a_fetched_clue_becomes_the_right_lead(self):
        self.happen(1)
        for kind in ("ocean", "feiyu", "tencent"):
            with self.subTest(kind=kind):
                channel = self.channel(kind, dedupe_policy="link")
                channel._pull()
                touchpoint = self.touchpoints(channel)
                touchpoint._process()
                lead = touchpoint.lead_id
                self.assertEqual((lead.contact_name, lead.phone), ("客户1", "13800000001"))
                if kind != "tencent":
                    self.assertEqual((lead.state_id, lead.city), (self.env.ref("base.state_cn_GD"), "深圳"))
                    self.assertEqual(touchpoint.occurred_at, self.now - timedelta(minutes=60))

    def test_tencent_beyond_five_thousand(self):
        self.happen(5410)
        channel = self.channel("tencent")
        channel._pull()
        self.assertEqual(len(self.touchpoints(channel)), 5410)

    def test_late_arrivals_are_met_by_the_overlap_and_nothing_comes_twice(self):
        self.happen(3, minutes_ago=9)
        channel = self.channel("ocean")
        channel._pull()
        self.happen(2, minutes_ago=8, first=4)  # seen only now, though they happened before the cursor
        channel._pull()
        self.assertEqual(len(self.touchpoints(channel)), 5)
        self.assertEqual(channel.pull_log_ids.sorted("id").mapped("fetched"), [3, 5])
        self.assertEqual(channel.pull_log_ids.sorted("id").mapped("new"), [3, 2])

    def test_pushed_and_fetched_it_comes_once(self):
        self.happen(1)
        channel = self.channel("feiyu")
        self.env["crm.touchpoint"]._accept_rows(channel, [{"idempotency_key": "id:1", "payload": {"id": 1, "telphone": "1"}}])
        channel._pull()
        self.assertEqual(len(self.touchpoints(channel)), 1)

    def test_days_are_fetched_one_at_a_time(self):
        self.happen(1, minutes_ago=60 * 24 * 2)
        self.happen(1, minutes_ago=10, first=2)
        channel = self.channel("ocean", pull_cursor=self.now - timedelta(days=2, hours=1))
        pulls = 0
        channel._schedule_pull()
        while True:
            job = self.env["queue.job"].search([("method_name", "=", "_pull"), ("state", "=", "pending")])
            if not job:
                break
            job.state = "done"
            Job.load(self.env, job.uuid).perform()
            pulls += 1
        self.assertEqual((pulls, len(self.touchpoints(channel))), (3, 2))

    @mute_logger(LOGGER)
    def test_a_failure_half_way_moves_nothing_and_is_tried_again(self):
        self.happen(250)
        channel = self.channel("ocean")
        answer = self.peer._answer
        pages = []

        def fail_on_the_second(target, body):
            pages.append(target)
            return (503, {}, {}) if len(pages) == 2 else answer(target, body)

        with patch.object(self.peer, "answer", fail_on_the_second):
            with self.assertRaises(RetryableJobError), self.env.cr.savepoint():
                channel._pull()
            self.assertFalse(channel.pull_cursor)
            channel._pull()
        self.assertEqual(len(self.touchpoints(channel)), 250)

    @mute_logger(LOGGER)
    def test_busy_silent_and_unreachable_are_tried_again(self):
        channel = self.channel("ocean")
        for status in (500, 429, 502):
            self.peer.failures = [status]
            with self.subTest(status=status), self.assertRaises(RetryableJobError):
                channel._pull()
        with patch("odoo.addons.crm_core.models.peer.READ_SECONDS", 0.2), patch.object(self.peer, "answer", self.peer.hang):
            with self.assertRaises(RetryableJobError):
                channel._pull()
        channel.api_url = "http://127.0.0.1:9"
        with self.assertRaises(RetryableJobError):
            channel._pull()

    @mute_logger(LOGGER)
    def test_a_no_ends_the_job_and_names_no_secret(self):
        for kind, changes in (
            ("ocean", {"pull_token": "wrong"}),
            ("feiyu", {"pull_key": "wrong"}),
            ("tencent", {"pull_token": "wrong"}),
            ("ocean", {"api_url": "file:///etc/passwd"}),
            ("ocean", {"api_url": False}),
            ("ocean", {"api_path": "/none"}),
        ):
            with self.subTest(kind=kind, changes=changes), patch.object(
                Platform, "_none", lambda *arguments: {"code": 404}, create=True
            ), self.assertRaises(PeerRefused) as raised:
                self.channel(kind, **changes)._pull()
            self.assertNotIn("wrong", str(raised.exception).replace("token is wrong", ""))

    @mute_logger(LOGGER)
    def test_a_failure_is_noted_once_the_transaction_is_gone(self):
        channel = self.channel("ocean")
        self.peer.failures = [503]
        with self.assertRaises(RetryableJobError):
            channel._pull()
        self.registry.enter_test_mode(self.env.cr)
        self.addCleanup(self.registry.leave_test_mode)
        self.env.cr.postrollback.run()
        self.assertEqual(channel.pull_log_ids.mapped("message"), ["HTTP status 503"])


class TestSchedule(PullCase):
    def test_nothing_is_fetched_unless_switched_on(self):
        channel = self.env["crm.intake.channel"].create({"name": "New", "kind": "ocean"})
        self.assertFalse(channel.pull_active)
        self.env["crm.intake.channel"]._cron_pull()
        self.assertFalse(self.env["queue.job"].search([("method_name", "=", "_pull"), ("state", "=", "pending")]))

    def test_one_job_waits_however_often_it_is_asked_for(self):
        self.channel("ocean")
        self.env["crm.intake.channel"]._cron_pull()
        self.env["crm.intake.channel"]._cron_pull()
        self.assertEqual(len(self.env["queue.job"].search([("method_name", "=", "_pull"), ("state", "=", "pending")])), 1)

    def test_the_overlap_covers_what_arrives_late(self):
        with self.assertRaises(Exception) as raised, self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
            self.channel("ocean", pull_overlap=5)
        self.assertIn("pull_overlap", str(raised.exception))

    def test_reps_fetch_nothing_and_see_no_log(self):
        channel = self.channel("ocean")
        channel.with_user(self.marketer).action_pull_now()
        with self.assertRaises(AccessError):
            channel.with_user(self.ann).action_pull_now()
        with self.assertRaises(AccessError):
            self.env["crm.intake.pull.log"].with_user(self.ann).search_read([], ["message"])
