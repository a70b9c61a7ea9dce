# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models, tools
from odoo.addons.crm_core.engine.timeline import TimelineKind


class CrmTimeline(models.AbstractModel):
    """Quotations, orders and deliveries."""

    _inherit = "crm.timeline"

    def init(self):
        super().init()
        # Serve the timelines of a customer and of a lead; the uninstall hook drops them.
        tools.create_index(self.env.cr, "sale_order_opportunity_idx", "sale_order", ["opportunity_id"])
        tools.create_index(self.env.cr, "stock_picking_partner_idx", "stock_picking", ["partner_id"])
        tools.create_index(self.env.cr, "stock_picking_sale_idx", "stock_picking", ["sale_id"])

    @api.model
    def _get_kinds(self):
        def order(key, label, icon, states, **vals):
            return TimelineKind(
                key,
                label,
                icon,
                "sale.order",
                "order",
                date="date_order",
                partner="partner_id",
                lead="opportunity_id",
                domain=[("state", "in", states)],
                title="name",
                text="client_order_ref",
                author="user_id",
                amount="amount_total",
                **vals,
            )

        def delivery(key, label, date, states, looks):
            return TimelineKind(
                key,
                label,
                "fa-truck",
                "stock.picking",
                "order",
                date=date,
                partner="partner_id",
                lead="sale_id.opportunity_id",
                domain=[("location_dest_id.usage", "=", "customer"), ("state", "in", states)],
                title="name",
                text="origin",
                status="state",
                looks=looks,
            )

        return super()._get_kinds() + [
            order(
                "quote",
                _("Quotation"),
                "fa-file-text-o",
                ["draft", "sent", "cancel"],
                status="state",
                looks={"draft": "attention", "sent": "on_track"},
            ),
            order(
                "order",
                _("Sales Order"),
                "fa-shopping-cart",
                ["sale", "done"],
                status="payment_status",
                looks={"to_bill": "attention", "billed": "on_track", "partial": "on_track"},
            ),
            delivery("delivery", _("Delivery"), "date_done", ["done"], {}),
            delivery(
                "delivery_planned",
                _("Planned Delivery"),
                "scheduled_date",
                ["draft", "waiting", "confirmed", "assigned"],
                {"waiting": "attention", "confirmed": "attention", "assigned": "on_track"},
            ),
        ]
