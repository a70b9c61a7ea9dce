# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json
from datetime import timedelta

from odoo import _, api, fields, models
from psycopg2.extras import execute_values

from ..exceptions import CrmUserError
from .crm_notification_channel import PERSONAL_KINDS

KEEP_DAYS = 180
COLUMNS = (
    "channel_id", "user_id", "number", "subject", "body", "key", "res_model", "res_id", "mobiles", "state", "attempts",
)  # fmt: skip
INSERT = """
    INSERT INTO crm_notification (%s, create_uid, create_date, write_uid, write_date) VALUES %%s
    ON CONFLICT DO NOTHING RETURNING id
""" % ", ".join(COLUMNS)


class CrmNotification(models.Model):
    """A message on its way to a person or a group, and what became of it.

    ``pending`` → ``sending`` → ``sent``, ``failed`` (refused, or not reached in spite of all tries) or ``unsure`` (it
    was handed over, but nobody said whether it was taken: it is not sent again by itself, as it could arrive twice).
    """

    _name = "crm.notification"
    _description = "Notification"
    _order = "id desc"
    _rec_name = "subject"

    channel_id = fields.Many2one("crm.notification.channel", required=True, readonly=True, index=True, ondelete="cascade")
    kind = fields.Selection(related="channel_id.kind")
    company_id = fields.Many2one(related="channel_id.company_id")
    user_id = fields.Many2one("res.users", string="To", readonly=True, index=True, ondelete="cascade")
    number = fields.Char(string="Telephone", readonly=True, groups="crm_core.group_sales_director,base.group_system")
    subject = fields.Char(required=True, readonly=True)
    body = fields.Text(readonly=True)
    key = fields.Char(readonly=True, help="A message with the same key is sent to the same receiver once.")
    res_model = fields.Char(string="Document Model", readonly=True)
    res_id = fields.Many2oneReference(string="Document", model_field="res_model", readonly=True)
    mobiles = fields.Char(readonly=True, groups="base.group_system", help="JSON list of members called to it.")
    state = fields.Selection(
        [
            ("pending", "Waiting"),
            ("sending", "Sending"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("unsure", "Unconfirmed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="pending",
    )
    attempts = fields.Integer(readonly=True)
    next_try = fields.Datetime(readonly=True)
    date_done = fields.Datetime(string="Sent On", readonly=True)
    message = fields.Char(string="Problem", readonly=True)
    attempt_ids = fields.One2many("crm.notification.attempt", "notification_id", string="Log of Attempts", readonly=True)

    def init(self):
        super().init()
        # Once per receiver and cause; the index is the guard when two transactions queue the same
        self.env.cr.execute(
            """CREATE UNIQUE INDEX IF NOT EXISTS crm_notification_once_idx
                   ON crm_notification (channel_id, coalesce(user_id, 0), coalesce(number, ''), key) WHERE key IS NOT NULL"""
        )
        # Serves the delivery: the oldest waiting one of a channel, however many were sent
        self.env.cr.execute(
            """CREATE INDEX IF NOT EXISTS crm_notification_waiting_idx
                   ON crm_notification (channel_id, id) WHERE state IN ('pending', 'sending')"""
        )

    # ------------------------------------------------------------------
    # Contract
    # ------------------------------------------------------------------
    @api.model
    def _notify(self, users, subject, body, record=None, channels=None, key=None):
        """Tell ``users`` something: in the app, and by what else they chose in their preferences.

        :param subject: one line, plain text like ``body``
        :param record: what it is about; the message links to it
        :param channels: kinds ("inapp", "mail", "sms") instead of those the users chose
        :param key: the same user is told once, however often this is called with the key
        :return: the new notifications (in sudo mode), one per user and channel
        """
        message = {"users": users, "subject": subject, "body": body, "record": record, "channels": channels, "key": key}
        return self._notify_batch([message])

    @api.model
    def _notify_batch(self, messages):
        """:meth:`_notify` for many messages (dicts of its arguments), at a constant number of queries.

        Each message may name its record by ``res_model`` and ``res_id`` instead of ``record``.
        """
        ways = {}
        rows = []
        for message in messages:
            for user in message["users"].sudo():
                if user.company_id not in ways:
                    ways[user.company_id] = self.env["crm.notification.channel"]._get_personal(PERSONAL_KINDS, user.company_id)
                wanted = message.get("channels") or user._get_notification_kinds()
                known = ways[user.company_id]
                rows += [self._prepare_row(message, user, known[kind]) for kind in wanted if user.active and kind in known]
        return self._queue(rows)

    @api.model
    def _prepare_row(self, message, user, channel):
        names = ("subject", "body", "key", "record", "res_model", "res_id")
        row = {name: message.get(name) for name in names}
        number = (user.mobile or user.phone) if channel.kind == "sms" else None
        return {**row, "channel_id": channel.id, "user_id": user.id, "number": number or None}

    @api.model
    def _queue(self, rows):
        """Store messages and see to it that they are sent; in the app they are at once.

        :param rows: dicts of ``channel_id``, ``subject``, ``body`` and, if any, ``user_id``, ``number``, ``key``,
            ``record`` (or ``res_model``, ``res_id``) and ``mobiles`` (a list)
        :return: those that were not there yet, in sudo mode. Cost: two queries, and those of :meth:`_wake`
        """
        values = [self._prepare_values(row) for row in rows]
        if not values:
            return self.sudo().browse()
        self.flush()
        now = fields.Datetime.now()
        stamp = (self.env.uid, now, self.env.uid, now)
        tuples = [(*(vals[name] for name in COLUMNS), *stamp) for vals in values]
        found = execute_values(self.env.cr._obj, INSERT, tuples, page_size=len(tuples), fetch=True)
        queued = self.sudo().browse([notification_id for (notification_id,) in found])
        inapp = queued.filtered(lambda one: one.kind == "inapp")
        inapp._show_in_app()
        (queued - inapp).channel_id._wake()
        return queued

    @api.model
    def _prepare_values(self, row):
        record = row.get("record")
        mobiles = row.get("mobiles")
        return {
            **dict.fromkeys(COLUMNS),
            **{name: row.get(name) or None for name in ("channel_id", "user_id", "number", "body", "key")},
            "subject": (row["subject"] or "").strip() or _("Notice"),
            "res_model": record._name if record else row.get("res_model") or None,
            "res_id": record.id if record else row.get("res_id") or None,
            "mobiles": json.dumps(mobiles) if mobiles else None,
            "state": "pending",
            "attempts": 0,
        }

    def _get_link(self):
        """Address of what the notification is about; "" if it is about nothing."""
        base = self.env["ir.config_parameter"].sudo().get_param("web.base.url")
        return "%s/mail/view?model=%s&res_id=%d" % (base, self.res_model, self.res_id) if self.res_id else ""

    # ------------------------------------------------------------------
    # By hand
    # ------------------------------------------------------------------
    def action_retry(self):
        """Send failed, unconfirmed and cancelled ones once more."""
        self.check_access_rights("write")
        again = self.sudo().filtered(lambda one: one.state in ("failed", "unsure", "cancelled"))
        if not again:
            raise CrmUserError(_("Only what failed, is unconfirmed or was cancelled can be sent again."))
        again.write({"state": "pending", "attempts": 0, "next_try": False, "message": False, "date_done": False})
        again.channel_id._wake()

    def action_cancel(self):
        """Do not send what is still waiting, or do not try again what failed."""
        self.check_access_rights("write")
        waiting = self.sudo().filtered(lambda one: one.state in ("pending", "failed", "unsure"))
        waiting.write({"state": "cancelled", "date_done": fields.Datetime.now()})

    def action_open_record(self):
        self.ensure_one()
        if not self.res_id or self.res_model not in self.env:
            raise CrmUserError(_("This notification is not about a document."))
        return self.env[self.res_model].browse(self.res_id).get_formview_action()

    @api.autovacuum
    def _gc_notifications(self):
        """The log goes back half a year."""
        oldest = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.search([("state", "in", ("sent", "cancelled")), ("date_done", "<", oldest)], limit=10000).unlink()
