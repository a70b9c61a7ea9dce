# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        """Any finished activity answers the lead: the one that asks for the first response goes, too."""
        lead_ids = self.filtered(lambda activity: activity.res_model == "crm.lead").mapped("res_id")
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        leads = self.env["crm.lead"].sudo().browse(lead_ids).exists()
        answered = leads.filtered("first_responded_at").ids
        if answered:
            self.env["crm.assignment.notice"]._drop_first_responses(answered)
        return result
