# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import api, models


class MailMessage(models.Model):
    _inherit = "mail.message"

    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {"body", "subject", "description", "email_from", "reply_to"}

    def _contact_details_hidden(self):
        """Messages on hidden leads and customers: they are the follow-ups."""
        by_model = defaultdict(set)
        for message in self.filtered("res_id"):
            by_model[message.model].add(message.res_id)
        hidden = self.env["base"]._hidden_follow_ups(by_model)
        return self.filtered(lambda message: (message.model, message.res_id) in hidden)

    def _hidden_contact_details(self, names, unsaved=False):
        """The sender's address is hidden on every document when the sender is a customer: in exports, too."""
        hidden = super()._hidden_contact_details(names, unsaved=unsaved)
        addresses = {"email_from", "reply_to"} & set(names)
        if addresses and self._contact_details_unsearchable():
            messages = self.sudo()
            customers = messages.author_id._contact_details_hidden()
            ids = {message.id for message in messages if message.author_id & customers}
            hidden.update({name: hidden.get(name, set()) | ids for name in addresses if ids})
        return hidden

    def _message_format(self, fnames):
        """Odoo adds to what it read: the sender's address, and old and new values of tracked fields."""
        result = super()._message_format(fnames)
        hidden = self._hidden_contact_details(["body"]).get("body", ())
        for vals in result:
            if vals["id"] in hidden:
                vals["tracking_value_ids"] = []
                vals["attachment_ids"] = []
                if not vals["author_id"][0]:
                    vals["author_id"] = (0, self._mask_value(vals["author_id"][1]))
        return result
