# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.addons.sale.controllers.portal import CustomerPortal
from odoo.http import request


class QuotationPortal(CustomerPortal):
    def _order_get_page_view_values(self, order, access_token, **kwargs):
        """Called with an order the visitor may see. A colleague who looks at the customer's page opens nothing."""
        if order.state == "sent" and request.env.user.share:
            order._note_opened()
        return super()._order_get_page_view_values(order, access_token, **kwargs)
