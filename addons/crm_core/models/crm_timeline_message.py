# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

from ..engine.timeline import TimelineKind, plain, shorten

#: Most characters of a message that are looked at
BODY = 4000


class CrmTimeline(models.AbstractModel):
    """Messages, and activities that were done, which Odoo keeps as messages with their type."""

    _inherit = "crm.timeline"

    @api.model
    def _get_kinds(self):
        def kind(key, label, icon, group, *domain):
            return TimelineKind(
                key,
                label,
                icon,
                "mail.message",
                group,
                date="date",
                reference=("model", "res_id"),
                domain=domain,
                title="subject",
                text="body",
                author="author_id",
                status="mail_activity_type_id",
            )

        done = ("mail_activity_type_id", "!=", False)
        call = ("mail_activity_type_id.icon", "=", "fa-phone")
        return super()._get_kinds() + [
            kind(
                "message",
                _("Message"),
                "fa-comment-o",
                "message",
                ("message_type", "in", ("comment", "email")),
                ("mail_activity_type_id", "=", False),
            ),
            kind("sms", _("Text Message"), "fa-mobile", "message", ("message_type", "=", "sms")),
            kind("call_done", _("Call"), "fa-phone", "call", done, call),
            kind("activity_done", _("Activity Done"), "fa-check-square-o", "activity", done, "!", call),
        ]

    @api.model
    def _prepare_entry(self, kind, vals):
        """The type of a done activity is its title; the text is what was written, without the markup."""
        entry = super()._prepare_entry(kind, vals)
        if kind.model == "mail.message":
            entry["text"] = shorten(plain((vals["body"] or "")[:BODY]))
            activity_type = entry.pop("status", None)
            if activity_type and not vals["subject"]:
                entry["title"] = activity_type["label"]
        return entry
