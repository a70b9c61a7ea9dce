# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models
from odoo.addons.crm_core.engine.handover import HandoverKind


class CrmHandover(models.Model):
    _inherit = "crm.handover"

    @api.model
    def _get_kinds(self):
        """Tickets that are not closed, and work orders that are not done."""
        *kinds, last = super()._get_kinds()
        kinds += [
            HandoverKind(
                "ticket",
                _("Tickets"),
                "helpdesk.ticket",
                [("active", "=", True), ("stage_id.closed", "=", False)],
                group="helpdesk_mgmt.group_helpdesk_user",
            ),
            HandoverKind(
                "work_order",
                _("Work Orders"),
                "crm.service.order",
                [("state", "not in", ("done", "cancel"))],
                owner="technician_id",
                group="crm_service.group_technician",
            ),
        ]
        return [*kinds, last]
