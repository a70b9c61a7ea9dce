# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

#: One quotation that meets most rules: (product, quantity, more values of the line)
LINES = [
    ("comp75", 1, {}),
    ("scroll15", 1, {}),
    ("airfilter", 30, {}),
    ("cable", 2, {"parameters": "length=25"}),
    ("training", 2, {"price_unit": 2500}),
]


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_prices(self):
        """A rep's quotation on which rules acted, with one price set by hand."""
        demo = self._quiet()
        rep = demo._ref("demo_user_rep")
        order = demo.env["sale.order"].search([("user_id", "=", rep.id)], order="amount_total desc, id", limit=1)
        demo.env["sale.order"].create(
            {
                "partner_id": order.partner_id.id,
                "user_id": rep.id,
                "team_id": order.team_id.id,
                "order_line": [
                    (0, 0, {"product_id": demo._ref("demo_product_%s" % key).id, "product_uom_qty": quantity, **more})
                    for key, quantity, more in LINES
                ],
            }
        )
