# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "crm.company.facts", "crm.enrichable"]

    # What a lead calls its credit code is a company's tax number in China.
    credit_code = fields.Char(
        string="Credit Code", related="vat", readonly=False, help="Unified social credit code (18 characters), which is the tax number."
    )

    def _get_company_name(self):
        return self.is_company and self.name
