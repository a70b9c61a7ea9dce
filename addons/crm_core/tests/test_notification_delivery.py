# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Robots and gateways over real HTTP: local peers check signature, payload and rate limit by the vendors' rules."""
import json
import random
from dataclasses import replace
from unittest.mock import patch

from odoo.tools import mute_logger

from ..engine.notify import ROBOTS, Pace
from ..models import crm_notification_delivery as delivery
from .common import RolesCase
from .http_peer import HttpPeer
from .robot_peer import DING, DING_SECRET, FEISHU, FEISHU_SECRET, WECOM, RobotPeer

LOGGER = "odoo.addons.crm_core.models.crm_notification_delivery"
#: Vendor's seconds in one of ours; Feishu's limit is kept in real time
SPEED = 60.0


class DeliveryCase(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.http = HttpPeer()
        cls.addClassCleanup(cls.http.close)
        channels = cls.env["crm.notification.channel"]
        shared = {"active": True, "timeout": 10.0}
        cls.wecom = channels.create({"name": "W", "kind": "wecom", "url": cls.http.url + WECOM, **shared})
        cls.ding = channels.create(
            {"name": "D", "kind": "dingtalk", "url": cls.http.url + DING, "secret": DING_SECRET, **shared}
        )
        cls.feishu = channels.create(
            {"name": "F", "kind": "feishu", "url": cls.http.url + FEISHU, "secret": FEISHU_SECRET, **shared}
        )
        fast = {kind: replace(ROBOTS[kind], pace=Pace(((20, 60.0 / SPEED),))) for kind in ("wecom", "dingtalk")}

        def commit(channel):  # the test's transaction goes on
            channel.flush()
            channel.env.clear()

        for patcher in (patch.dict(ROBOTS, fast), patch.object(type(channels), "_commit", commit)):
            patcher.start()
            cls.addClassCleanup(patcher.stop)

    def play(self, **options):
        robots = RobotPeer(speed=SPEED, **options)
        self.http.answer = robots.answer
        self.http.asked.clear()
        return robots

    @mute_logger(LOGGER)
    def deliver(self, channel, rounds=400):
        """Run the channel's job as often as it asks for, without waiting for back-off."""
        for _round in range(rounds):
            channel._deliver()
            waiting = self.env["crm.notification"].search([("channel_id", "=", channel.id), ("state", "=", "pending")])
            if not waiting:
                return
            waiting.write({"next_try": False})
        raise AssertionError("no end")

    def texts(self, number):
        return ["message %d" % index for index in range(number)]


class TestRobots(DeliveryCase):
    def test_each_vendor_takes_the_message_with_its_signature(self):
        robots = self.play()
        for channel in (self.wecom, self.ding, self.feishu):
            sent = channel._post("逾期提醒", "华强电子 逾期 3 天", record=self.lead_ann, mention_users=self.ann)
            self.deliver(channel)
            self.assertEqual(sent.state, "sent", sent.message)
            text = robots.taken[channel.kind][0]
            self.assertTrue(text.startswith("逾期提醒\n华强电子 逾期 3 天\n"))
            self.assertIn("model=crm.lead&res_id=%d" % self.lead_ann.id, text)

    def test_members_are_called_by_their_mobile_number(self):
        self.ann.partner_id.mobile = "13900000001"
        robots = self.play()
        for channel in (self.wecom, self.ding):
            channel._post("Look", "", mention_users=self.ann)
            self.deliver(channel)
        self.assertEqual(robots.bodies["wecom"][0]["text"]["mentioned_mobile_list"], ["13900000001"])
        self.assertEqual(robots.bodies["dingtalk"][0]["at"]["atMobiles"], ["13900000001"])
        self.assertIn("@13900000001", robots.taken["dingtalk"][0])

    def test_rate_limits_are_never_broken_and_order_is_kept(self):
        robots = self.play()
        for channel in (self.wecom, self.ding):
            for text in self.texts(45):
                channel._post(text, "")
            self.deliver(channel)
            self.assertEqual(robots.taken[channel.kind], self.texts(45))
        for text in self.texts(12):
            self.feishu._post(text, "")
        self.deliver(self.feishu)
        self.assertEqual(robots.taken["feishu"], self.texts(12))
        self.assertEqual(robots.too_fast, 0)

    def test_failures_on_the_way_neither_lose_nor_repeat_nor_reorder(self):
        rng = random.Random(7)
        problems = ["busy", "code", "before", "after"]
        robots = self.play(trouble=lambda: rng.choice(problems) if rng.random() < 0.3 else None)
        with patch.object(delivery, "MAX_ATTEMPTS", 100), patch.object(delivery, "BACK_OFF", (0,) * 100):
            for channel in (self.wecom, self.feishu):
                for text in self.texts(30):
                    channel._post(text, "")
                self.deliver(channel)
                taken = robots.taken[channel.kind]
                self.assertEqual(taken, sorted(set(taken), key=self.texts(30).index), "once each, in order")
                found = self.env["crm.notification"].search([("channel_id", "=", channel.id)])
                self.assertEqual(set(found.mapped("state")), {"sent", "unsure"})
                self.assertLessEqual(set(found.filtered(lambda one: one.state == "sent").mapped("subject")), set(taken))
                lost = set(self.texts(30)) - set(taken)
                self.assertLessEqual(lost, set(found.filtered(lambda one: one.state == "unsure").mapped("subject")))

    def test_a_refusal_is_final_visible_and_retried_by_hand(self):
        self.play()
        self.ding.secret = "wrong"
        refused = self.ding._post("Hello", "")
        self.deliver(self.ding)
        self.assertEqual((refused.state, refused.attempts), ("failed", 1))
        self.assertIn("310000 sign not match", refused.message)
        self.assertEqual(refused.attempt_ids.mapped("result"), ["failed"])
        self.assertEqual(self.ding.with_user(self.director).problem_count, 1)
        self.ding.secret = DING_SECRET
        robots = self.play()
        refused.with_user(self.director).action_retry()
        self.deliver(self.ding)
        self.assertEqual((refused.state, robots.taken["dingtalk"]), ("sent", ["Hello"]))

    def test_what_fails_again_and_again_gives_way_to_the_next(self):
        robots = self.play(trouble=lambda: "busy")
        first = self.wecom._post("First", "")
        with patch.object(delivery, "MAX_ATTEMPTS", 3):
            self.deliver(self.wecom)
            self.assertEqual((first.state, first.attempts, first.message), ("failed", 3, "answered 503"))
            robots.trouble = lambda: None
            self.wecom._post("Second", "")
            self.deliver(self.wecom)
        self.assertEqual(robots.taken["wecom"], ["Second"])

    def test_a_vendor_that_does_not_answer_leaves_the_message_unconfirmed(self):
        self.http.answer = self.http.hang
        self.wecom.timeout = 1.0
        late = self.wecom._post("Late", "")
        self.deliver(self.wecom)
        self.assertEqual((late.state, late.message), ("unsure", "no answer within 1 seconds"))

    def test_what_a_dead_process_was_sending_is_unconfirmed_and_the_rest_is_sent(self):
        robots = self.play()
        dead, rest = self.wecom._post("Dead", ""), self.wecom._post("Rest", "")
        dead.write({"state": "sending"})
        self.deliver(self.wecom)
        self.assertEqual((dead.state, rest.state, robots.taken["wecom"]), ("unsure", "sent", ["Rest"]))

    def test_one_process_sends_at_a_time(self):
        robots = self.play()
        self.wecom._post("Wait", "")
        with self.wecom._alone() as alone:
            self.assertTrue(alone)
            self.assertEqual(self.wecom._deliver(), "Another process sends")
        self.assertEqual(robots.taken["wecom"], [])

    def test_a_text_too_long_for_the_vendor_is_cut(self):
        robots = self.play()
        self.wecom._post("报表", "长" * 3000)
        self.deliver(self.wecom)
        self.assertTrue(robots.taken["wecom"][0].endswith("…"))

    def test_a_channel_switched_off_keeps_what_waits(self):
        robots = self.play()
        waiting = self.wecom._post("Later", "")
        self.wecom.active = False
        self.wecom._deliver()
        self.assertEqual((waiting.state, robots.taken["wecom"]), ("pending", []))
        self.assertFalse(self.wecom._post("Never", ""), "nothing is queued for a channel that is off")

    def test_nobody_is_there(self):
        self.wecom.url = "http://127.0.0.1:9" + WECOM
        tried = self.wecom._post("Hello", "")
        with mute_logger(LOGGER):
            self.wecom._deliver()
        self.assertEqual((tried.state, tried.message), ("pending", "no connection"))
        self.assertTrue(tried.next_try)


class TestGateway(DeliveryCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sms = cls.env["crm.notification.channel"].create({
            "name": "SMS",
            "kind": "sms",
            "active": True,
            "url": cls.http.url + "/sms",
            "headers": "Authorization: Bearer {secret}",
            "secret": "s3cret",
            "body": '{"mobile": "{phone}", "content": "{text}"}',
            "ok_path": "code",
            "ok_value": "0",
            "timeout": 10.0,
            "rate_limit": 6000,
        })  # fmt: skip

    def test_a_user_who_wants_sms_gets_one(self):
        self.http.answer = lambda path, body: (200, {}, {"code": 0})
        self.http.asked.clear()
        self.ann.write({"notify_by_sms": True, "mobile": "13900000001"})
        self.env["crm.notification"]._notify(self.ann, "Overdue", 'Call "them"')
        self.deliver(self.sms)
        [(path, headers, body)] = self.http.asked
        self.assertEqual((path, headers["Authorization"]), ("/sms", "Bearer s3cret"))
        self.assertEqual(json.loads(body), {"mobile": "13900000001", "content": 'Overdue\nCall "them"'})

    def test_odoo_s_text_messages_go_through_the_gateway(self):
        self.http.answer = lambda path, body: (200, {}, {"code": 0})
        self.http.asked.clear()
        sms = self.env["sms.sms"].create({"number": "+8613812345678", "body": "您好"})
        sms.send()
        self.deliver(self.sms)
        self.assertEqual(json.loads(self.http.asked[0][2]), {"mobile": "+8613812345678", "content": "您好"})

    def test_a_gateway_s_refusal_is_told(self):
        self.http.answer = lambda path, body: (200, {}, {"code": 7, "msg": "no credit"})
        self.ann.mobile = "13900000001"
        refused = self.env["crm.notification"]._notify(self.ann, "Overdue", "", channels=["sms"])
        self.deliver(self.sms)
        self.assertEqual((refused.state, refused.message), ("failed", "code is 7, not 0"))
        self.ann.write({"mobile": False, "phone": False})
        nobody = self.env["crm.notification"]._notify(self.ann, "Overdue", "", channels=["sms"])
        self.deliver(self.sms)
        self.assertEqual((nobody.state, nobody.message), ("failed", "Ann has no mobile number."))
