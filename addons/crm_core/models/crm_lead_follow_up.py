# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def write(self, vals):
        """The owner who moves a stage has done something for the lead."""
        user_id = self.env.uid
        moved = self.browse()
        if "stage_id" in vals:
            moved = self.filtered(lambda lead: lead.user_id.id == user_id and lead.stage_id.id != vals["stage_id"])
        result = super().write(vals)
        if moved:
            self._followed_up(moved.ids, [user_id])
        return result

    def log_meeting(self, meeting_subject, meeting_date, duration):
        result = super().log_meeting(meeting_subject, meeting_date, duration)
        self._followed_up(self.ids, [self.env.uid])
        return result

    @api.model
    def _followed_up(self, ids, user_ids):
        """Follow-up of a lead is follow-up of its customer, if both have the same owner."""
        changed = super()._followed_up(ids, user_ids)
        companies = self.sudo().browse(changed).commercial_partner_id
        if companies:
            companies._followed_up(companies.ids, user_ids)
        return changed
