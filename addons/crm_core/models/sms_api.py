# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class SmsApi(models.AbstractModel):
    _inherit = "sms.api"

    @api.model
    def _send_sms_batch(self, messages):
        """Through the company's own gateway where there is one; what becomes of them is in its log."""
        gateway = self.env["crm.notification.channel"]._get_personal(["sms"], self.env.company).get("sms")
        if not gateway:
            return super()._send_sms_batch(messages)
        rows = [
            {"channel_id": gateway.id, "subject": message["content"], "body": message["content"], "number": message["number"]}
            for message in messages
        ]
        self.env["crm.notification"]._queue(rows)
        return [{"res_id": message["res_id"], "state": "success", "credit": 0} for message in messages]

    @api.model
    def _contact_iap(self, local_endpoint, params):
        self.env["iap.account"]._check_iap_allowed()
        return super()._contact_iap(local_endpoint, params)
