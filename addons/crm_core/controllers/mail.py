# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.addons.mail.controllers.main import MailController
from odoo.http import request, route


def _hidden_partners(partner_ids):
    """Those of the partners whose contact details the user of this request may not see."""
    partners = request.env["res.partner"].browse([partner_id for partner_id in partner_ids if partner_id])
    return partners._hidden_contact_details(["email"]).get("email", ())


class CrmMailController(MailController):
    """The chatter's own routes bypass read(): mask what they tell about customers."""

    @route()
    def read_followers(self, res_model, res_id):
        result = super().read_followers(res_model, res_id)
        followers = result["followers"]
        hidden = _hidden_partners(follower["partner_id"] for follower in followers)
        for follower in followers:
            if follower["partner_id"] in hidden:
                follower["email"] = request.env["base"]._mask_value(follower["email"])
        return result

    @route()
    def message_partner_info_from_emails(self, model, res_ids, emails, link_mail=False):
        if request.env["base"]._contact_details_unsearchable():
            # whether an address belongs to a customer is not for this user to find out
            return [{"full_name": email, "partner_id": False} for email in emails]
        return super().message_partner_info_from_emails(model, res_ids, emails, link_mail=link_mail)

    @route()
    def message_get_suggested_recipients(self, model, res_ids):
        result = super().message_get_suggested_recipients(model, res_ids)
        if not request.env["base"]._contact_details_unsearchable():
            return result
        partners = request.env["res.partner"].browse({row[0] for rows in result.values() for row in rows if row[0]})
        names = {partner.id: partner.display_name for partner in partners.sudo()}
        return {
            res_id: [(row[0], names[row[0]], *row[2:]) for row in rows if row[0]] for res_id, rows in result.items()
        }
