# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class ResPartner(models.Model):
    """The customer card: which form a customer opens in."""

    _inherit = "res.partner"

    def get_formview_id(self, access_uid=None):
        """Links to a customer open the customer card, for whoever works with customers."""
        user = self.env["res.users"].browse(access_uid) if access_uid else self.env.user
        if len(self) == 1 and self.is_customer and user._sees_contact_details():
            return self.env.ref("crm_core.res_partner_view_form_customer").id
        return super().get_formview_id(access_uid=access_uid)
