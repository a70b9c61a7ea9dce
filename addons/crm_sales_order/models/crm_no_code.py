# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models
from odoo.addons.crm_core.engine.no_code import NoCodeModel


class CrmNoCode(models.AbstractModel):
    _inherit = "crm.no.code"

    @api.model
    def _get_models(self):
        return [
            *super()._get_models(),
            NoCodeModel(
                model="sale.order",
                label=_("Quotation or order"),
                form="sale.view_order_form",
                lists=("crm_sales_order.sale_order_view_tree", "sale.view_quotation_tree", "sale.view_order_tree"),
                searches=("sale.view_sales_order_filter",),
                stage="state",
                tags="tag_ids",
                currency="currency_id",
            ),
        ]
