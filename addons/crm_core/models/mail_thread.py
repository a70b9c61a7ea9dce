# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models
from odoo.tools import mail_header_msgid_re

CHANNEL = "crm.intake.channel"


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        """Mails to the alias of an intake channel go through the intake; answers to what was sent from a document go there."""
        others = []
        for route in routes or ():
            document = route[0] == CHANNEL and self._get_answered_document(message_dict)
            if document:
                others.append((document._name, document.id, None, route[3], None))
            elif route[0] == CHANNEL:
                for channel in self.env[CHANNEL].sudo().browse(route[1]).exists():
                    channel._accept_mail(message, message_dict)
            else:
                others.append(route)
        return super()._message_route_process(message, message_dict, others) if others or not routes else False

    @api.model
    def _get_answered_document(self, message_dict):
        """The document with the message a mail answers. Odoo takes such a mail for a new one when it is sent to an alias."""
        references = message_dict.get("references") or message_dict.get("in_reply_to") or ""
        known = self.env["mail.message"].sudo()
        message = known.search([("message_id", "in", mail_header_msgid_re.findall(references))], limit=1, order="id desc")
        if not message.res_id or message.model not in self.env or not hasattr(self.env[message.model], "message_update"):
            return None
        return self.env[message.model].sudo().browse(message.res_id).exists()
