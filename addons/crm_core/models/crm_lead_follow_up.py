# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def write(self, vals):
        """The owner who moves a stage has done something for the lead."""
        moved = self.browse()
        if "stage_id" in vals:
            moved = self.filtered(lambda lead: lead.stage_id.id != vals["stage_id"])
        result = super().write(vals)
        moved._followed_up_now()
        return result

    def log_meeting(self, meeting_subject, meeting_date, duration):
        result = super().log_meeting(meeting_subject, meeting_date, duration)
        self._followed_up_now()
        return result

    def _followed_up_now(self):
        now = fields.Datetime.now()
        self._followed_up([(lead_id, self.env.uid, now) for lead_id in self.ids])

    @api.model
    def _followed_up(self, facts):
        """Follow-up of a lead is follow-up of its customer, if both have the same owner."""
        changed = super()._followed_up(facts)
        companies = {lead.id: lead.commercial_partner_id.id for lead in self.sudo().browse(changed)}
        self.env["res.partner"]._followed_up(
            [(companies[lead_id], *fact) for lead_id, *fact in facts if companies.get(lead_id)]
        )
        return changed
