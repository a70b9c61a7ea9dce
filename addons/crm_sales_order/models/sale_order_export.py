# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models

from ..exceptions import SalesOrderError


class SaleOrder(models.Model):
    """Orders from abroad: zero tax by fiscal position, an incoterm, papers in the type's language."""

    _inherit = "sale.order"

    def _check_flow(self):
        super()._check_flow()
        for order in self.filtered(lambda order: order.order_type_id.export):
            missing = order._get_missing_for_export()
            if missing:
                raise SalesOrderError(
                    _("%(order)s goes abroad and still lacks: %(missing)s.", order=order.name, missing=", ".join(missing))
                )

    def _get_missing_for_export(self):
        self.ensure_one()
        missing = []
        if not self.fiscal_position_id:
            missing.append(_("a fiscal position (finance sets it on the order type)"))
        if not self.incoterm:
            missing.append(_("an incoterm"))
        taxed = self.order_line.filtered(lambda line: any(tax.amount for tax in line.tax_id))
        if taxed:
            missing.append(_("the zero tax rate on %(lines)s", lines=", ".join(taxed.mapped("product_id.display_name"))))
        return missing

    def _get_paper_lang(self):
        return self.order_type_id.paper_lang or super()._get_paper_lang()
