# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

from ..engine.customer import Fact


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "crm.advised"]

    @api.model
    def _get_fact_definitions(self):
        """{name: :class:`Fact`}: what can be known of a lead, with a label for the reader."""
        return {
            "created": Fact(_("Known since"), "date"),
            "last_contact": Fact(_("Last contact"), "date"),
            "next_activity_date": Fact(_("Next planned step"), "date"),
            "expected_closing": Fact(_("Expected closing"), "date"),
            "stage_since": Fact(_("In this stage since"), "date"),
            "expected_revenue": Fact(_("Expected revenue"), "money"),
        }

    @api.model
    def _get_advice_subject(self):
        return "lead"

    def _is_advised(self):
        return self.active and self.probability < 100

    def _get_advice_facts(self):
        lead = self.sudo()
        deadlines = lead.activity_ids.mapped("date_deadline")
        currency = self.env.company.currency_id
        return {
            "created": lead.create_date.date(),
            "last_contact": lead.date_last_follow_up.date() if lead.date_last_follow_up else None,
            "next_activity_date": min(deadlines) if deadlines else None,
            "expected_closing": lead.date_deadline or None,
            "stage_since": lead.date_last_stage_update.date() if lead.date_last_stage_update else None,
            "expected_revenue": lead.company_currency._convert(lead.expected_revenue, currency, self.env.company, lead.create_date.date())
            if lead.company_currency
            else lead.expected_revenue,
        }

    def _get_draft_facts(self):
        company = self.commercial_partner_id
        return {
            _("Subject"): self.name,
            _("Customer"): company.name if company.is_company else self.partner_name,
            _("City"): self.city,
            _("Stage"): self.stage_id.name,
            _("Product"): self.sudo().product_id.name,
        }

    def _get_draft_secrets(self):
        lead = self.sudo()
        secrets = [lead.contact_name, *lead._get_contact_texts()]
        return [*filter(None, secrets), *(lead.partner_id._get_draft_secrets() if lead.partner_id else [])]
