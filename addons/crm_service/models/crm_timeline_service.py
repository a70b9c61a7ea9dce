# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models, tools
from odoo.addons.crm_core.engine.timeline import TimelineKind


class CrmTimeline(models.AbstractModel):
    """Tickets, and work orders from the day they are opened or, once done, on the day they were."""

    _inherit = "crm.timeline"

    def init(self):
        super().init()
        # Serves the timeline of a customer; the uninstall hook drops it.
        tools.create_index(self.env.cr, "helpdesk_ticket_partner_idx", "helpdesk_ticket", ["partner_id"])

    @api.model
    def _get_kinds(self):
        def work(key, label, icon, date, operator):
            return TimelineKind(
                key,
                label,
                icon,
                "crm.service.order",
                "service",
                date=date,
                partner="partner_id",
                lead="sale_order_id.opportunity_id",
                domain=[("state", operator, "done")],
                title="name",
                text="fault",
                author="technician_id",
                status="state",
                looks={"draft": "attention", "planned": "on_track", "on_way": "on_track", "in_progress": "on_track"},
            )

        return super()._get_kinds() + [
            TimelineKind(
                "ticket",
                _("Ticket"),
                "fa-life-ring",
                "helpdesk.ticket",
                "service",
                date="create_date",
                partner="partner_id",
                title="name",
                text="number",
                author="user_id",
                status="stage_id",
            ),
            work("service_order", _("Work Order"), "fa-wrench", "create_date", "!="),
            work("service_done", _("Work Done"), "fa-check-circle-o", "done_on", "="),
        ]
