# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models
from odoo.addons.crm_core.engine.timeline import TimelineKind


class CrmTimeline(models.AbstractModel):
    """Where shipments are: what changed something, not every stop of the parcel."""

    _inherit = "crm.timeline"

    @api.model
    def _get_kinds(self):
        return super()._get_kinds() + [
            TimelineKind(
                "tracking",
                _("Shipment"),
                "fa-map-marker",
                "crm.tracking.event",
                "order",
                date="date",
                partner="partner_id",
                lead="sale_id.opportunity_id",
                domain=[("milestone", "=", True)],
                title="text",
                text="place",
                status="state",
                looks={"delivered": "done", "problem": "late", "returned": "late"},
            )
        ]
