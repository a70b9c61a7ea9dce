# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

TITLES = 5  # open opportunities, and products, a draft is told of


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "crm.advised"]

    @api.model
    def _get_advice_subject(self):
        return "customer"

    def _is_advised(self):
        return self.commercial_partner_id.is_customer

    def _get_advice_facts(self):
        return self._get_customer_facts()[self.id]

    def _get_draft_facts(self):
        """Of deals and products those the user may see."""
        company = self.commercial_partner_id
        labels = {name: dict(self._fields[name]._description_selection(self.env)) for name in ("lifecycle", "customer_grade")}
        domain = [("commercial_partner_id", "=", company.id), ("type", "=", "opportunity"), ("probability", "!=", 100)]
        deals = self.env["crm.lead"].search(domain, order="date_deadline, id", limit=TITLES)
        asked = self.env["crm.lead"].search(
            [("commercial_partner_id", "=", company.id), ("product_id", "!=", False)], order="id desc", limit=TITLES
        )
        return {
            _("Customer"): company.name if company.is_company else "",
            _("Industry"): company.industry_id.name,
            _("City"): company.city,
            _("Lifecycle"): labels["lifecycle"].get(company.lifecycle),
            _("Grade"): labels["customer_grade"].get(company.customer_grade),
            _("Subjects of open opportunities"): [" · ".join(filter(None, (deal.name, deal.stage_id.name))) for deal in deals],
            _("Products asked for"): list(dict.fromkeys(asked.sudo().mapped("product_id.name"))),
        }

    def _get_draft_secrets(self):
        company = self.sudo().with_context(active_test=False).commercial_partner_id
        people = company | company.search([("commercial_partner_id", "=", company.id)])
        leads = company.crm_lead_ids
        names = [person.name for person in people if not person.is_company] + leads.mapped("contact_name")
        return [*names, *people._get_contact_texts(), *leads._get_contact_texts()]
