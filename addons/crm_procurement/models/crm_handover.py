# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models
from odoo.addons.crm_core.engine.handover import HandoverKind


class CrmHandover(models.Model):
    _inherit = "crm.handover"

    @api.model
    def _get_kinds(self):
        """Purchases until they are received and billed."""
        *kinds, last = super()._get_kinds()
        purchases = HandoverKind(
            "purchase",
            _("Purchase Orders"),
            "purchase.order",
            [
                "|",
                ("state", "in", ("draft", "sent", "to approve")),
                "&",
                ("state", "in", ("purchase", "done")),
                "|",
                ("invoice_status", "!=", "invoiced"),
                ("picking_ids.state", "in", ("waiting", "confirmed", "assigned")),
            ],
            group="purchase.group_purchase_user",
        )
        return [*kinds, purchases, last]
