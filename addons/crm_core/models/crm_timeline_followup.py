# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

from ..engine.timeline import TimelineKind


class CrmTimeline(models.AbstractModel):
    """Follow-ups: what colleagues did for a customer or lead."""

    _inherit = "crm.timeline"

    @api.model
    def _get_kinds(self):
        def kind(key, label, icon, group, kinds):
            return TimelineKind(
                key,
                label,
                icon,
                "crm.followup",
                group,
                date="date",
                partner="partner_id",
                lead="lead_id",
                domain=[("kind", "in", kinds)],
                title="kind",
                text="summary",
                author="user_id",
                status="outcome_id",
            )

        return super()._get_kinds() + [
            kind("call", _("Logged Call"), "fa-phone", "call", ["call"]),
            kind("visit", _("Logged Visit"), "fa-map-marker", "visit", ["visit", "meeting"]),
            kind("note", _("Logged Message"), "fa-commenting-o", "message", ["wechat", "email", "note"]),
        ]
