# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class ResPartner(models.Model):
    """Customers and their contacts have keys; suppliers, users and the own companies have none."""

    _name = "res.partner"
    _inherit = ["res.partner", "crm.dedupe.mixin"]
    _dedupe_query = """
        SELECT id, COALESCE(company_id, 0), COALESCE(active, FALSE), phone, mobile, email, wechat,
               CASE WHEN parent_id IS NULL THEN vat END,
               CASE WHEN is_company THEN name WHEN parent_id IS NULL THEN company_name END
          FROM res_partner
         WHERE id = ANY(%s) AND is_customer
    """
    _dedupe_fields = {
        "phone": "phone",
        "mobile": "mobile",
        "email": "email",
        "wechat": "wechat",
        "uscc": "vat",
        "company": "name",
    }

    @api.depends(
        "phone",
        "mobile",
        "email",
        "wechat",
        "vat",
        "name",
        "is_company",
        "company_name",
        "company_id",
        "active",
        "is_customer",
        "parent_id",
    )
    def _compute_dedupe_synced(self):
        return super()._compute_dedupe_synced()

    @api.depends("phone", "mobile", "email", "wechat", "vat", "name", "is_company")
    def _compute_dedupe_warning(self):
        return super()._compute_dedupe_warning()

    def _get_typed_values(self):
        values = super()._get_typed_values()
        if not self.is_company:
            values.pop("name", None)  # many people share one
        return values

    def _get_dedupe_own(self):
        company = self.parent_id._origin.commercial_partner_id
        return super()._get_dedupe_own() + [("res.partner", partner_id) for partner_id in company.ids]

    def _prepare_dedupe_row(self, region):
        if not self.is_customer:
            return None
        return (self.company_id.id or 0, self.active, self._get_dedupe_keys(self._get_dedupe_values(), region))

    def _get_dedupe_values(self):
        """Credit code and company name belong to the company, not to each of its contacts."""
        values = {field: self[field] for field in self._dedupe_fields.values()}
        values["vat"] = not self.parent_id and self.vat
        values["name"] = self.name if self.is_company else not self.parent_id and self.company_name
        return values
