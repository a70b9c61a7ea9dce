# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

#: The type that needs Odoo's manufacturing
MAKE_TYPE = "crm_procurement.order_type_make"


class CrmOrderType(models.Model):
    _inherit = "crm.order.type"

    flow = fields.Selection(
        selection_add=[
            ("drop_ship", "The supplier ships to the customer"),
            ("sell_to_buy", "What is missing is bought"),
            ("back_to_back", "Everything is bought for the order"),
            ("make", "Made to order"),
        ],
        ondelete={
            "drop_ship": "set default",
            "sell_to_buy": "set default",
            "back_to_back": "set default",
            "make": "set default",
        },
    )

    def _register_hook(self):
        """Make-to-order is there when manufacturing is: it comes and goes with ``mrp``."""
        super()._register_hook()
        kind = self.env.ref(MAKE_TYPE, raise_if_not_found=False)
        if kind and kind.active != ("mrp.bom" in self.env):
            kind.active = not kind.active
