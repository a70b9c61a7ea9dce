# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "crm.company.facts", "crm.enrichable"]

    ip_location = fields.Char(
        string="IP From", readonly=True, copy=False, help="Province and city the form was sent from, by IP address."
    )
    partner_latitude = fields.Float(string="Latitude", digits=(16, 5), copy=False)
    partner_longitude = fields.Float(string="Longitude", digits=(16, 5), copy=False)

    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {"partner_latitude", "partner_longitude"}

    def _merge_data(self, fields):
        """What is known of the company is kept when leads are merged."""
        facts = (*self._get_fact_fields(), "phone_location", "phone_carrier", "ip_location")
        return super()._merge_data([*fields, *(name for name in facts if name not in fields)])

    def _get_company_name(self):
        return self.partner_name or (self.partner_id.commercial_partner_id.is_company and self.partner_id.commercial_company_name)

    def _prepare_customer_values(self, partner_name, is_company=False, parent_id=False):
        """A customer made from the lead keeps what is known of its company."""
        vals = super()._prepare_customer_values(partner_name, is_company=is_company, parent_id=parent_id)
        vals.update(partner_latitude=self.partner_latitude, partner_longitude=self.partner_longitude)
        if is_company:
            vals.update((name, self[name]) for name in self._get_fact_fields())
            vals.setdefault("vat", self.credit_code)
        return vals
