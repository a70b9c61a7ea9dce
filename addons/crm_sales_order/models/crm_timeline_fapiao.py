# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models
from odoo.addons.crm_core.engine.timeline import TimelineKind


class CrmTimeline(models.AbstractModel):
    """Fapiao that were issued, and the red ones that took them back."""

    _inherit = "crm.timeline"

    @api.model
    def _get_kinds(self):
        return super()._get_kinds() + [
            TimelineKind(
                "fapiao",
                _("Fapiao"),
                "fa-file-o",
                "crm.fapiao",
                "money",
                date="date_issued",
                partner="partner_id",
                domain=[("state", "=", "issued")],
                title="number",
                text="buyer_name",
                author="user_id",
                amount="amount_total",
                status="red_state",
                looks={"part": "attention", "whole": "late"},
            )
        ]
