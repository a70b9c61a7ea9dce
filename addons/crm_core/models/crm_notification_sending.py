# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json
import time

from odoo import _, api, models
from odoo.addons.base.models.ir_mail_server import MailDeliveryException
from odoo.tools import generate_tracking_message_id, plaintext2html

from ..engine.enrich import Failure, Request, TryLater, Unanswered, fetch
from ..engine.notify import ROBOTS, Message, read_gateway

#: A vendor's words kept in the log
WORDS = 200


class CrmNotification(models.Model):
    """How a message of each kind is handed over."""

    _inherit = "crm.notification"

    def _send(self):
        """Hand one message over.

        :return: ("sent" | "later" | "failed" | "unsure", what the other side said, seconds to wait at least)
        """
        try:
            getattr(self, "_send_" + ("robot" if self.kind in ROBOTS else self.kind))()
        except Unanswered as error:
            return "unsure", str(error), 0
        except TryLater as error:
            return "later", str(error)[:WORDS], error.seconds
        except (Failure, ValueError) as error:
            return "failed", str(error)[:WORDS], 0
        return "sent", "", 0

    def _send_robot(self):
        channel = self.channel_id
        text = "\n".join(filter(None, [self.subject, self.body, self._get_link()]))
        message = Message(text, tuple(json.loads(self.mobiles or "[]")))
        robot = ROBOTS[self.kind]
        request = robot.build(channel.url.strip(), (channel.secret or "").strip(), message, time.time())
        robot.read(fetch(Request(request.url, body=request.body, timeout=channel.timeout)))

    def _send_sms(self):
        channel = self.channel_id
        number = self.number or self.user_id.mobile or self.user_id.phone
        if not number:
            raise Failure(_("%s has no mobile number.", self.user_id.name))
        text = "\n".join(filter(None, [self.subject, self.body])) if self.user_id else self.body
        template = Request(channel.url.strip(), channel._get_headers(), channel.body or "", channel.timeout)
        answer = fetch(template.filled(phone=number, text=text or "", secret=channel.secret or ""))
        read_gateway(answer, channel.ok_path or "", channel.ok_value or "")

    def _send_mail(self):
        if not self.user_id.email:
            raise Failure(_("%s has no e-mail address.", self.user_id.name))
        lines = "\n".join(filter(None, [self.body, self._get_link()]))
        mail = self.env["mail.mail"].sudo().create({
            "subject": self.subject,
            "body_html": plaintext2html(lines),
            "email_to": self.user_id.email_formatted,
            "auto_delete": True,
        })  # fmt: skip
        try:
            mail.send(raise_exception=True)
        except MailDeliveryException as error:
            self.env.cr.rollback()
            raise TryLater(" ".join(str(part) for part in error.args), 60) from None

    # ------------------------------------------------------------------
    # In the app
    # ------------------------------------------------------------------
    def _show_in_app(self):
        """Put messages into their receivers' inboxes, and on their screens if they are logged in."""
        if not self:
            return
        groups = {}
        for notification in self:
            what = (notification.subject, notification.body, notification.res_model, notification.res_id)
            groups[what] = groups.get(what, self.browse()) | notification
        messages = self.env["mail.message"].sudo().create([self._prepare_message(*what, group) for what, group in groups.items()])
        self.env["bus.bus"].sudo().sendmany(self._prepare_bus(messages))
        self._mark_shown()

    @api.model
    def _prepare_message(self, subject, body, model, res_id, group):
        receivers = [(0, 0, {"res_partner_id": user.partner_id.id, "notification_type": "inbox"}) for user in group.user_id]
        robot = self.env.ref("base.partner_root")
        return {
            "subject": subject,
            "body": plaintext2html("\n".join(filter(None, [subject, body]))),
            "model": model,
            "res_id": res_id,
            "message_type": "user_notification",
            "subtype_id": self.env.ref("mail.mt_note").id,
            "author_id": robot.id,
            # Given here, as Odoo would look them up for every message
            "email_from": robot.email_formatted,
            "reply_to": robot.email_formatted,
            "message_id": generate_tracking_message_id("crm-notification"),
            "record_name": self.env[model].browse(res_id).display_name if res_id and model in self.env else False,
            "is_internal": True,
            "notification_ids": receivers,
        }

    @api.model
    def _prepare_bus(self, messages):
        formatted = {vals["id"]: vals for vals in messages.message_format()}
        return [
            [(self.env.cr.dbname, "ir.needaction", partner.id), dict(formatted[message.id])]
            for message in messages
            for partner in message.notification_ids.res_partner_id
        ]

    def _mark_shown(self):
        self.env.cr.execute(
            "UPDATE crm_notification SET state = 'sent', date_done = now() AT TIME ZONE 'UTC' WHERE id IN %s", [tuple(self.ids)]
        )
        self.invalidate_cache(["state", "date_done"], self.ids)
