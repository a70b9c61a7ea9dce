# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

from ..engine.timeline import TimelineKind


class CrmTimeline(models.AbstractModel):
    """Leads and opportunities that went on to another stage."""

    _inherit = "crm.timeline"

    @api.model
    def _get_kinds(self):
        return super()._get_kinds() + [
            TimelineKind(
                "stage",
                _("Stage"),
                "fa-flag-o",
                "crm.stage.move",
                "deal",
                date="date",
                lead="lead_id",
                domain=[("from_stage_id", "!=", False)],
                title="lead_id",
                text="from_stage_id",
                author="user_id",
                status="to_stage_id",
            )
        ]

    @api.model
    def _prepare_entry(self, kind, vals):
        """A move opens its lead and says from where to where it went."""
        entry = super()._prepare_entry(kind, vals)
        if kind.key == "stage":
            entry.update(
                text=_("From “%(stage)s”", stage=entry["text"]),
                res_model="crm.lead",
                res_id=vals["lead_id"][0],
            )
        return entry
