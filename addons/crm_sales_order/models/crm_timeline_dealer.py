# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models
from odoo.addons.crm_core.engine.timeline import TimelineKind


class CrmTimeline(models.AbstractModel):
    """What a dealer reports and hands in."""

    _inherit = "crm.timeline"

    @api.model
    def _get_kinds(self):
        return super()._get_kinds() + [
            TimelineKind(
                "dealer_report",
                _("Dealer Report"),
                "fa-bar-chart",
                "crm.dealer.report",
                "order",
                date="date_reported",
                partner="dealer_id",
                title="display_name",
                status="source",
            ),
            TimelineKind(
                "dealer_task",
                _("Dealer Task Handed In"),
                "fa-check-square-o",
                "crm.dealer.task.line",
                "activity",
                date="date_submitted",
                partner="dealer_id",
                title="task_id",
                text="note",
                status="state",
                looks={"submitted": "attention", "returned": "late"},
            ),
        ]
