# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import hashlib
import hmac
import io
import json
import time
from unittest.mock import patch

from ..controllers.intake import INTAKE_PATH, Door
from .common import RolesCase


class IntakeCase(RolesCase):
    """A website channel, and the door in front of it (in this test's transaction)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel = cls.new_channel()

    @classmethod
    def new_channel(cls, **vals):
        channel = cls.env["crm.intake.channel"].create({"name": "Website", "kind": "website", "rate_limit": 0, **vals})
        channel.flush()
        return channel

    def setUp(self):
        super().setUp()
        self.registry.enter_test_mode(self.cr)
        self.addCleanup(self.registry.leave_test_mode)
        self.env["crm.intake.channel"].clear_caches()
        self.door = Door()
        patcher = patch.object(Door, "_get_database", lambda door, environ: self.cr.dbname)
        patcher.start()
        self.addCleanup(patcher.stop)

    # -- sending -----------------------------------------------------------------------------------------------------

    def call(self, body, key=None, **environ):
        """(status, answer, headers) of a POST as it comes; environ entries of None are left out."""
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": INTAKE_PATH + (key or self.channel.key),
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": "application/json",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.input": io.BytesIO(body),
            **environ,
        }
        started = []
        answer = self.door(
            {name: value for name, value in environ.items() if value is not None},
            lambda status, headers: started.append((int(status[:3]), dict(headers))),
        )
        content = b"".join(answer)
        self.env.cache.invalidate()
        status, headers = started[0]
        self.assertEqual(int(headers["Content-Length"]), len(content))
        return status, json.loads(content), headers

    def send(self, payload, idempotency_key="", channel=None, timestamp=None, secret=None, **environ):
        """:meth:`call` with a signature as the channel's form describes it."""
        channel = channel or self.channel
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        stamp = str(int(time.time()) if timestamp is None else timestamp)
        message = b".".join([stamp.encode(), idempotency_key.encode(), body])
        signature = hmac.new((secret or channel.secret).encode(), message, hashlib.sha256).hexdigest()
        headers = {"HTTP_X_CRM_TIMESTAMP": stamp, "HTTP_X_CRM_SIGNATURE": signature}
        if idempotency_key:
            headers["HTTP_IDEMPOTENCY_KEY"] = idempotency_key
        return self.call(body, key=channel.key, **{**headers, **environ})

    def stored(self, channel=None):
        return self.env["crm.touchpoint"].search([("channel_id", "=", (channel or self.channel).id)])

    def accept(self, *payloads, channel=None, content_type="application/json"):
        """Touchpoints of submissions of an own process."""
        rows = [
            {"payload": payload, "idempotency_key": "row %d" % number, "content_type": content_type}
            for number, payload in enumerate(payloads)
        ]
        return self.env["crm.touchpoint"].browse(self.env["crm.touchpoint"]._accept_rows(channel or self.channel, rows))

    def parse(self, *payloads, **options):
        """What each payload is read as: values or ParseProblem."""
        touchpoints = self.accept(*payloads, **options)
        found = touchpoints._parse_submissions()
        return [found[touchpoint.id] for touchpoint in touchpoints]
