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

    def _prepare_dedupe_row(self):
        if not self.is_customer:
            return None
        keys = self.env["crm.dedupe.key"]
        values = {
            "phone": self.phone,
            "mobile": self.mobile,
            "email": self.email,
            "wechat": self.wechat,
            "uscc": not self.parent_id and self.vat,
            "company": self.name if self.is_company else not self.parent_id and self.company_name,
        }
        return (self.company_id.id or 0, self.active, keys._get_keys(values, keys._get_region()))
