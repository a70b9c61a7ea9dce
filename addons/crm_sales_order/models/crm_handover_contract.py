# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models
from odoo.addons.crm_core.engine.handover import HandoverKind

from .crm_handover import SALESMAN


class CrmHandover(models.Model):
    _inherit = "crm.handover"

    @api.model
    def _get_kinds(self):
        """Contracts that are not over; what is over stays with who closed it."""
        *kinds, last = super()._get_kinds()
        states = ("draft", "approval", "sent", "signed", "executing")
        contract = HandoverKind(
            "contract", _("Contracts"), "crm.contract", [("state", "in", states)], team="team_id", group=SALESMAN
        )
        return [*kinds, contract, last]
