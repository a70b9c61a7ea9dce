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

    def _mask_read(self, vals_list, fnames):
        """The sender's address is masked on every document when the sender is a customer."""
        result = super()._mask_read(vals_list, fnames)
        names = {"email_from", "reply_to"} & set(fnames)
        if names and self._contact_details_unsearchable():
            messages = self.sudo().browse(vals["id"] for vals in vals_list)
            customers = messages.author_id._contact_details_hidden()
            from_customers = set(messages.filtered(lambda message: message.author_id & customers).ids)
            for vals in vals_list:
                if vals["id"] in from_customers:
                    vals.update({name: self._mask_value(vals[name]) for name in names})
        return result

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
