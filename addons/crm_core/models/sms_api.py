# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class SmsApi(models.AbstractModel):
    _inherit = "sms.api"

    @api.model
    def _contact_iap(self, local_endpoint, params):
        self.env["iap.account"]._check_iap_allowed()
        return super()._contact_iap(local_endpoint, params)
