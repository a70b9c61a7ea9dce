# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class CrmCustomerTagRule(models.Model):
    """Orders say what was bought, quotations what was asked for."""

    _inherit = "crm.customer.tag.rule"

    @api.model
    def _get_product_history(self):
        history = super()._get_product_history()
        line = (
            "SELECT buyer.commercial_partner_id AS partner_id, line.product_id, sale.date_order::date AS day FROM sale_order AS sale"
            " JOIN res_partner AS buyer ON buyer.id = sale.partner_id JOIN sale_order_line AS line ON line.order_id = sale.id"
            " WHERE line.product_id IS NOT NULL"
        )
        history["bought"].append(line + " AND sale.state IN ('sale', 'done')")
        history["asked"].append(line + " AND sale.state != 'cancel'")
        return history
