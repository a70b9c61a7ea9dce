# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class AccountEdiFormat(models.Model):
    _inherit = "account.edi.format"

    def _is_required_for_invoice(self, invoice):
        """Factur-X is Europe's e-invoice: elsewhere nobody reads the XML, which is half the work of posting."""
        required = super()._is_required_for_invoice(invoice)
        if self.code != "facturx_1_0_05":
            return required
        return required and invoice.company_id.country_id in self.env.ref("base.europe").country_ids
