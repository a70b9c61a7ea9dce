# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Pushes of advertising platforms, posted as in their documents and as open-source receivers expect them."""
import base64
import hashlib
import hmac
import json
import time
from datetime import datetime

from ..exceptions import CrmValidationError
from .served import ServedCase

SUCCESS = {"code": 0, "message": "success"}


class VendorCase(ServedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))

    def channel(self, kind, **vals):
        return self.env["crm.intake.channel"].create({"name": kind.title(), "kind": kind, **vals})

    def lead_of(self, channel):
        touchpoints = self.process(channel)
        self.assertEqual(touchpoints.mapped("state"), ["done"] * len(touchpoints), touchpoints.mapped("reason"))
        lead = touchpoints.lead_id
        self.assertEqual(len(lead), 1)
        return lead


class TestFeiyu(VendorCase):
    CLUE = {
        "id": 7293847298374,
        "adv_name": "恒拓机电",
        "name": "王芳",
        "telphone": "13800138001",
        "weixin": "wangfang88",
        "city_name": "深圳市",
        "province_name": "广东省",
        "location": "广东+深圳",
        "create_time": 1772323200,
        "external_url": "https://www.chengzijianzhan.com/tetris/page/1/",
        "clue_source": 1,
        "flow_type": 1,
        "clue_type": 0,
    }

    def setUp(self):
        super().setUp()
        self.ocean = self.channel("ocean", secret="feiyu-key", sign_token="feiyu-token")
        self.path = "/crm/intake/" + self.ocean.key

    def push(self, clue=None, stamp=None, signature=None, token="feiyu-token", path=None):
        stamp = str(stamp or int(time.time()))
        signature = signature or self.sign("%s %s" % (path or self.path, stamp))
        headers = {"SIGNATURE": signature, "TIMESTAMP": stamp, "ACCESS_TOKEN": token}
        return self.post(path or self.path, json=clue or self.CLUE, headers=headers)

    def sign(self, text):
        """As the pull signs: base64 of the hex digest."""
        digest = hmac.new(b"feiyu-key", text.encode(), hashlib.sha256).hexdigest()
        return base64.b64encode(digest.encode()).decode()

    def test_a_push_becomes_the_right_lead(self):
        response = self.push()
        self.assertEqual((response.status_code, response.json()), (200, SUCCESS))
        lead = self.lead_of(self.ocean)
        self.assertEqual((lead.contact_name, lead.phone, lead.wechat), ("王芳", "13800138001", "wangfang88"))
        self.assertEqual((lead.state_id, lead.city), (self.env.ref("base.state_cn_GD"), "深圳市"))
        touch = lead.touchpoint_ids
        self.assertEqual(touch.occurred_at, datetime(2026, 3, 1, 0, 0))
        self.assertEqual(touch.landing_page, self.CLUE["external_url"])

    def test_the_address_with_a_query_is_signed_with_it(self):
        self.assertEqual(self.push(path=self.path + "?a=1&b=2").json(), SUCCESS)

    def test_pushed_again_with_a_new_signature_and_state_it_stays_one_touchpoint(self):
        self.push()
        self.assertEqual(self.push(stamp=int(time.time()) - 5).json(), SUCCESS)
        self.assertEqual(self.push(dict(self.CLUE, clue_state=2)).json(), SUCCESS)
        self.assertEqual(len(self.process(self.ocean)), 1)

    def test_a_wrong_signature_token_or_time_is_refused(self):
        for case in (
            {"signature": "wrong"},
            {"signature": hmac.new(b"other", b"x", hashlib.sha256).hexdigest()},
            {"token": "wrong"},
            {"token": ""},
            {"stamp": int(time.time()) - 3600},
            {"stamp": "soon"},
        ):
            with self.subTest(case=case):
                response = self.push(**case)
                self.assertEqual(response.status_code, 401)
                self.assertNotEqual(response.json()["code"], 0)
        self.assertFalse(self.process(self.ocean))

    def test_no_signature_is_no_entry(self):
        self.assertEqual(self.post(self.path, json=self.CLUE).status_code, 401)

    def test_another_formula_is_a_matter_of_settings(self):
        """Hex over body and milliseconds, in headers of other names."""
        self.ocean.write(
            {"sign_message": "{timestamp}\n{body}", "sign_encoding": "hex", "sign_header": "X-Sign", "time_header": "X-Time"}
        )
        self.ocean.sign_token = False
        body = json.dumps(self.CLUE).encode()
        stamp = str(int(time.time() * 1000))
        signature = hmac.new(b"feiyu-key", stamp.encode() + b"\n" + body, hashlib.sha256).hexdigest()
        headers = {"X-Sign": signature, "X-Time": stamp, "Content-Type": "application/json"}
        self.assertEqual(self.post(self.path, data=body, headers=headers).json(), SUCCESS)

    def test_a_formula_without_time_is_refused(self):
        with self.assertRaises(CrmValidationError):
            self.ocean.sign_message = "{body}"


class TestBaidu(VendorCase):
    CLUE = {
        "ucid": 30612345,
        "pageId": 98765,
        "clueId": 4444555566667777,
        "commitTime": "2026-03-01 09:30:15",
        "solutionTypeName": "表单",
        "cluePhoneNumber": "13900139002",
        "flowChannelName": "搜索推广",
        "formDetail": [
            {"name": "姓名", "type": "name", "value": "李雷"},
            {"name": "公司名称", "type": "text", "value": "佛山市顺德区宏达五金有限公司"},
            {"name": "需求", "type": "text", "value": "要 20 台立式水泵"},
        ],
        "area": "广东-佛山",
        "imName": "",
        "ip": "203.0.113.8",
        "wechatAccount": "lilei_baidu",
        "url": "https://hengtuo.example/pump?utm_source=baidu",
        "consultUrl": "",
    }

    def setUp(self):
        super().setUp()
        self.baidu = self.channel("baidu", ip_allow="127.0.0.0/8\n203.0.113.0/24")
        self.path = "/crm/intake/" + self.baidu.key

    def test_a_push_becomes_the_right_lead(self):
        response = self.post(self.path, json=self.CLUE)
        self.assertEqual((response.status_code, response.json()), (200, SUCCESS))
        lead = self.lead_of(self.baidu)
        self.assertEqual((lead.contact_name, lead.phone), ("李雷", "13900139002"))
        self.assertEqual((lead.partner_name, lead.wechat), ("佛山市顺德区宏达五金有限公司", "lilei_baidu"))
        self.assertEqual((lead.state_id, lead.city), (self.env.ref("base.state_cn_GD"), "佛山"))
        self.assertIn("20 台立式水泵", lead.description)
        self.assertEqual(lead.touchpoint_ids.occurred_at, datetime(2026, 3, 1, 1, 30, 15))
        self.assertEqual(lead.touchpoint_ids.visitor_ip, "203.0.113.8")

    def test_form_fields_may_come_as_text(self):
        clue = dict(self.CLUE, formDetail=json.dumps(self.CLUE["formDetail"], ensure_ascii=False))
        self.assertEqual(self.post(self.path, data=clue).json(), SUCCESS)
        self.assertEqual(self.lead_of(self.baidu).contact_name, "李雷")

    def test_the_clue_id_tells_a_repetition(self):
        self.post(self.path, json=self.CLUE)
        self.assertEqual(self.post(self.path, json=dict(self.CLUE, wechatAccount="")).json(), SUCCESS)
        self.post(self.path, json=dict(self.CLUE, clueId=1, cluePhoneNumber="13900139003"))
        self.assertEqual(len(self.process(self.baidu)), 2)

    def test_an_unknown_address_or_sender_is_refused(self):
        self.assertEqual(self.post("/crm/intake/" + "x" * 32, json=self.CLUE).status_code, 404)
        self.baidu.ip_allow = "203.0.113.0/24"
        response = self.post(self.path, json=self.CLUE)
        self.assertEqual((response.status_code, response.json()["code"]), (401, 401))


class TestTencent(VendorCase):
    LEAD = {
        "leads_name": "韩梅梅",
        "leads_tel": "13700137003",
        "tel_location": "浙江省杭州市",
        "leads_create_time": "2026-03-01 23:59:59",
        "bundle": json.dumps({"公司": "杭州西湖泵业有限公司", "邮箱": "han@xihu.example", "备注": "下周来电"}, ensure_ascii=False),
    }

    def setUp(self):
        super().setUp()
        self.tencent = self.channel("tencent")
        self.path = "/crm/intake/" + self.tencent.key

    def test_a_push_becomes_the_right_lead(self):
        response = self.post(self.path, json=self.LEAD)
        self.assertEqual((response.status_code, response.json()), (200, SUCCESS))
        lead = self.lead_of(self.tencent)
        self.assertEqual((lead.contact_name, lead.phone), ("韩梅梅", "13700137003"))
        self.assertEqual((lead.partner_name, lead.email_from), ("杭州西湖泵业有限公司", "han@xihu.example"))
        self.assertEqual((lead.state_id, lead.city), (self.env.ref("base.state_cn_ZJ"), "杭州市"))
        self.assertIn("下周来电", lead.description)
        self.assertEqual(lead.touchpoint_ids.occurred_at, datetime(2026, 3, 1, 15, 59, 59))

    def test_without_an_id_the_content_tells_a_repetition(self):
        self.post(self.path, json=self.LEAD)
        self.post(self.path, json=self.LEAD)
        self.post(self.path, json=dict(self.LEAD, leads_tel="13700137004"))
        self.assertEqual(len(self.process(self.tencent)), 2)

    def test_with_an_id_the_id_does(self):
        self.post(self.path, json=dict(self.LEAD, leads_id="L1"))
        self.post(self.path, json=dict(self.LEAD, leads_id="L1", leads_name="韩梅梅（已回访）"))
        self.assertEqual(len(self.process(self.tencent)), 1)


class TestGeneric(VendorCase):
    def test_any_platform_with_an_own_mapping(self):
        channel = self.channel(
            "platform",
            signature_scheme="vendor_token",
            ack="vendor",
            id_path="msg.no",
            mapping_ids=[
                (0, 0, {"path": "msg.buyer.tel", "target": "phone"}),
                (0, 0, {"path": "msg.buyer.where", "target": "place.area"}),
            ],
        )
        body = {"msg": {"no": "A-1", "buyer": {"tel": "13600136004", "where": "上海市 浦东新区"}}}
        path = "/crm/intake/" + channel.key
        self.assertEqual(self.post(path, json=body).json(), SUCCESS)
        self.assertEqual(self.post(path, json=dict(body, again=1)).json(), SUCCESS)
        lead = self.lead_of(channel)
        self.assertEqual((lead.phone, lead.city), ("13600136004", "上海市"))

    def test_choosing_a_kind_fills_scheme_mapping_and_answer(self):
        from odoo.tests.common import Form

        director = self.env["res.users"].create(
            {"name": "D", "login": "d-vendor", "groups_id": [(6, 0, self.env.ref("crm_core.group_sales_director").ids)]}
        )
        form = Form(self.env["crm.intake.channel"].with_user(director))
        form.name = "Feiyu"
        form.kind = "ocean"
        channel = form.save()
        self.assertEqual((channel.signature_scheme, channel.ack, channel.pull_kind), ("headers", "vendor", "ocean"))
        self.assertEqual((channel.sign_encoding, channel.sign_message), ("base64_hex", "{path} {timestamp}"))
        self.assertIn("telphone|telephone|phone", channel.mapping_ids.mapped("path"))
        self.assertFalse(channel.pull_active)
