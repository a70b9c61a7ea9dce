# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Odoo's records and wizards that hold copies of customers' contact details (contract: contact_details.py)."""
from odoo import _, api, models

from ..exceptions import ContactDetailsError


class MailingTrace(models.Model):
    _inherit = "mailing.trace"

    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {"email", "sms_number"}


class MailNotification(models.Model):
    _inherit = "mail.notification"
    _contact_details_path = "res_partner_id"

    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {"sms_number"}


class ResCompany(models.Model):
    """Its address is its partner's: a form that puts a customer there would show the customer's."""

    _inherit = "res.company"
    _contact_details_path = "partner_id"

    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {"email_formatted", "street", "street2", "zip", "phone", "email"}


class MailFollowers(models.Model):
    _inherit = "mail.followers"
    _contact_details_path = "partner_id"

    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {"email"}


class CalendarEvent(models.Model):
    _inherit = "calendar.event"
    _contact_details_follow_ups = True

    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {"description", "location"}

    def _contact_details_hidden(self):
        """Meetings about hidden leads or with hidden customers; one's own meetings are shown."""
        mine = self.filtered(lambda event: self.env.user.partner_id in event.partner_ids)
        others = self - mine
        leads = others.opportunity_id._contact_details_hidden()
        partners = others.partner_ids._contact_details_hidden()
        return others.filtered(lambda event: event.opportunity_id & leads or event.partner_ids & partners)


class PortalWizardUser(models.TransientModel):
    _inherit = "portal.wizard.user"
    _contact_details_path = "partner_id"

    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {"email"}


class SmsComposer(models.TransientModel):
    _inherit = "sms.composer"

    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {
            "numbers",
            "sanitized_numbers",
            "recipient_single_number",
            "recipient_single_number_itf",
        }


class SmsResendRecipient(models.TransientModel):
    _inherit = "sms.resend.recipient"

    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {"sms_number"}


class MergePartnerAutomatic(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Merging a customer into another partner would unmask it."""
        partners = self.env["res.partner"].browse(partner_ids)
        if partners._hidden_contact_details(["phone"]):
            raise ContactDetailsError(_("Customers are among these partners. Ask sales to merge them."))
        return super()._merge(partner_ids, dst_partner=dst_partner, extra_checks=extra_checks)
