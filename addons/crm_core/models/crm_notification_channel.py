# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json

from odoo import _, api, fields, models

from ..engine.enrich.answer import parse_path
from ..engine.enrich.fetch import check_url
from ..engine.notify import ROBOTS, Pace
from ..exceptions import CrmUserError, CrmValidationError

SECRET_GROUPS = "crm_core.group_sales_director,base.group_system"
#: Kinds that post to a group, kinds that reach one person, and what needs nothing but this database
ROBOT_KINDS = tuple(ROBOTS)
PERSONAL_KINDS = ("inapp", "mail", "sms")


class CrmNotificationChannel(models.Model):
    """A way by which the suite tells people something.

    Robots post to a group chat, the other kinds reach one person. What a channel is to send waits in
    ``crm.notification`` and is sent in order, by one process at a time (:mod:`.crm_notification_delivery`).
    """

    _name = "crm.notification.channel"
    _description = "Notification Channel"
    _order = "sequence, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=False, copy=False, help="Nothing leaves this server as long as this is off.")
    kind = fields.Selection(
        [
            ("inapp", "In the app"),
            ("mail", "E-mail"),
            ("sms", "SMS gateway"),
            ("wecom", "WeCom robot"),
            ("dingtalk", "DingTalk robot"),
            ("feishu", "Feishu robot"),
        ],
        required=True,
        default="wecom",
    )
    company_id = fields.Many2one("res.company", index=True, help="Empty: for all companies.")
    url = fields.Char(
        string="Address",
        copy=False,
        groups=SECRET_GROUPS,
        help="The web address the vendor shows when a robot is added to a group. Whoever knows it can post there.",
    )
    secret = fields.Char(
        copy=False,
        groups=SECRET_GROUPS,
        help="DingTalk and Feishu: the secret of “signed” robots. SMS gateway: stands for {secret} in headers and JSON.",
    )
    headers = fields.Text(help="One header a line, e.g. Authorization: Bearer {secret}", groups=SECRET_GROUPS)
    body = fields.Text(
        string="JSON to Post",
        help='What the gateway is sent, e.g. {"mobile": "{phone}", "content": "{text}"}',
        groups=SECRET_GROUPS,
    )
    ok_path = fields.Char(string="Accepted If", help="Where its answer says that it took the message, e.g. code")
    ok_value = fields.Char(string="Is", default="0")
    rate_limit = fields.Integer(string="Messages a Minute", default=60)
    timeout = fields.Float(string="Timeout (seconds)", default=10.0, required=True, digits=(6, 1))
    waiting_count = fields.Integer(string="Waiting", compute="_compute_counts")
    problem_count = fields.Integer(string="Not Delivered", compute="_compute_counts")

    _sql_constraints = [
        ("timeout_range", "check (timeout > 0 and timeout <= 60)", "The timeout must be 1 to 60 seconds."),
        ("rate_limit_positive", "check (rate_limit > 0)", "The rate limit must be at least one message a minute."),
    ]

    def _compute_counts(self):
        groups = self.env["crm.notification"].read_group(
            [("channel_id", "in", self.ids), ("state", "not in", ("sent", "cancelled"))],
            ["channel_id"],
            ["channel_id", "state"],
            lazy=False,
        )
        counts = {(group["channel_id"][0], group["state"]): group["__count"] for group in groups}
        for channel in self:
            channel.waiting_count = sum(counts.get((channel.id, state), 0) for state in ("pending", "sending"))
            channel.problem_count = sum(counts.get((channel.id, state), 0) for state in ("failed", "unsure"))

    @api.constrains("kind", "url", "headers", "body", "ok_path", "active")
    def _check_address(self):
        for channel in self.sudo().filtered(lambda one: one.kind not in ("inapp", "mail")):
            try:
                if channel.active or channel.url:
                    check_url((channel.url or "").strip())
                if channel.kind == "sms":
                    channel._check_gateway()
            except ValueError as error:
                raise CrmValidationError(
                    _("%(channel)s cannot be reached like this: %(error)s", channel=channel.name, error=error)
                ) from None

    def _check_gateway(self):
        self._get_headers()
        parse_path(self.ok_path or "")
        if not self.active:
            return
        missing = [name for name in ("{phone}", "{text}") if name not in (self.body or "") + (self.url or "")]
        if missing:
            raise ValueError(_("the JSON must say where %s goes", ", ".join(missing)))
        if self.body:
            json.loads(self.body)

    def _get_headers(self):
        """{name: template}; ValueError for a line that is no header."""
        return self.env["crm.enrichment.provider"]._parse_headers(self.headers)

    def _get_pace(self):
        return ROBOTS[self.kind].pace if self.kind in ROBOTS else Pace(((self.rate_limit, 60.0),))

    @api.model
    def _get_personal(self, kinds, company):
        """{kind: the channel that reaches a person of ``company`` by it}, as far as there is one."""
        channels = self.sudo().search([("kind", "in", kinds), ("company_id", "in", (False, company.id))])
        found = {}
        for channel in channels.sorted(lambda one: not one.company_id):
            found.setdefault(channel.kind, channel)
        return found

    def _post(self, subject, body, key=None, mention_users=None, record=None):
        """Queue one message to the group of each robot of ``self``; inactive ones are left out.

        :param subject: first line; plain text like ``body``
        :param key: a message with the same key goes to the same channel once, however often it is posted
        :param mention_users: users called to it by their mobile number
        :param record: what it is about; its link is added
        :return: the new ``crm.notification`` records (in sudo mode)
        """
        rows = [
            {
                "channel_id": channel.id,
                "subject": subject,
                "body": body,
                "key": key,
                "record": record,
                "mobiles": [user.mobile or user.phone for user in mention_users or [] if user.mobile or user.phone],
            }
            for channel in self.sudo()
            if channel.active and channel.kind in ROBOT_KINDS
        ]
        return self.env["crm.notification"]._queue(rows)

    def action_send_test(self):
        """A message to see whether it works: to the group, or to the current user."""
        self.ensure_one()
        self.check_access_rights("write")
        if not self.active:
            raise CrmUserError(_("Switch the channel on first: nothing leaves this server as long as it is off."))
        subject = _("Test of “%s”", self.name)
        body = _("If you read this, the channel works.")
        if self.kind in ROBOT_KINDS:
            self._post(subject, body)
        else:
            self.env["crm.notification"]._notify(self.env.user, subject, body, channels=[self.kind])
        return self.action_view_notifications()

    def action_view_notifications(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_core.crm_notification_action")
        return {**action, "domain": [("channel_id", "=", self.id)], "context": {}}
