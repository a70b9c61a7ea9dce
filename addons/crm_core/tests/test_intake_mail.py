# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Leads by e-mail: through the mail gateway's own entry, as the mail server calls it."""
import base64
from email.message import EmailMessage

from odoo.exceptions import AccessError

from ..exceptions import CrmValidationError
from .common import RolesCase

BODY = "您好，\n\n请报价 20 台立式水泵。\n\n公司：佛山市宏达五金有限公司\n联系人: 李雷\n电话：139 0013 9001\n"


class MailCase(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("mail.catchall.domain", "own.example.com")
        cls.channel = cls.env["crm.intake.channel"].create({"name": "Inquiries", "kind": "email", "alias_name": "inquiry"})

    def mail(self, body=BODY, to="inquiry@own.example.com", message_id="<1@a.cn>", **headers):
        message = EmailMessage()
        message["From"] = headers.pop("sender", "Li Lei <lilei@a.cn>")
        message["To"] = to
        message["Subject"] = "询价：立式水泵"
        message["Date"] = "Sun, 01 Mar 2026 09:30:00 +0800"
        message["Message-Id"] = message_id
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(body)
        return message

    def deliver(self, message):
        return self.env["mail.thread"].message_process(False, message.as_bytes())

    def touchpoints(self):
        return self.env["crm.touchpoint"].search([("channel_id", "=", self.channel.id)])


class TestMail(MailCase):
    def test_a_mail_becomes_a_lead(self):
        self.deliver(self.mail())
        touchpoint = self.touchpoints()
        touchpoint._process()
        lead = touchpoint.lead_id
        self.assertEqual((lead.contact_name, lead.email_from), ("李雷", "lilei@a.cn"))
        self.assertEqual((lead.partner_name, lead.name), ("佛山市宏达五金有限公司", "询价：立式水泵"))
        self.assertEqual("".join(lead.phone.split()), "13900139001")
        self.assertIn("20 台立式水泵", lead.description)
        self.assertEqual(touchpoint.occurred_at.isoformat(), "2026-03-01T01:30:00")

    def test_the_whole_mail_is_kept(self):
        message = self.mail()
        self.deliver(message)
        kept = self.env["ir.attachment"].search([("res_model", "=", "crm.touchpoint"), ("res_id", "=", self.touchpoints().id)])
        self.assertEqual(base64.b64decode(kept.datas).replace(b"\r\n", b"\n"), message.as_bytes())
        self.assertTrue(kept.with_user(self.marketer).read(["name"]))
        for user in self.ann + self.clerk:
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                kept.with_user(user).read(["datas"])

    def test_the_same_mail_delivered_again_makes_nothing(self):
        for _time in range(3):
            self.deliver(self.mail())
        self.assertEqual(len(self.touchpoints()), 1)
        domain = [("res_model", "=", "crm.touchpoint"), ("res_id", "=", self.touchpoints().id)]
        self.assertEqual(self.env["ir.attachment"].search_count(domain), 1)

    def test_a_second_mail_of_the_same_person_is_attached(self):
        self.deliver(self.mail())
        self.deliver(self.mail(message_id="<2@a.cn>"))
        self.touchpoints()._process()
        self.assertEqual((len(self.touchpoints()), len(self.touchpoints().lead_id)), (2, 1))

    def test_a_reply_on_a_lead_stays_a_reply(self):
        sent = self.lead_ann.message_post(body="Our offer", subtype_xmlid="mail.mt_comment")
        self.deliver(self.mail(message_id="<3@a.cn>", In_Reply_To=sent.message_id, References=sent.message_id))
        self.assertFalse(self.touchpoints())
        self.assertIn("<3@a.cn>", self.lead_ann.message_ids.mapped("message_id"))

    def test_an_out_of_office_answer_is_no_lead(self):
        self.deliver(self.mail(Auto_Submitted="auto-replied"))
        self.assertFalse(self.touchpoints())

    def test_a_forms_notification_names_the_visitor_not_the_robot(self):
        body = "新的表单提交\n姓名：韩梅梅\n手机：13700137003\nE-mail：han@xihu.example\n"
        self.deliver(self.mail(body, sender="no-reply@site.cn", Auto_Submitted="auto-generated"))
        self.touchpoints()._process()
        lead = self.touchpoints().lead_id
        self.assertEqual((lead.contact_name, lead.email_from, lead.phone), ("韩梅梅", "han@xihu.example", "13700137003"))

    def test_markup_in_a_mail_stays_text(self):
        message = self.mail()
        message.set_content("<p>报价<script>alert(1)</script></p>", subtype="html")
        self.deliver(message)
        self.touchpoints()._process()
        self.assertNotIn("<script", self.touchpoints().lead_id.description)

    def test_other_aliases_work_as_before(self):
        self.env["mail.alias"].create(
            {"alias_name": "sales-x", "alias_model_id": self.env.ref("crm.model_crm_lead").id, "alias_contact": "everyone"}
        )
        lead_id = self.deliver(self.mail(to="sales-x@own.example.com", message_id="<4@a.cn>"))
        self.assertTrue(self.env["crm.lead"].browse(lead_id).exists())
        self.assertFalse(self.touchpoints())


class TestAlias(MailCase):
    def test_the_alias_follows_the_channel(self):
        self.assertEqual(self.channel.alias_id.alias_name, "inquiry")
        self.channel.alias_name = "ask"
        self.assertEqual(self.channel.alias_id.alias_name, "ask")
        alias = self.channel.alias_id
        self.channel.alias_name = False
        self.assertFalse(alias.exists())

    def test_it_goes_with_the_channel(self):
        alias = self.channel.alias_id
        self.channel.unlink()
        self.assertFalse(alias.exists())

    def test_marketing_sets_it(self):
        self.channel.with_user(self.marketer).alias_name = "inquiry2"
        self.assertEqual(self.channel.alias_id.alias_name, "inquiry2")

    def test_only_mail_channels_have_one(self):
        with self.assertRaises(CrmValidationError):
            self.env["crm.intake.channel"].create({"name": "X", "kind": "website", "alias_name": "x"})
