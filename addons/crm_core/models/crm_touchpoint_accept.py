# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64
import json
import uuid

from odoo import SUPERUSER_ID, api, models
from psycopg2.extras import execute_values

from ..engine.intake import Incoming, decode

COLUMNS = (
    "channel_id",
    "company_id",
    "receipt",
    "idempotency_key",
    "digest",
    "payload",
    "payload_raw",
    "content_type",
    "remote_ip",
    "occurred_at",
)
INSERT = """
    INSERT INTO crm_touchpoint
           ({columns}, state, attempts, received_at, create_uid, create_date, write_uid, write_date)
    VALUES %s
    ON CONFLICT (channel_id, idempotency_key) DO NOTHING
 RETURNING id
""".format(columns=", ".join(COLUMNS))
NOW = "now() AT TIME ZONE 'UTC'"
TEMPLATE = "(%s, 'received', 0, {now}, {uid}, {now}, {uid}, {now})".format(now=NOW, uid=SUPERUSER_ID) % ", ".join(
    "%({})s".format(name) for name in COLUMNS
)
INSERT_ONE = INSERT % TEMPLATE


class CrmTouchpoint(models.Model):
    """The way in: one statement that stores or finds it stored."""

    _inherit = "crm.touchpoint"

    @api.model
    def _prepare_accept(self, channel_id, company_id, body, idempotency_key, content_type="", remote_ip="", occurred_at=None):
        """Column → value for a submission as it came.

        :param bytes body: kept as it is: as text, and beside it as bytes if the text is not the same in UTF-8
        """
        payload = decode(body, content_type)
        return {
            "channel_id": channel_id,
            "company_id": company_id,
            "receipt": str(uuid.uuid4()),
            "idempotency_key": idempotency_key,
            "digest": Incoming(body).digest,
            "payload": payload,
            "payload_raw": None if payload.encode() == body else base64.b64encode(body),
            "content_type": content_type[:255],
            "remote_ip": remote_ip or None,
            "occurred_at": occurred_at,
        }

    @api.model
    def _accept(self, values):
        """Store one submission; the caller commits.

        :param dict values: of :meth:`_prepare_accept`
        :return: (receipt, whether it was known, whether it says the same as the one known)
        """
        self.env.cr.execute(INSERT_ONE, values)
        if self.env.cr.rowcount:
            return values["receipt"], False, True
        self.env.cr.execute(
            "SELECT receipt, digest FROM crm_touchpoint WHERE channel_id = %s AND idempotency_key = %s",
            [values["channel_id"], values["idempotency_key"]],
        )
        receipt, digest = self.env.cr.fetchone()
        return receipt, True, digest == values["digest"]

    @api.model
    def _accept_rows(self, channel, rows):
        """Store submissions of one of our own processes (file, e-mail, pull), one statement for a thousand of them.

        :param channel: the crm.intake.channel
        :param rows: list of dict(payload=text, bytes or JSON data; idempotency_key=text; and, if known,
            content_type, remote_ip, occurred_at (UTC))
        :return: ids of those that are new, in the order of ``rows``; they are processed after the commit
        """
        channel = channel.sudo()
        values = []
        for row in rows:
            body, content_type = row["payload"], row.get("content_type") or "application/json"
            if not isinstance(body, (str, bytes)):
                body = json.dumps(body, ensure_ascii=False)
            if isinstance(body, str):
                body = body.encode("utf-8", "replace")
            values.append(
                self._prepare_accept(
                    channel.id,
                    channel.company_id.id,
                    body,
                    row["idempotency_key"],
                    content_type=content_type,
                    remote_ip=row.get("remote_ip"),
                    occurred_at=row.get("occurred_at"),
                )
            )
        channel.flush()
        new = execute_values(self.env.cr._obj, INSERT, values, template=TEMPLATE, page_size=1000, fetch=True)
        self._wake_after_commit()
        return [touchpoint_id for (touchpoint_id,) in new]

    @api.model
    def _wake_after_commit(self):
        """Have the backlog processed as soon as others can see what this transaction adds to it."""
        postcommit, registry = self.env.cr.postcommit, self.env.registry

        def wake():
            with registry.cursor() as cr:
                api.Environment(cr, SUPERUSER_ID, {})["crm.touchpoint"]._wake_processing()

        if not postcommit.data.get("crm_touchpoint_wake"):
            postcommit.data["crm_touchpoint_wake"] = True
            postcommit.add(wake)
