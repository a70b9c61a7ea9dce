# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

from ..engine.timeline import TimelineKind


class CrmTimeline(models.AbstractModel):
    """What is planned: activities, by the day they are due, and meetings with the customer's people."""

    _inherit = "crm.timeline"

    @api.model
    def _get_kinds(self):
        return super()._get_kinds() + [
            TimelineKind(
                "activity",
                _("Planned Activity"),
                "fa-clock-o",
                "mail.activity",
                "activity",
                date="date_deadline",
                reference=("res_model", "res_id"),
                title="activity_type_id",
                text="summary",
                author="user_id",
                status="state",
                looks={"overdue": "late", "today": "attention", "planned": "on_track"},
            ),
            TimelineKind(
                "meeting",
                _("Meeting"),
                "fa-users",
                "calendar.event",
                "visit",
                date="start",
                partner="partner_ids",
                lead="opportunity_id",
                title="name",
                text="location",
                author="user_id",
            ),
        ]
