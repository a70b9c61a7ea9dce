# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from .res_partner_behaviour import READERS


class ResPartner(models.Model):
    """Reminders sent to the customer, and whether they are on hold."""

    _inherit = "res.partner"

    dunning_notice_count = fields.Integer("Reminders", compute="_compute_dunning", groups=READERS)
    dunning_hold = fields.Char("Not Reminded", compute="_compute_dunning", groups=READERS, help="Why this customer is left alone.")

    @api.depends_context("tz", "company")
    def _compute_dunning(self):
        """Of the commercial customer and the company at hand; two queries for all."""
        own = [("partner_id", "in", self.commercial_partner_id.ids), ("company_id", "=", self.env.company.id)]
        groups = self.env["crm.dunning.notice"].sudo().read_group(own, ["partner_id"], ["partner_id"])
        counts = {group["partner_id"][0]: group["partner_id_count"] for group in groups}
        today = fields.Date.context_today(self)
        until = ["|", ("date_until", "=", False), ("date_until", ">=", today)]
        holds = self.env["crm.dunning.hold"].sudo().search(own + [("invoice_id", "=", False)] + until)
        reasons = {hold.partner_id.id: hold.reason for hold in holds}
        for partner in self:
            partner.dunning_notice_count = counts.get(partner.commercial_partner_id.id, 0)
            partner.dunning_hold = reasons.get(partner.commercial_partner_id.id)

    def _get_dunning_recipients(self):
        """{customer: who gets its letters}: the contact for invoices that has an e-mail address, or else itself. One query."""
        domain = [("parent_id", "in", self.ids), ("type", "=", "invoice"), ("email", "not in", (False, ""))]
        recipients = {partner: partner for partner in self}
        for contact in self.search(domain, order="id desc"):
            recipients[contact.parent_id] = contact
        return recipients

    def action_view_dunning(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_sales_order.crm_dunning_notice_action")
        return {**action, "domain": [("partner_id", "=", self.commercial_partner_id.id)], "context": {}}

    def action_hold_reminders(self):
        """Opens a form to say why this customer is left alone."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": _("Do Not Remind"),
            "res_model": "crm.dunning.hold",
            "view_mode": "form",
            "target": "new",
            "context": {"default_kind": "customer", "default_partner_id": self.commercial_partner_id.id},
        }
