# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.tools import html2plaintext

from ..exceptions import ServiceError


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    # labels of OCA's fields, which has no Chinese
    number = fields.Char("Ticket Number")
    name = fields.Char("Title")
    description = fields.Html("Description")
    user_id = fields.Many2one(string="Assigned To")
    team_id = fields.Many2one(string="Team")
    stage_id = fields.Many2one(string="Stage")
    channel_id = fields.Many2one(string="Channel")
    category_id = fields.Many2one(string="Category")
    tag_ids = fields.Many2many(string="Tags")
    partner_id = fields.Many2one(string="Contact")
    partner_name = fields.Char("Contact Name")
    partner_email = fields.Char("Email")
    partner_lang = fields.Selection(string="Language")
    last_stage_update = fields.Datetime("Last Stage Change")
    assigned_date = fields.Datetime("Assigned On")
    closed_date = fields.Datetime("Closed On")
    priority = fields.Selection(string="Priority")

    service_order_ids = fields.One2many("crm.service.order", "ticket_id", string="Work Orders")
    service_order_count = fields.Integer(compute="_compute_service_order_count")
    asset_id = fields.Many2one("crm.service.asset", string="Installed Product")
    commercial_partner_id = fields.Many2one(related="partner_id.commercial_partner_id", string="Customer")

    @api.depends("service_order_ids")
    def _compute_service_order_count(self):
        groups = self.env["crm.service.order"].read_group([("ticket_id", "in", self.ids)], ["ticket_id"], ["ticket_id"])
        counts = {group["ticket_id"][0]: group["ticket_id_count"] for group in groups}
        for ticket in self:
            ticket.service_order_count = counts.get(ticket.id, 0)

    @api.onchange("asset_id")
    def _onchange_asset_id(self):
        if self.asset_id and not self.partner_id:
            self.partner_id = self.asset_id.partner_id

    def action_create_service_order(self):
        """Open one work order per ticket that has none under way, and show them.

        Pressing the button twice opens the same work orders again.

        :raise ServiceError: a ticket has no contact, so nobody knows where to go
        """
        nameless = self.filtered(lambda ticket: not (ticket.partner_id or ticket.asset_id))
        if nameless:
            raise ServiceError(_("Choose the contact of the ticket first: %s", ", ".join(nameless.mapped("number"))))
        Order = self.env["crm.service.order"]
        active = Order.search([("ticket_id", "in", self.ids), ("state", "not in", ("done", "cancel"))])
        active |= Order.create([ticket._prepare_service_order() for ticket in self - active.ticket_id])
        action = self.env["ir.actions.actions"]._for_xml_id("crm_service.crm_service_order_action")
        action.update(domain=[("id", "in", active.ids)], context={})
        if len(active) == 1:
            action.update(res_id=active.id, views=[(False, "form")])
        return action

    def _prepare_service_order(self):
        """Return the values of the work order of one ticket."""
        self.ensure_one()
        asset = self.asset_id
        return {
            "ticket_id": self.id,
            "kind": "on_site",
            "partner_id": (asset.partner_id or self.partner_id.commercial_partner_id).id,
            "address_id": (asset.address_id or self.partner_id).id,
            "asset_id": asset.id,
            "sale_order_id": asset.sale_order_id.id,
            "fault": "\n".join(filter(None, (self.name, html2plaintext(self.description or "")))),
            "priority": "1" if self.priority in ("2", "3") else "0",
            "company_id": self.company_id.id,
        }

    def action_view_service_orders(self):
        """Open the work orders of these tickets."""
        action = self.env["ir.actions.actions"]._for_xml_id("crm_service.crm_service_order_action")
        action["domain"] = [("ticket_id", "in", self.ids)]
        action["context"] = {}
        return action
