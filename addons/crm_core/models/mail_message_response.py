# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

#: Kinds of messages people write; Odoo's own notes are of others
WRITTEN = ("comment", "email", "sms")


class MailMessage(models.Model):
    _inherit = "mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        """What the owner writes on a lead, and an activity the owner finishes, is a first response."""
        messages = super().create(vals_list)
        facts = [
            (message.res_id, message.author_id.id, message.date)
            for message in messages.sudo()
            if message.model == "crm.lead"
            and message.res_id
            and message.author_id
            and (message.message_type in WRITTEN or message.mail_activity_type_id)
        ]
        done = any(message.mail_activity_type_id for message in messages.sudo()) if facts else False
        self.env["crm.assignment"].sudo().with_context(activity_is_done=done)._note_answers(facts)
        return messages
