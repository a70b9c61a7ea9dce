# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import Counter

from odoo import SUPERUSER_ID, _, models
from odoo.tools import generate_tracking_message_id

from ..tools.bulk_create import BulkCreate


class CrmTouchpoint(models.Model):
    """Tell the owners of leads that somebody they know asked again."""

    _inherit = "crm.touchpoint"

    def _notify_owners(self, found):
        """One message on each lead that submissions of this batch were attached to, in its owner's inbox, and one
        notice on the owner's screen. Leads made by the same batch are left out: their owner hears of them anyway.

        It goes to the inbox also of those who asked for e-mail: a thousand submissions must not be a thousand mails.

        :param found: answers of :meth:`crm.dedupe._resolve`, in the order of ``self``
        """
        created = {answer["lead_id"] for answer in found if answer["action"] == "create"}
        touched = Counter()
        channels = {}
        for touchpoint, answer in zip(self, found):
            if answer["action"] == "attach" and answer["lead_id"] not in created:
                touched[answer["lead_id"]] += 1
                channels[answer["lead_id"]] = touchpoint.channel_id.name
        leads = self.env["crm.lead"].sudo().browse(sorted(touched)).filtered(lambda lead: lead.user_id.active)
        if leads:
            leads._post_touches(touched, channels)


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def _post_touches(self, touched, channels):
        """Write the messages of :meth:`crm.touchpoint._notify_owners`: {lead id: number}, {lead id: channel's name}."""
        author = self.env["res.users"].browse(SUPERUSER_ID).partner_id
        messages = BulkCreate(self.env["mail.message"].sudo())
        values = [
            {
                "model": self._name,
                "res_id": lead.id,
                "record_name": lead.name,
                "message_id": generate_tracking_message_id("%d-%s" % (lead.id, self._name)),
                "body": lead._get_touch_text(touched[lead.id], channels[lead.id]),
                "message_type": "notification",
                "subtype_id": self.env.ref("mail.mt_note").id,
                "author_id": author.id,
                "email_from": author.email_formatted,
                "is_internal": True,
            }
            for lead in self
        ]
        written = messages.create(messages.prepare(values), messages.new_ids(len(values)))
        notifications = BulkCreate(self.env["mail.notification"].sudo())
        values = [
            {
                "mail_message_id": message.id,
                "res_partner_id": lead.user_id.partner_id.id,
                "notification_type": "inbox",
                "notification_status": "sent",
                "is_read": False,
            }
            for lead, message in zip(self, written)
        ]
        notifications.create(notifications.prepare(values), notifications.new_ids(len(values)))
        self._show_touches()

    def _get_touch_text(self, number, channel):
        """The message, in the language of the lead's owner."""
        lead = self.with_context(lang=self.user_id.lang)
        if number == 1:
            return lead._get_touch_phrase(channel)
        return lead._get_touches_phrase(number, channel)

    def _get_touch_phrase(self, channel):
        return "<p>%s</p>" % _("Asked again, through %s. See the touchpoints.", channel)

    def _get_touches_phrase(self, number, channel):
        return "<p>%s</p>" % _(
            "Asked again %(number)s times, last through %(channel)s. See the touchpoints.", number=number, channel=channel
        )

    def _show_touches(self):
        """A notice on the screen of each owner who is logged in."""
        names = {}
        for lead in self:
            names.setdefault(lead.user_id, []).append(lead.name)
        notices = []
        for user, leads in names.items():
            title = self.with_context(lang=user.lang)._get_touch_title()
            text = ", ".join(leads[:5]) + (" …" if len(leads) > 5 else "")
            channel = (self.env.cr.dbname, "res.partner", user.partner_id.id)
            notices.append([channel, {"type": "simple_notification", "title": title, "message": text}])
        self.env["bus.bus"].sendmany(notices)

    def _get_touch_title(self):
        return _("Asked again")
