# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_customers(self):
        """Where everybody stands after what was told so far; every chapter that adds orders or the like calls it again."""
        self._date_last_contacts()
        customers = self._quiet().env["res.partner"].search([("is_customer", "=", True), ("parent_id", "=", False)])
        customers._update_customer_state()
        self.env["crm.rfm.score"]._draw()
        self.env["res.partner"]._update_grades()

    @api.model
    def _date_last_contacts(self):
        """Notes are told before owners' dates are moved back, so that nobody was their owner yet: date the contacts here."""
        self.env["crm.lead"].flush()
        self.env.cr.execute(
            """
            UPDATE crm_lead SET date_last_follow_up = note.last
              FROM (SELECT message.res_id, max(message.date) AS last FROM mail_message AS message
                      JOIN res_users AS author ON author.partner_id = message.author_id
                     WHERE message.model = 'crm.lead' AND message.message_type = 'comment' GROUP BY 1) AS note
             WHERE note.res_id = crm_lead.id AND crm_lead.date_last_follow_up IS NULL;
            UPDATE res_partner SET date_last_follow_up = lead.last
              FROM (SELECT commercial_partner_id, max(date_last_follow_up) AS last FROM crm_lead GROUP BY 1) AS lead
             WHERE lead.commercial_partner_id = res_partner.id AND res_partner.date_last_follow_up IS NULL
            """
        )
        self.env["crm.lead"].invalidate_cache(["date_last_follow_up"])
        self.env["res.partner"].invalidate_cache(["date_last_follow_up"])
