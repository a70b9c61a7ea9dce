# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models
from odoo.addons.crm_core.engine.timeline import TimelineKind


class CrmTimeline(models.AbstractModel):
    """Reminders on the customer's timeline."""

    _inherit = "crm.timeline"

    @api.model
    def _get_kinds(self):
        return super()._get_kinds() + [
            TimelineKind(
                "reminder",
                _("Reminder"),
                "fa-bell-o",
                "crm.dunning.notice",
                "money",
                date="date",
                partner="partner_id",
                title="level_id",
                amount="amount",
                status="state",
                looks={"to_send": "attention", "no_address": "attention", "sent": "on_track", "settled": "done"},
            )
        ]
