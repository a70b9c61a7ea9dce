# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmCompanyFacts(models.AbstractModel):
    """What is publicly known of a company, and where a phone number is from: on leads and customers alike.

    Typed by people or filled by :class:`~.crm_enrichment.CrmEnrichment`, which never overwrites what is there.
    """

    _name = "crm.company.facts"
    _description = "Company Facts"

    legal_person = fields.Char(string="Legal Person")
    registered_capital = fields.Float(string="Registered Capital (CNY)", digits=(16, 2))
    company_status = fields.Char(string="Registration Status", help="As the register of companies calls it.")
    company_industry = fields.Char(string="Industry (Register)")
    phone_location = fields.Char(
        string="Phone From", readonly=True, copy=False, help="Province and city the phone number was issued in."
    )
    phone_carrier = fields.Char(string="Carrier", readonly=True, copy=False)

    @api.model
    def _get_fact_fields(self):
        """Names of the fields a provider may fill, beside the credit code and those of the address."""
        return ("legal_person", "registered_capital", "company_status", "company_industry")

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(self.env["crm.enrichment"]._with_phone_places(vals_list))

    def write(self, vals):
        result = super().write(vals)
        if ("phone" in vals or "mobile" in vals) and "phone_location" not in vals:
            self._refresh_phone_places()
        return result

    def _refresh_phone_places(self):
        """Set where the numbers are from: one write for all records with numbers of one place."""
        get_place = self.env["crm.enrichment"]._get_phone_place
        by_place = {}
        for record in self:
            place = get_place(record.mobile, record.phone)
            vals = (place.label or False, place.carrier or False)
            if vals != (record.phone_location, record.phone_carrier):
                by_place.setdefault(vals, self.browse())
                by_place[vals] |= record
        for (label, carrier), records in by_place.items():
            records.write({"phone_location": label, "phone_carrier": carrier})
