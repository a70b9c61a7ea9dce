# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from html import escape

from odoo import _, api, models

from .crm_pool import MODELS

SHOWN = 20


class CrmRecycleNotice(models.AbstractModel):
    """Tells owners what a run of the recycle rules warned them of: one message and one activity each."""

    _name = "crm.recycle.notice"
    _description = "Warnings Before Recycling"

    @api.model
    def _tell(self, moment):
        """One message and one activity per owner and kind, whatever the number.

        :param moment: when the run began; what was warned of then is told
        """
        messages, activities = [], []
        for model_name, _label in MODELS:
            for user, number, ids in self._get_warned(model_name, moment):
                records = self.env[model_name].sudo().browse(ids)
                notice = self.with_context(lang=user.lang)._prepare_notice(number, records)
                messages.append(self._prepare_message(user, *notice))
                activities.append(self._prepare_activity(user, records[0], *notice))
        messages = self.env["mail.message"].sudo().create(messages)
        self._queue_mails(messages)
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(activities)

    @api.model
    def _get_warned(self, model_name, moment):
        """List of (owner, number of records, ids of the first :data:`SHOWN`, longest untouched first)."""
        self.env[model_name].flush()
        since = self.env[model_name]._owned_since_field()
        self.env.cr.execute(
            """
            SELECT record.user_id, count(*), (array_agg(record.id ORDER BY coalesce(record.date_last_follow_up,
                   record.%s, record.create_date)))[1:%d]
              FROM %s AS record
              JOIN res_users AS owner ON owner.id = record.user_id AND owner.active
             WHERE record.recycle_warned_at = %%s
             GROUP BY record.user_id ORDER BY record.user_id
            """
            % (since, SHOWN, self.env[model_name]._table),
            (moment,),
        )
        users = self.env["res.users"].sudo()
        return [(users.browse(user_id), number, ids) for user_id, number, ids in self.env.cr.fetchall()]

    @api.model
    def _prepare_notice(self, number, records):
        """(title, body) in the reader's language."""
        kind = dict(self.env["crm.pool"]._fields["res_model"]._description_selection(self.env))[records._name]
        title = _("%(number)d %(kind)s go back to the public pool soon", number=number, kind=kind)
        links = "".join(
            '<li><a href="/web#id=%d&amp;model=%s&amp;view_type=form">%s</a></li>'
            % (record.id, record._name, escape(record.name or ""))
            for record in records
        )
        text = _("Follow them up to keep them: call, write, meet, or move the stage.")
        more = _("… and %d more", number - len(records)) if number > len(records) else ""
        return title, "<p>%s</p><ul>%s</ul><p>%s</p>" % (escape(text), links, escape(more))

    @api.model
    def _prepare_message(self, user, title, body):
        """A notification in the inbox, or by mail, as the user prefers."""
        by_mail = user.notification_type == "email"
        notification = {
            "res_partner_id": user.partner_id.id,
            "notification_type": user.notification_type,
            "notification_status": "ready" if by_mail else "sent",
        }
        return {
            "message_type": "user_notification",
            "subtype_id": self.env.ref("mail.mt_note").id,
            "author_id": self.env.ref("base.partner_root").id,
            "subject": title,
            "body": body,
            "partner_ids": [(6, 0, user.partner_id.ids)],
            "notification_ids": [(0, 0, notification)],
        }

    @api.model
    def _queue_mails(self, messages):
        """Mails for those who want them, sent by Odoo's queue: a run does not wait for a mail server."""
        wanted = messages.notification_ids.filtered(lambda notification: notification.notification_type == "email")
        mails = self.env["mail.mail"].sudo().create(
            [
                {
                    "mail_message_id": notification.mail_message_id.id,
                    "body_html": notification.mail_message_id.body,
                    "recipient_ids": [(6, 0, notification.res_partner_id.ids)],
                    "auto_delete": True,
                }
                for notification in wanted
            ]
        )
        for notification, mail in zip(wanted, mails):
            notification.mail_id = mail

    @api.model
    def _prepare_activity(self, user, record, title, body):
        kind = self.env.ref("mail.mail_activity_data_todo")
        return {
            "res_model_id": self.env["ir.model"]._get_id(record._name),
            "res_id": record.id,
            "activity_type_id": kind.id,
            "user_id": user.id,
            "summary": title,
            "note": body,
        }
