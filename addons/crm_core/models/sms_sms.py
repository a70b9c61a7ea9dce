# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class SmsSms(models.Model):
    _inherit = "sms.sms"

    def _postprocess_iap_sent_sms(self, iap_results, failure_reason=None, delete_all=False):
        """Say why: Odoo would only show "Server Error"."""
        account = self.env["iap.account"]
        failed = any(result["state"] == "server_error" for result in iap_results)
        if failed and not failure_reason and not account._is_iap_allowed():
            failure_reason = account._iap_not_configured()
        return super()._postprocess_iap_sent_sms(iap_results, failure_reason=failure_reason, delete_all=delete_all)
