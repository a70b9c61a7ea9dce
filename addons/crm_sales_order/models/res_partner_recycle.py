# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

#: Orders of a customer and its contacts
ORDERS = (
    "FROM sale_order JOIN res_partner AS buyer ON buyer.id = sale_order.partner_id"
    " WHERE buyer.commercial_partner_id = res_partner.id"
)


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _get_recycle_exclusions(self):
        """An open quotation, or an order that is not delivered and invoiced, keeps a customer with its owner."""
        return {
            **super()._get_recycle_exclusions(),
            "quotation": "EXISTS (SELECT %s AND sale_order.state IN ('draft', 'sent'))" % ORDERS,
            "order under way": "EXISTS (SELECT %s AND sale_order.state = 'sale'"
            " AND sale_order.invoice_status IN ('no', 'to invoice'))" % ORDERS,
        }

    @api.model
    def _get_last_order_sql(self):
        return "GREATEST(%s, (SELECT max(sale_order.date_order) %s AND sale_order.state IN ('sale', 'done')))" % (
            super()._get_last_order_sql(),
            ORDERS,
        )
