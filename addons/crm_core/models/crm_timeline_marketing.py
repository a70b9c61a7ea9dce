# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

from ..engine.timeline import TimelineKind


class CrmTimeline(models.AbstractModel):
    """What marketing hears of and sends to a customer: touchpoints and mailings."""

    _inherit = "crm.timeline"

    @api.model
    def _get_kinds(self):
        return super()._get_kinds() + [
            TimelineKind(
                "touchpoint",
                _("Touchpoint"),
                "fa-hand-pointer-o",
                "crm.touchpoint",
                "marketing",
                date="received_at",
                partner="partner_id",
                lead="lead_id",
                title="channel_id",
                text="landing_page",
                status="outcome",
            ),
            TimelineKind(
                "mailing",
                _("Mailing"),
                "fa-envelope-o",
                "mailing.trace",
                "marketing",
                date="sent",
                reference=("model", "res_id"),
                title="mass_mailing_id",
                status="state",
                looks={"exception": "late", "bounced": "late", "opened": "on_track", "replied": "on_track"},
            ),
        ]
