# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

from ..exceptions import CrmUserError

#: Set this system parameter to let Odoo's paid in-app services (SMS among them) be called
IAP_ALLOWED = "crm_core.iap_allowed"


class IapAccount(models.Model):
    _inherit = "iap.account"

    @api.model
    def _is_iap_allowed(self):
        return bool(self.env["ir.config_parameter"].sudo().get_param(IAP_ALLOWED))

    @api.model
    def _iap_not_configured(self):
        return _(
            "Odoo's in-app services are not configured: nothing was sent. An administrator who wants to use "
            "them sets the system parameter “%(parameter)s” to 1.",
            parameter=IAP_ALLOWED,
        )

    @api.model
    def _check_iap_allowed(self):
        if not self._is_iap_allowed():
            raise CrmUserError(self._iap_not_configured())

    @api.model
    def get_credits(self, service_name):
        """-1 is Odoo's own value for "could not be asked"."""
        return super().get_credits(service_name) if self._is_iap_allowed() else -1
