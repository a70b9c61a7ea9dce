# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

from ..exceptions import CrmUserError


class CrmFollowup(models.Model):
    """The one screen on which a follow-up is logged."""

    _inherit = "crm.followup"

    @api.model
    def _get_log_action(self):
        """The form for the customer or lead of the context (``active_model``, ``active_id``), in a dialog.

        What the user left in progress there, a visit say, is opened again.
        """
        model, record_id = self.env.context.get("active_model"), self.env.context.get("active_id")
        link = {"crm.lead": "lead_id", "res.partner": "partner_id"}.get(model)
        if not link or not record_id:
            raise CrmUserError(_("Open a customer or lead first, then log the follow-up there."))
        opened = self.search([("user_id", "=", self.env.uid), ("state", "=", "open"), (link, "=", record_id)], limit=1)
        return {
            "type": "ir.actions.act_window",
            "name": _("Log Follow-up"),
            "res_model": self._name,
            "res_id": opened.id,
            "view_mode": "form",
            "views": [(self.env.ref("crm_core.crm_followup_view_form_log").id, "form")],
            "target": "new",
            "context": {"default_state": "open", "default_" + link: record_id},
        }

    @api.model
    def default_get(self, fields_list):
        """Whose customer a lead is; of a contact, its company."""
        vals = super().default_get(fields_list)
        lead = self.env["crm.lead"].browse(vals.get("lead_id"))
        partner = self.env["res.partner"].browse(vals.get("partner_id")) or lead.partner_id
        company = partner.commercial_partner_id
        if partner and "partner_id" in fields_list:
            vals["partner_id"] = company.id
        if partner != company and "contact_id" in fields_list:
            vals.setdefault("contact_id", partner.id)
        return vals

    @api.onchange("lead_id")
    def _onchange_lead(self):
        if self.lead_id.partner_id:
            self.partner_id = self.lead_id.partner_id.commercial_partner_id
