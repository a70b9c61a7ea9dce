# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import ipaddress
import json
import secrets
import time
import uuid
from datetime import timedelta

from odoo import _, api, fields, models

from ..controllers.intake import INTAKE_PATH
from ..engine.intake import SCHEMES, Incoming, Refusal, example
from ..exceptions import CrmUserError
from .crm_intake_channel import ADDRESS_GROUPS

STATISTICS_DAYS = 30
SIGNED_EXAMPLE = """\
BODY='%(body)s'
SECRET='…'
KEY=$(cat /proc/sys/kernel/random/uuid)
TIME=$(date +%%s)
SIGNATURE=$(printf '%%s' "$TIME.$KEY.$BODY" | openssl dgst -sha256 -hmac "$SECRET" | sed 's/.*= //')
curl -X POST '%(url)s' \\
     -H 'Content-Type: application/json' \\
     -H "Idempotency-Key: $KEY" \\
     -H "X-Crm-Timestamp: $TIME" \\
     -H "X-Crm-Signature: $SIGNATURE" \\
     --data-raw "$BODY"
"""
PLAIN_EXAMPLE = """\
curl -X POST '%(url)s' \\
     -H 'Content-Type: application/json' \\
     --data-raw '%(body)s'
"""


class CrmIntakeChannel(models.Model):
    """What the channel's form shows: address, instructions, figures, and a submission to try it with."""

    _inherit = "crm.intake.channel"

    url = fields.Char(string="Address", compute="_compute_url", groups=ADDRESS_GROUPS, help="Where submissions are sent with POST.")
    takes_http = fields.Boolean(compute="_compute_takes_http")
    example = fields.Text(string="How to Send", compute="_compute_example", groups=ADDRESS_GROUPS)
    received_count = fields.Integer(string="Received", compute="_compute_statistics")
    created_count = fields.Integer(string="New Leads", compute="_compute_statistics")
    known_count = fields.Integer(string="Known Already", compute="_compute_statistics")
    dead_count = fields.Integer(string="Dead Letters", compute="_compute_statistics")
    last_received_at = fields.Datetime(string="Last Submission", compute="_compute_statistics")

    @api.depends("kind")
    def _compute_takes_http(self):
        for channel in self:
            channel.takes_http = bool(channel.filtered_domain(self._get_door_domain()))

    @api.depends("key", "takes_http")
    def _compute_url(self):
        base = self.get_base_url() if self else ""
        for channel in self:
            channel.url = channel.takes_http and base.rstrip("/") + INTAKE_PATH + (channel.key or "")

    @api.depends("url", "signature_scheme", "mapping_ids.path", "mapping_ids.target")
    @api.depends_context("lang")
    def _compute_example(self):
        for channel in self:
            body = json.dumps(channel._get_example_payload(), ensure_ascii=False).replace("'", "")
            template = SIGNED_EXAMPLE if channel.signature_scheme == "hmac" else PLAIN_EXAMPLE
            channel.example = template % {"url": channel.url, "body": body}

    def _compute_statistics(self):
        """One query for all channels, over the last :data:`STATISTICS_DAYS` days."""
        found = {}
        if self.ids:
            self.env.cr.execute(
                """
                SELECT channel_id, count(*), count(*) FILTER (WHERE outcome = 'created'),
                       count(*) FILTER (WHERE outcome IN ('attached', 'linked', 'rejected')),
                       count(*) FILTER (WHERE state = 'dead'), max(received_at)
                  FROM crm_touchpoint WHERE channel_id = ANY(%s) AND received_at >= %s
                 GROUP BY channel_id
                """,
                [self.ids, fields.Datetime.now() - timedelta(days=STATISTICS_DAYS)],
            )
            found = {row[0]: row[1:] for row in self.env.cr.fetchall()}
        names = ("received_count", "created_count", "known_count", "dead_count", "last_received_at")
        for channel in self:
            channel.update(dict(zip(names, found.get(channel.id, (0, 0, 0, 0, False)))))

    # ------------------------------------------------------------------
    # Trying it
    # ------------------------------------------------------------------
    @api.model
    def _get_example_values(self):
        """Target → value of the example on the form and of the test submission."""
        return {
            "contact_name": _("Test visitor"),
            "phone": "13800138000",
            "mobile": "13800138000",
            "email_from": "test@example.com",
            "partner_name": _("Test company"),
            "description": _("Test submission"),
            "touch.keyword": _("Test submission"),
        }

    def _get_example_payload(self):
        self.ensure_one()
        return example(self.mapping_ids._get_lines(), self._get_example_values())

    def action_send_test(self):
        """Send the example through the door's own checks and open what was stored.

        :raise CrmUserError: with the door's answer when it refuses
        """
        self.ensure_one()
        self.check_access_rights("write")
        self.check_access_rule("write")
        channel = self.sudo()._get_door_channels().get(self.key)
        if not channel:
            raise CrmUserError(_("This channel takes no submissions over HTTP, or is archived."))
        body = json.dumps(self._get_example_payload(), ensure_ascii=False).encode()
        now = time.time()
        headers = {"content-type": "application/json", "idempotency-key": str(uuid.uuid4())}
        headers.update(SCHEMES[channel.scheme].sign_headers(body, channel.credentials, now, headers["idempotency-key"]))
        sender = channel.networks[0].network_address if channel.networks else ipaddress.ip_address("127.0.0.1")
        try:
            receipt, _repeated = self.sudo()._admit(channel, Incoming(body, headers, {}, now), sender)
        except Refusal as refusal:
            raise CrmUserError(_("The door answered %(status)s: %(reason)s", status=refusal.status, reason=refusal)) from refusal
        touchpoints = self.env["crm.touchpoint"]
        touchpoints._wake_after_commit()
        action = self._get_touchpoint_action()
        action.update(view_mode="form", views=[(False, "form")], res_id=touchpoints.search([("receipt", "=", receipt)]).id)
        return action

    def action_new_key(self):
        """A new address and a new secret; the old ones end at once."""
        self._check_secret_access()
        for channel in self:
            channel.key = secrets.token_urlsafe(24)
            channel._set_secrets({"secret": secrets.token_urlsafe(32)})

    def action_view_touchpoints(self):
        """The channel's submissions; the context's ``touchpoint_domain`` narrows them."""
        action = self._get_touchpoint_action()
        action["domain"] = [("channel_id", "in", self.ids), *self.env.context.get("touchpoint_domain", [])]
        return action

    @api.model
    def _get_touchpoint_action(self):
        return self.env["ir.actions.act_window"]._for_xml_id("crm_core.crm_touchpoint_action")
