# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmPoolCustomer(models.Model):
    _name = "crm.pool.customer"
    _inherit = "crm.pool.choice"
    _description = "Customer in a Public Pool"
    _auto = False
    _pool_model = "res.partner"

    name = fields.Char(string="Customer")
    industry_id = fields.Many2one("res.partner.industry", string="Industry", readonly=True)
    is_company = fields.Boolean(string="Is a Company", readonly=True)
    lead_count = fields.Integer(string="Leads So Far", readonly=True, group_operator="avg")

    @api.model
    def _get_view_columns(self):
        return {
            **super()._get_view_columns(),
            "industry_id": "record.industry_id",
            "is_company": "record.is_company",
            "lead_count": "(SELECT count(*) FROM crm_lead AS lead WHERE lead.commercial_partner_id = record.id)",
        }

    @api.model
    def _get_view_condition(self):
        # contacts lie in the pool of their company and are claimed with it
        return " AND record.id = record.commercial_partner_id"
