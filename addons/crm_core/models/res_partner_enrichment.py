# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "crm.company.facts", "crm.enrichable"]

    def _get_company_name(self):
        return self.is_company and self.name
