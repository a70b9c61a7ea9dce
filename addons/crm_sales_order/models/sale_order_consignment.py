# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models

from ..exceptions import SalesOrderError


class SaleOrder(models.Model):
    """Consignment: what the customer reports as used is sold and invoiced, the rest stays ours."""

    _inherit = "sale.order"

    def _report_consumption(self, quantities):
        """Settle what was used: out of our stock, and on an invoice. Also for what is kept of a loan, or lost.

        :param quantities: {sale.order.line: quantity in the goods' own unit}
        :returns: the invoices; drafts unless the user may post entries
        :rtype: account.move
        """
        self._check_goods_step()._keep_goods({line.sudo(): quantity for line, quantity in quantities.items()})
        return self.action_invoice_delivered()

    def _check_flow(self):
        super()._check_flow()
        for order in self.filtered(lambda order: order.flow in ("loan", "consignment")):
            if not order._get_custody_lines():
                raise SalesOrderError(
                    _("%(order)s: add the goods that go to the customer first; services cannot come back.", order=order.name)
                )
