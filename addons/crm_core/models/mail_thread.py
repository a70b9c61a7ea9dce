# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

CHANNEL = "crm.intake.channel"


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        """Mails to the alias of an intake channel go through the intake; replies to documents were routed to these before."""
        others = []
        for route in routes or ():
            if route[0] == CHANNEL:
                for channel in self.env[CHANNEL].sudo().browse(route[1]).exists():
                    channel._accept_mail(message, message_dict)
            else:
                others.append(route)
        return super()._message_route_process(message, message_dict, others) if others or not routes else False
