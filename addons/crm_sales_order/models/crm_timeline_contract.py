# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models
from odoo.addons.crm_core.engine.timeline import TimelineKind


class CrmTimeline(models.AbstractModel):
    """Contracts, from the day they went to the customer."""

    _inherit = "crm.timeline"

    @api.model
    def _get_kinds(self):
        return super()._get_kinds() + [
            TimelineKind(
                "contract",
                _("Contract"),
                "fa-handshake-o",
                "crm.contract",
                "order",
                date="sent_on",
                partner="partner_id",
                domain=[("sent_on", "!=", False)],
                title="name",
                text="title",
                author="user_id",
                amount="amount_total",
                status="state",
                looks={"sent": "attention", "signed": "on_track", "executing": "on_track", "done": "done", "terminated": "late"},
            )
        ]
