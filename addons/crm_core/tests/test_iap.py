# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from unittest.mock import patch

from odoo.addons.iap.tools import iap_tools
from odoo.tests.common import SavepointCase

from ..exceptions import CrmUserError
from ..models.iap_account import IAP_ALLOWED


class TestIapSilence(SavepointCase):
    """Nothing leaves the building unless an administrator says so."""

    def setUp(self):
        super().setUp()
        self.calls = []
        patcher = patch.object(iap_tools, "iap_jsonrpc", side_effect=lambda *a, **kw: self.calls.append((a, kw)) or [])
        patcher.start()
        self.addCleanup(patcher.stop)

    def test_sms_is_not_sent_and_says_why(self):
        sms = self.env["sms.sms"].create({"number": "+8613812345678", "body": "Hello"})
        with self.assertRaisesRegex(CrmUserError, "not configured"):
            sms.send(raise_exception=True)
        sms.send()
        self.assertEqual((sms.state, sms.error_code), ("error", "sms_server"))
        self.assertFalse(self.calls)

    def test_reason_is_on_the_notification(self):
        partner = self.env["res.partner"].create({"name": "P", "mobile": "+8613812345678"})
        message = partner._message_sms("Hello")
        self.assertIn("not configured", message.notification_ids.failure_reason)
        self.assertFalse(self.calls)

    def test_credits_are_not_asked_for(self):
        self.env["iap.account"].create({"service_name": "sms"})
        self.assertEqual(self.env["iap.account"].get_credits("sms"), -1)
        self.assertFalse(self.calls)

    def test_administrator_may_allow_it(self):
        self.env["ir.config_parameter"].set_param(IAP_ALLOWED, "1")
        self.env["sms.sms"].create({"number": "+8613812345678", "body": "Hello"}).send()
        self.assertEqual(len(self.calls), 1)
