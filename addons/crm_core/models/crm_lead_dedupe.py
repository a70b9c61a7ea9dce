# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "crm.dedupe.mixin"]
    _dedupe_query = """
        SELECT lead.id, COALESCE(lead.company_id, 0), lead.active AND NOT COALESCE(stage.is_won, FALSE),
               lead.phone, lead.mobile, lead.email_from, lead.wechat, lead.credit_code, lead.partner_name
          FROM crm_lead AS lead
     LEFT JOIN crm_stage AS stage ON stage.id = lead.stage_id
         WHERE lead.id = ANY(%s)
    """

    credit_code = fields.Char(string="Credit Code", help="Unified social credit code of the company (18 characters).")

    @api.depends(
        "phone",
        "mobile",
        "email_from",
        "wechat",
        "credit_code",
        "partner_name",
        "company_id",
        "active",
        "stage_id.is_won",
    )
    def _compute_dedupe_synced(self):
        return super()._compute_dedupe_synced()

    def _prepare_dedupe_row(self):
        keys = self.env["crm.dedupe.key"]
        values = {
            "phone": self.phone,
            "mobile": self.mobile,
            "email": self.email_from,
            "wechat": self.wechat,
            "uscc": self.credit_code,
            "company": self.partner_name,
        }
        is_open = self.active and not self.stage_id.is_won
        return (self.company_id.id or 0, is_open, keys._get_keys(values, keys._get_region()))
