# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models


class MailThread(models.AbstractModel):
    """Mails and pushed messages leave the ORM unmasked: who may not read a message gets a notice that it is there."""

    _inherit = "mail.thread"

    def _notify_compute_recipients(self, message, msg_vals):
        recipients = super()._notify_compute_recipients(message, msg_vals)
        partner_ids = [partner["id"] for partner in recipients["partners"]]
        users = self.env["res.users"].sudo()
        users = users.search([("partner_id", "in", partner_ids)]) if partner_ids else users
        shut_out, unsigned = self._get_blind_users(message, users)
        if shut_out or unsigned:
            gone = set((shut_out | unsigned).partner_id.ids)
            recipients["partners"] = [partner for partner in recipients["partners"] if partner["id"] not in gone]
            self._tell_blind_users(message, shut_out, unsigned)
        channels = self.env["mail.channel"].sudo().browse(channel["id"] for channel in recipients["channels"])
        open_ids = {one.id for one in channels if not any(self._get_blind_users(message, one.channel_partner_ids.user_ids))}
        recipients["channels"] = [channel for channel in recipients["channels"] if channel["id"] in open_ids]
        return recipients

    @api.model
    def _get_blind_users(self, message, users):
        """The internal users who must not get the message as it is.

        :return: (those from whom the document's follow-ups are hidden, those from whom only its sender is, a customer,
            whose address the mail would carry)
        """
        sudo = message.sudo()
        document = {sudo.model: [sudo.res_id]} if sudo.model and sudo.res_id else {}
        shut_out = unsigned = users.browse()
        for user in users.filtered(lambda one: not one.share):
            masked = not user._sees_contact_details()
            if not masked and not user._is_crm_limited():
                continue
            if self.env["base"].with_user(user)._hidden_follow_ups(document):
                shut_out |= user
            elif masked and sudo.author_id.with_user(user).sudo()._contact_details_hidden():
                unsigned |= user
        return shut_out, unsigned

    @api.model
    def _tell_blind_users(self, message, shut_out, unsigned):
        """What they may know. Mere followers of a hidden document are not told that there was something to see."""
        sudo = message.sudo()
        notices = self.env["crm.notification"].sudo()
        author = sudo.author_id.user_ids.filtered(lambda user: not user.share)[:1].name
        for user in shut_out & sudo.partner_ids.user_ids:
            this = self.with_context(lang=user.lang)
            notices._notify(user, *this._get_shut_out_notice(author))
        for user in unsigned:
            this = self.with_context(lang=user.lang)
            record = self.env[sudo.model].sudo().browse(sudo.res_id) if sudo.model and sudo.res_id else None
            notices._notify(user, *this._get_unsigned_notice(sudo.author_id.name, sudo.record_name), record=record)

    @api.model
    def _get_shut_out_notice(self, author):
        subject = _("%s wrote to you about a customer or lead that is not shown to you", author or _("Somebody"))
        return subject, _("What is written there stays with those who work on it. Ask your colleague.")

    @api.model
    def _get_unsigned_notice(self, writer, name):
        return _("%(customer)s wrote on “%(document)s”", customer=writer, document=name or ""), _("Open the document to read it.")
