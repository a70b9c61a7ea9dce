# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

#: Kinds of messages that count as follow-up when the owner sent them
FOLLOW_UPS = ("comment", "email", "sms")


class MailMessage(models.Model):
    _inherit = "mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        messages = super().create(vals_list)
        messages._note_follow_ups()
        return messages

    def _note_follow_ups(self):
        """Messages of owners, and activities they finished, count as follow-up: one UPDATE per model and batch."""
        for model_name in ("crm.lead", "res.partner"):
            done = self.sudo().filtered(
                lambda message: message.model == model_name  # noqa: B023
                and message.res_id
                and message.author_id.user_ids
                and (message.message_type in FOLLOW_UPS or message.mail_activity_type_id)
            )
            if done:
                self.env[model_name].sudo()._followed_up(set(done.mapped("res_id")), done.author_id.user_ids.ids)
