# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

from ..engine.timeline import TimelineKind


class CrmTimeline(models.AbstractModel):
    """Leads and opportunities, from the day they came in."""

    _inherit = "crm.timeline"

    @api.model
    def _get_kinds(self):
        def kind(key, label, icon, lead_type):
            return TimelineKind(
                key,
                label,
                icon,
                "crm.lead",
                "deal",
                date="create_date",
                lead="id",
                domain=[("type", "=", lead_type)],
                title="name",
                author="user_id",
                amount="expected_revenue",
                currency="company_currency",
                status="stage_id",
            )

        return super()._get_kinds() + [
            kind("lead", _("Lead"), "fa-bullseye", "lead"),
            kind("opportunity", _("Opportunity"), "fa-star-o", "opportunity"),
        ]

    @api.model
    def _prepare_entry(self, kind, vals):
        """A deal nobody has valued yet has no amount."""
        entry = super()._prepare_entry(kind, vals)
        if kind.model == "crm.lead" and not entry.get("amount"):
            entry.pop("amount", None)
        return entry
