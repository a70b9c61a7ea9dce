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
        facts = {"crm.lead": [], "res.partner": []}
        for message in self.sudo():
            counts = message.message_type in FOLLOW_UPS or message.mail_activity_type_id
            if message.model in facts and message.res_id and counts:
                facts[message.model] += [(message.res_id, user.id, message.date) for user in message.author_id.user_ids]
        for model_name, rows in facts.items():
            self.env[model_name].sudo()._followed_up(rows)
