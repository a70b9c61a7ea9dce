# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""WeCom's external contacts, with a peer that encrypts and signs by its own code, and one that plays WeCom's interface."""
import base64
import hashlib
import os
import struct
import time
from unittest.mock import patch
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.job import Job
from odoo.exceptions import AccessError
from odoo.tools import mute_logger

from ..engine.vendor.calls import PeerRefused
from .common import RolesCase
from .http_peer import HttpPeer
from .served import ServedCase

CORP, TOKEN, AES = "ww0123456789abcdef", "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
CHANNEL_LOG = "odoo.addons.crm_core.models.crm_intake_channel_wecom"


class Sealed:
    """What WeCom sends: AES-256-CBC over random, length, text and corp id, signed with SHA-1 of the sorted parts."""

    def __init__(self, text, corp=CORP, token=TOKEN, stamp=None):
        key = base64.b64decode(AES + "=")
        plain = os.urandom(16) + struct.pack(">I", len(text.encode())) + text.encode() + corp.encode()
        fill = 32 - len(plain) % 32
        encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
        self.text = base64.b64encode(encryptor.update(plain + bytes([fill]) * fill) + encryptor.finalize()).decode()
        self.query = {"timestamp": str(stamp or int(time.time())), "nonce": "1597212914"}
        parts = sorted([token, self.query["timestamp"], self.query["nonce"], self.text])
        self.query["msg_signature"] = hashlib.sha1("".join(parts).encode()).hexdigest()

    @property
    def xml(self):
        return "<xml><ToUserName><![CDATA[%s]]></ToUserName><Encrypt><![CDATA[%s]]></Encrypt></xml>" % (CORP, self.text)


def event(change, external_userid="wmAAA", userid="zhangsan", kind="change_external_contact"):
    return (
        "<xml><ToUserName><![CDATA[%s]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>"
        "<CreateTime>1403610513</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[%s]]></Event>"
        "<ChangeType><![CDATA[%s]]></ChangeType><UserID><![CDATA[%s]]></UserID>"
        "<ExternalUserID><![CDATA[%s]]></ExternalUserID></xml>"
    ) % (CORP, kind, change, userid, external_userid)


class WecomPeer(HttpPeer):
    """WeCom's interface: hands out tokens that can be made invalid, and knows who follows whom."""

    def __init__(self):
        super().__init__()
        self.answer = self._answer
        self.forget()

    def forget(self):
        self.people, self.follows = {}, {}
        self.tokens, self.codes = 0, []
        self.asked.clear()

    def gain(self, external_userid, userid, name="王芳", since=1772323200, **follow):
        self.people[external_userid] = {"external_userid": external_userid, "name": name, "type": 1}
        self.follows.setdefault(external_userid, {})[userid] = {"userid": userid, "createtime": since, **follow}

    def lose(self, external_userid, userid):
        del self.follows[external_userid][userid]

    def _answer(self, target, body):
        path, query = urlsplit(target).path, dict(parse_qsl(urlsplit(target).query))
        if self.codes:
            code = self.codes.pop(0)
            return (code, {}, {}) if code >= 500 and code < 600 else (200, {}, {"errcode": code, "errmsg": "no"})
        return 200, {}, getattr(self, "_" + path.rsplit("/", 1)[1])(query)

    def _gettoken(self, query):
        if (query["corpid"], query["corpsecret"]) != (CORP, "contact-secret"):
            return {"errcode": 40001, "errmsg": "invalid credential"}
        self.tokens += 1
        return {"errcode": 0, "access_token": "T%d" % self.tokens, "expires_in": 7200}

    def _get(self, query):
        if query["access_token"] != "T%d" % self.tokens:
            return {"errcode": 42001, "errmsg": "access_token expired"}
        follows = list(self.follows.get(query["external_userid"], {}).values())
        if not follows:
            return {"errcode": 84061, "errmsg": "not external contact"}
        return {"errcode": 0, "external_contact": self.people[query["external_userid"]], "follow_user": follows}

    def _list(self, query):
        found = [one for one, follows in self.follows.items() if query["userid"] in follows]
        return {"errcode": 0, "external_userid": found} if found else {"errcode": 84061}

    def _get_follow_user_list(self, query):
        return {"errcode": 0, "follow_user": ["zhangsan", "lisi"]}

    def calls(self, name):
        return sum(urlsplit(target).path.endswith("/" + name) for target, _headers, _body in self.asked)


class WecomCase(ServedCase, RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.intake.channel"].search([("kind", "=", "wecom")]).active = False
        cls.peer = WecomPeer()
        cls.channel = cls.env["crm.intake.channel"].create(
            {
                "name": "WeCom",
                "kind": "wecom",
                "wecom_corp_id": CORP,
                "secret": "contact-secret",
                "wecom_callback_token": TOKEN,
                "wecom_aes_key": AES,
                "api_url": cls.peer.url,
                "wecom_user_ids": [(0, 0, {"userid": "zhangsan", "user_id": cls.ann.id})],
            }
        )
        cls.path = "/crm/wecom/" + cls.channel.key

    @classmethod
    def tearDownClass(cls):
        cls.peer.close()
        super().tearDownClass()

    def setUp(self):
        super().setUp()
        self.peer.forget()

    def jobs(self, method="_sync_wecom_contacts"):
        return self.env["queue.job"].search([("method_name", "=", method), ("state", "=", "pending")])

    def run_jobs(self, method="_sync_wecom_contacts"):
        """Do what the runner does with the pending jobs."""
        jobs = self.jobs(method)
        for job in jobs:
            Job.load(self.env, job.uuid).perform()
            job.state = "done"
        return len(jobs)

    def tell(self, change, *arguments):
        sealed = Sealed(event(change, *arguments))
        return self.post(self.path, params=sealed.query, data=sealed.xml.encode(), headers={"Content-Type": "text/xml"})

    def gain(self, external_userid="wmAAA", userid="zhangsan", **details):
        """A colleague gains a contact: told, fetched, processed; returns the lead."""
        self.peer.gain(external_userid, userid, **details)
        self.tell("add_external_contact", external_userid, userid)
        self.run_jobs()
        self.process(self.channel)
        return self.follow(external_userid, userid).touchpoint_id.lead_id

    def follow(self, external_userid="wmAAA", userid="zhangsan"):
        return self.env["crm.wecom.follow"].search(
            [("contact_id.external_userid", "=", external_userid), ("wecom_user_id.userid", "=", userid)]
        )


class TestCallback(WecomCase):
    def test_the_address_is_proven_by_the_decrypted_text(self):
        sealed = Sealed("1616140317555161061")
        response = self.get(self.path, params=dict(sealed.query, echostr=sealed.text))
        self.assertEqual((response.status_code, response.text), (200, "1616140317555161061"))
        self.assertNotIn("Set-Cookie", response.headers)

    def test_an_event_is_kept_as_a_job_and_answered(self):
        response = self.tell("add_external_contact")
        self.assertEqual((response.status_code, response.text), (200, "success"))
        self.assertEqual(len(self.jobs()), 1)

    def test_told_twice_there_is_one_job(self):
        self.tell("add_external_contact")
        self.tell("edit_external_contact")
        self.assertEqual(len(self.jobs()), 1)

    @mute_logger("odoo.addons.crm_core.controllers.wecom")
    def test_forged_old_foreign_and_broken_messages_are_refused(self):
        good = Sealed(event("add_external_contact"))
        old = Sealed(event("add_external_contact"), stamp=int(time.time()) - 3600)
        foreign = Sealed(event("add_external_contact"), corp="ww-other")
        other_token = Sealed(event("add_external_contact"), token="other")
        cases = [
            (dict(good.query, msg_signature="0" * 40), good.xml),
            (dict(good.query, nonce="2"), good.xml),
            ({}, good.xml),
            (old.query, old.xml),
            (foreign.query, foreign.xml),
            (other_token.query, other_token.xml),
            (good.query, good.xml.replace(good.text, good.text[:-8])),
            (good.query, "<xml/>"),
            (good.query, "no xml"),
            (good.query, '<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>'),
            (good.query, "\0\xff"),
        ]
        for query, body in cases:
            with self.subTest(query=query, body=body[:40]):
                self.assertEqual(self.post(self.path, params=query, data=body.encode()).status_code, 401)
        self.assertFalse(self.jobs())

    def test_too_big_and_unknown(self):
        self.assertEqual(self.post(self.path, data=b"x" * 70000).status_code, 413)
        self.assertEqual(self.post("/crm/wecom/none", data=b"x").status_code, 404)
        self.assertEqual(self.get("/crm/wecom/none").status_code, 404)

    @mute_logger("odoo.addons.crm_core.controllers.wecom")
    def test_a_channel_without_keys_takes_nothing(self):
        for field in ("wecom_callback_token", "wecom_aes_key"):
            with self.subTest(field=field):
                self.channel[field] = False
                self.assertEqual(self.tell("add_external_contact").status_code, 401)

    def test_events_of_other_kinds_are_thanked_for(self):
        sealed = Sealed(event("create", kind="change_external_tag"))
        response = self.post(self.path, params=sealed.query, data=sealed.xml.encode())
        self.assertEqual((response.status_code, len(self.jobs())), (200, 0))


class TestContacts(WecomCase):
    def test_a_gained_contact_becomes_the_reps_lead_with_tags(self):
        lead = self.gain(
            remark="王总",
            remark_corp_name="湛江市恒信电子有限公司",
            remark_mobiles=["13800138001"],
            description="展会认识",
            tags=[{"group_name": "等级", "tag_name": "VIP"}],
        )
        self.assertEqual((lead.contact_name, lead.phone), ("王芳", "13800138001"))
        self.assertEqual((lead.partner_name, lead.user_id), ("湛江市恒信电子有限公司", self.ann))
        self.assertEqual(lead.tag_ids.mapped("name"), ["VIP"])
        self.assertIn("展会认识", lead.description)
        self.assertEqual(lead.touchpoint_ids.occurred_at.isoformat(), "2026-03-01T00:00:00")

    def test_double_delivery_and_replay_change_nothing(self):
        lead = self.gain()
        count = self.env["crm.lead"].search_count([])
        messages = len(lead.message_ids)
        for _time in range(2):
            self.tell("add_external_contact")
            self.tell("edit_external_contact")
            self.run_jobs()
            self.process(self.channel)
        self.assertEqual(self.env["crm.lead"].search_count([]), count)
        self.assertEqual((len(lead.touchpoint_ids), len(lead.message_ids)), (1, messages))

    def test_an_edit_fills_what_is_empty_and_moves_tags(self):
        lead = self.gain(tags=[{"tag_name": "新客"}, {"tag_name": "展会"}])
        own = self.env["crm.tag"].create({"name": "由销售添加"})
        lead.write({"partner_name": "已有公司", "tag_ids": [(4, own.id)]})
        self.peer.gain("wmAAA", "zhangsan", remark_mobiles=["13900139001"], remark_corp_name="别的公司", tags=[{"tag_name": "展会"}])
        self.tell("edit_external_contact")
        self.run_jobs()
        self.assertEqual((lead.phone, lead.partner_name), ("13900139001", "已有公司"))
        self.assertEqual(set(lead.tag_ids.mapped("name")), {"展会", "由销售添加"})

    def test_a_loss_is_noted_once_on_lead_and_customer(self):
        lead = self.gain()
        lead.partner_id = self.customer_ann
        self.peer.lose("wmAAA", "zhangsan")
        for change in ("del_external_contact", "del_follow_user", "del_follow_user"):
            self.tell(change)
            self.run_jobs()
        self.assertTrue(self.follow().lost_at)
        for record in (lead, self.customer_ann):
            self.assertEqual(sum("no longer a WeCom contact" in body for body in record.message_ids.mapped("body")), 1)

    def test_an_old_loss_told_again_after_a_new_gain_does_no_harm(self):
        lead = self.gain()
        self.peer.lose("wmAAA", "zhangsan")
        self.tell("del_external_contact")
        self.run_jobs()
        self.assertEqual(self.gain(since=1772409600), lead)
        self.assertEqual(len(lead.touchpoint_ids), 2)
        self.tell("del_external_contact")
        self.run_jobs()
        self.assertFalse(self.follow().lost_at)

    def test_a_second_colleague_meets_the_same_lead(self):
        lead = self.gain()
        self.assertEqual(self.gain(userid="lisi"), lead)
        self.assertEqual(lead.user_id, self.ann)
        self.assertFalse(self.follow(userid="lisi").user_id)

    def test_accounts_seen_first_wait_to_be_mapped(self):
        self.gain(userid="lisi")
        account = self.channel.wecom_user_ids.filtered(lambda account: account.userid == "lisi")
        account.user_id = self.bob
        self.assertEqual(self.follow(userid="lisi").user_id, self.bob)

    def test_a_customer_gets_the_tags_as_categories(self):
        lead = self.gain(tags=[{"tag_name": "VIP"}])
        lead.partner_id = self.customer_ann
        self.peer.gain("wmAAA", "zhangsan", tags=[{"tag_name": "老客户"}])
        self.tell("edit_external_contact")
        self.run_jobs()
        self.assertEqual(self.customer_ann.category_id.mapped("name"), ["老客户"])


class TestInterface(WecomCase):
    def test_the_token_is_kept_and_renewed_when_it_is_refused(self):
        self.gain("wmAAA")
        self.gain("wmBBB")
        self.assertEqual(self.peer.calls("gettoken"), self.peer.tokens)
        tokens = self.peer.tokens
        self.peer.tokens += 1  # WeCom has forgotten the one we have
        self.gain("wmCCC")
        self.assertEqual(self.peer.tokens, tokens + 2)
        self.assertTrue(self.follow("wmCCC").touchpoint_id)

    def test_an_expired_token_is_not_used(self):
        self.gain("wmAAA")
        tokens = self.peer.tokens
        self.channel.wecom_access_token_until = "2020-01-01 00:00:00"
        self.gain("wmBBB")
        self.assertEqual(self.peer.tokens, tokens + 1)

    @mute_logger(CHANNEL_LOG)
    def test_busy_and_unreachable_are_tried_again(self):
        self.peer.gain("wmAAA", "zhangsan")
        for code in (-1, 45009, 502):
            with self.subTest(code=code), self.assertRaises(RetryableJobError):
                self.peer.codes = [code]
                self.channel._sync_wecom_contacts(["wmAAA"])
        self.channel.api_url = "http://127.0.0.1:9"
        with self.assertRaises(RetryableJobError) as raised:
            self.channel._sync_wecom_contacts(["wmAAA"])
        self.assertNotIn("contact-secret", str(raised.exception))

    @mute_logger(CHANNEL_LOG)
    def test_a_silent_interface_is_given_up_on(self):
        with patch("odoo.addons.crm_core.models.peer.READ_SECONDS", 0.2), patch.object(self.peer, "answer", self.peer.hang):
            with self.assertRaises(RetryableJobError):
                self.channel._sync_wecom_contacts(["wmAAA"])

    def test_wrong_credentials_end_the_job(self):
        self.channel.secret = "wrong"
        with self.assertRaises(PeerRefused):
            self.channel._sync_wecom_contacts(["wmAAA"])

    def test_polling_finds_what_no_event_told_of(self):
        self.gain("wmAAA")
        self.gain("wmBBB")
        self.peer.gain("wmNEW", "lisi")
        self.peer.lose("wmAAA", "zhangsan")
        self.env["crm.intake.channel"]._cron_poll_wecom()
        self.run_jobs("_poll_wecom")
        gets = self.peer.calls("get")
        self.run_jobs()
        self.assertEqual(self.peer.calls("get") - gets, 2)
        self.assertTrue(self.follow("wmAAA").lost_at)
        self.assertTrue(self.follow("wmNEW", "lisi").touchpoint_id)
        self.assertFalse(self.follow("wmBBB").lost_at)


class TestRights(WecomCase):
    def test_reps_see_their_own_contacts(self):
        self.gain("wmAAA", remark="Ann's")
        self.gain("wmBBB", "lisi")
        self.channel.wecom_user_ids.filtered(lambda account: account.userid == "lisi").user_id = self.bob
        everything = self.follow("wmAAA") + self.follow("wmBBB", "lisi")
        for user, seen in (
            (self.ann, self.follow("wmAAA")),
            (self.bob, self.follow("wmBBB", "lisi")),
            (self.eli, self.follow("wmAAA")),
            (self.director, everything),
            (self.marketer, everything),
        ):
            with self.subTest(user=user.name):
                self.assertEqual(self.visible(everything, user), seen)
                self.assertEqual(self.visible(everything.contact_id, user), seen.contact_id)
        with self.assertRaises(AccessError):
            self.follow("wmAAA").with_user(self.clerk).read(["remark"])

    def test_secrets_are_read_by_directors_alone(self):
        names = ["wecom_callback_token", "wecom_aes_key", "wecom_access_token", "pull_token", "pull_key", "sign_token"]
        self.assertEqual(self.channel.with_user(self.director).read(names[:1])[0][names[0]], TOKEN)
        for user in self.marketer + self.ann + self.executive:
            for name in names:
                with self.subTest(user=user.name, name=name), self.assertRaises(AccessError):
                    self.channel.with_user(user).read([name])

    def test_over_rpc_nobody_else_gets_at_secrets_and_visitors(self):
        """As an attacker would: with the session of a rep, and of a marketer."""

        def rpc(model, method, *args):
            params = {"model": model, "method": method, "args": list(args), "kwargs": {}}
            return self.post("/web/dataset/call_kw", json={"jsonrpc": "2.0", "method": "call", "params": params}).json()

        def log_in(user):
            params = {"db": self.env.cr.dbname, "login": user.login, "password": "rpc-password"}
            answer = self.post("/web/session/authenticate", json={"jsonrpc": "2.0", "params": params}).json()
            self.assertEqual(answer["result"]["uid"], user.id)

        users = self.ann + self.marketer
        users.write({"password": "rpc-password"})
        secret = self.channel.wecom_aes_key
        for user in users[::-1]:
            log_in(user)
            for call in (
                ("crm.intake.channel", "read", self.channel.ids, ["wecom_aes_key"]),
                ("crm.intake.channel", "export_data", self.channel.ids, ["wecom_aes_key"]),
                ("crm.intake.secret", "search_read", [], ["value"]),
            ):
                with self.subTest(user=user.name, call=call), mute_logger("odoo.http"):
                    answer = rpc(*call)
                    self.assertNotIn(secret, str(answer))
        for model in ("crm.visitor", "crm.visitor.event", "crm.intake.pull.log"):
            with self.subTest(model=model), mute_logger("odoo.http"):
                self.assertIn("AccessError", str(rpc(model, "search_read", [], ["id"])["error"]))

    def test_the_colleagues_are_fetched_by_who_may_change_the_channel(self):
        self.channel.with_user(self.marketer).action_fetch_wecom_users()
        self.assertEqual(set(self.channel.wecom_user_ids.mapped("userid")), {"zhangsan", "lisi"})
        with self.assertRaises(AccessError):
            self.channel.with_user(self.ann).action_fetch_wecom_users()
