# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class CrmImportLoader(models.AbstractModel):
    _inherit = "crm.import.loader"

    @api.model
    def _prepare_product(self, product, categories):
        """Where stock is kept, what another CRM sold is storable: otherwise every order would look available."""
        return {**super()._prepare_product(product, categories), "type": "product"}
