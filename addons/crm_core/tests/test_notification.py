# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from unittest.mock import patch

from odoo.addons.base.models.ir_mail_server import MailDeliveryException
from odoo.exceptions import AccessError
from odoo.tools import mute_logger

from ..exceptions import CrmUserError, CrmValidationError
from .common import RolesCase

WECOM = {"name": "Group", "kind": "wecom", "active": True, "url": "https://robot.example/send?key=k"}


class TestNotification(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.notifications = cls.env["crm.notification"]
        cls.mail = cls.env.ref("crm_core.crm_notification_channel_mail")

    def inbox(self, user):
        return self.env["mail.notification"].search([("res_partner_id", "=", user.partner_id.id)]).mail_message_id

    def test_everybody_is_told_in_the_app_and_those_who_chose_it_by_mail(self):
        self.bob.notify_by_mail = True
        told = self.notifications._notify(self.ann | self.bob, "Overdue", "Call today", record=self.lead_ann)
        self.assertEqual(
            sorted((one.user_id.name, one.kind, one.state) for one in told),
            [("Ann", "inapp", "sent"), ("Bob", "inapp", "sent"), ("Bob", "mail", "pending")],
        )
        message = self.inbox(self.ann)
        self.assertEqual((message.subject, message.model, message.res_id), ("Overdue", "crm.lead", self.lead_ann.id))
        self.assertEqual(message, self.inbox(self.bob), "one message, two readers")
        self.assertNotIn(message, self.lead_ann.message_ids, "the document's own history stays as it is")

    def test_in_the_app_means_no_mail_even_for_people_who_get_odoo_s_mails(self):
        self.ann.notification_type = "email"
        before = self.env["mail.mail"].search_count([])
        self.notifications._notify(self.ann, "Overdue", "")
        self.assertEqual(self.env["mail.mail"].search_count([]), before)
        self.assertEqual(self.inbox(self.ann).notification_ids.notification_type, "inbox")

    def test_a_key_tells_each_receiver_once(self):
        notify = lambda users: self.notifications._notify(users, "Overdue", "", key="lead 1 overdue")  # noqa: E731
        self.assertEqual(notify(self.ann).user_id, self.ann)
        self.assertEqual(notify(self.ann | self.bob).user_id, self.bob)
        self.assertFalse(notify(self.ann | self.bob))
        self.assertEqual(len(self.inbox(self.ann)), 1)

    def test_people_who_left_are_not_told(self):
        self.ann.active = False
        self.assertFalse(self.notifications._notify(self.ann, "Overdue", ""))

    def test_text_is_text(self):
        self.notifications._notify(self.ann, "<b>1</b>", "<script>alert(1)</script>")
        self.assertNotIn("<script", self.inbox(self.ann).body)
        self.assertIn("&lt;b&gt;1", self.inbox(self.ann).body)

    def test_queries_do_not_grow_with_messages_but_for_their_rows(self):
        def cost(number):
            messages = [
                {"users": self.ann, "subject": "Told %d" % index, "body": "x", "record": self.lead_ann}
                for index in range(number)
            ]
            self.notifications._notify_batch(messages)
            self.env["base"].flush()
            before = self.env.cr.sql_log_count
            self.notifications._notify_batch([{**message, "channels": ["mail"]} for message in messages])
            self.env["base"].flush()
            return self.env.cr.sql_log_count - before

        cost(1)
        self.assertEqual(cost(5), cost(50))

    def test_mail_is_handed_to_the_mail_server(self):
        self.notifications._notify(self.ann, "Overdue", "Call <today>", record=self.lead_ann, channels=["mail"])
        mail = self.notifications.search([("channel_id", "=", self.mail.id)])
        sent = []
        server = self.env["ir.mail_server"]
        with patch.object(type(server), "send_email", lambda self, message, **options: sent.append(message) or "id"):
            self.assertEqual(mail._send(), ("sent", "", 0))
        self.assertEqual((sent[0]["To"], sent[0]["Subject"]), ('"Ann" <ann@own.example.com>', "Overdue"))
        self.assertIn("Call &lt;today&gt;", sent[0].as_string())

    def test_a_mail_server_that_is_away_means_later(self):
        self.notifications._notify(self.ann, "Overdue", "", channels=["mail"])
        mail = self.notifications.search([("channel_id", "=", self.mail.id)])

        def away(self, message, **options):
            raise MailDeliveryException("Unable to connect", "refused")

        with patch.object(type(self.env["ir.mail_server"]), "send_email", away), mute_logger("odoo.addons.mail.models.mail_mail"):
            with patch.object(self.env.cr, "rollback"):
                self.assertEqual(mail._send(), ("later", "Unable to connect refused", 60))

    def test_users_choose_for_themselves_and_only_for_themselves(self):
        self.ann.with_user(self.ann).write({"notify_by_mail": True})
        self.assertTrue(self.ann.notify_by_mail)
        with self.assertRaises(AccessError):
            self.bob.with_user(self.ann).write({"notify_by_mail": True})


class TestNotificationChannel(RolesCase):
    def test_directors_only(self):
        channel = self.env["crm.notification.channel"].create(WECOM)
        channel.with_user(self.director).read(["name", "url"])
        channel._post("Hello", "secret deal", mention_users=self.ann)
        for user in (self.ann, self.eli, self.marketer, self.executive, self.clerk):
            for model in ("crm.notification.channel", "crm.notification", "crm.notification.attempt"):
                with self.assertRaises(AccessError, msg="%s %s" % (user.name, model)):
                    self.env[model].with_user(user).search_read([])
        sent = self.env["crm.notification"].search([("channel_id", "=", channel.id)])
        for method in ("action_retry", "action_cancel"):
            with self.assertRaises(AccessError):
                getattr(sent.with_user(self.ann), method)()
        with self.assertRaises(AccessError):
            channel.with_user(self.ann).action_send_test()

    def test_addresses_that_cannot_be_are_refused(self):
        channels = self.env["crm.notification.channel"]
        for wrong in ("", "file:///etc/passwd", "robot.example"):
            with self.assertRaises(CrmValidationError):
                channels.create({**WECOM, "url": wrong})
        gateway = {"name": "SMS", "kind": "sms", "active": True, "url": "https://sms.example/send"}
        with self.assertRaisesRegex(CrmValidationError, "{phone}, {text}"):
            channels.create(gateway)
        with self.assertRaises(CrmValidationError):
            channels.create({**gateway, "body": "{phone} {text} no JSON"})
        with self.assertRaises(CrmValidationError):
            channels.create({**gateway, "body": '["{phone}", "{text}"]', "headers": "no header"})

    def test_a_test_needs_an_active_channel(self):
        channel = self.env["crm.notification.channel"].create({**WECOM, "active": False})
        with self.assertRaisesRegex(CrmUserError, "Switch the channel on first"):
            channel.with_user(self.director).action_send_test()
        channel.active = True
        action = channel.with_user(self.director).action_send_test()
        self.assertEqual(self.env["crm.notification"].search(action["domain"]).subject, "Test of “Group”")

    def test_only_what_did_not_arrive_is_sent_again(self):
        channel = self.env["crm.notification.channel"].create(WECOM)
        waiting = channel._post("Hello", "")
        with self.assertRaisesRegex(CrmUserError, "can be sent again"):
            waiting.with_user(self.director).action_retry()
        waiting.with_user(self.director).action_cancel()
        self.assertEqual(waiting.state, "cancelled")
        waiting.with_user(self.director).action_retry()
        self.assertEqual((waiting.state, waiting.attempts), ("pending", 0))

    def test_a_company_s_own_channel_comes_before_the_shared_one(self):
        own = self.env["crm.notification.channel"].create(
            {"name": "Own", "kind": "mail", "active": True, "company_id": self.env.company.id}
        )
        found = self.env["crm.notification.channel"]._get_personal(["mail"], self.env.company)
        self.assertEqual(found["mail"], own)

    def test_old_entries_go_problems_stay(self):
        channel = self.env["crm.notification.channel"].create(WECOM)
        sent, failed = channel._post("Sent", ""), channel._post("Failed", "")
        sent.write({"state": "sent", "date_done": "2020-01-01"})
        failed.write({"state": "failed", "date_done": "2020-01-01"})
        self.env["crm.notification"]._gc_notifications()
        self.assertEqual((sent | failed).exists(), failed)
