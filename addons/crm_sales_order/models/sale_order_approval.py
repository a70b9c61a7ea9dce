# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SaleOrder(models.Model):
    """Quotations need approval where the rep conceded more than the rep may."""

    _name = "sale.order"
    _inherit = ["sale.order", "crm.approval.mixin"]

    approval_ids = fields.One2many("crm.approval", "order_id", string="Approvals", readonly=True, copy=False)

    def _check_can_send(self):
        super()._check_can_send()
        self._check_approved()

    def _check_can_confirm(self):
        super()._check_can_confirm()
        self._check_approved()
