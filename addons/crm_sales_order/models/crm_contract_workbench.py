# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class CrmContract(models.Model):
    """Tiles of the workbench about contracts. Contract: crm_core, crm_workbench_tile.py."""

    _inherit = "crm.contract"

    @api.model
    def _workbench_ending_contracts(self):
        """The reader's contracts about to end, the nearest first."""
        domain = self._get_alert_domain()
        user = self.env.user
        if user._is_crm_limited() and not user._may_assign():
            domain += [("user_id", "=", user.id)]

        def describe(contract):
            return {
                "title": contract.partner_id.commercial_partner_id.name,
                "text": contract.name,
                "due": contract.date_end,
            }

        return self.env["crm.workbench"]._list(self, domain, describe, order="date_end, id")
