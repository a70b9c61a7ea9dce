# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.osv import expression


class ResUsers(models.Model):
    _inherit = "res.users"

    def _is_technician_only(self):
        """Whether this user works in the field only: technician, and in no role that serves other customers."""
        user = self.with_user(self)
        return user.has_group("crm_service.group_technician") and not (
            user.has_group("crm_service.group_service_agent")
            or user.has_group("crm_core.group_sales_rep")
            or user.has_group("crm_core.group_all_customers")
            or user.has_group("base.group_system")
        )

    def _crm_technician_limit_domain(self, path):
        """Domain of the global rules that keep technicians to the work orders they are sent to.

        :param path: field path from the record to its technician; nobody else is narrowed
        """
        return [(path, "=", self.id)] if self._is_technician_only() else []

    def _crm_technician_partner_domain(self):
        """Global rule of res.partner: of all customers, technicians see those they are sent to."""
        if not self._is_technician_only():
            return []
        return expression.OR(
            [
                [("is_customer", "=", False)],
                [("service_order_ids.technician_id", "=", self.id)],
                [("service_site_order_ids.technician_id", "=", self.id)],
            ]
        )
