# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

#: Fields of an order that say something about its customer
FACT_FIELDS = frozenset(("state", "partner_id", "order_line", "date_order"))


class SaleOrder(models.Model):
    """What happens to quotations and orders happens to their customer."""

    _inherit = "sale.order"

    date_opened = fields.Datetime(
        string="Opened by Customer", readonly=True, copy=False, help="When the customer first opened it through the link it was sent."
    )

    @api.model
    def create(self, vals):
        order = super().create(vals)
        self.env["crm.customer.change"]._note(order.partner_id.commercial_partner_id.ids)
        return order

    def write(self, vals):
        if not FACT_FIELDS & vals.keys():
            return super().write(vals)
        before = self.partner_id.commercial_partner_id.ids
        result = super().write(vals)
        self.env["crm.customer.change"]._note(before + self.partner_id.commercial_partner_id.ids)
        return result

    def unlink(self):
        before = self.partner_id.commercial_partner_id.ids
        result = super().unlink()
        self.env["crm.customer.change"]._note(before)
        return result

    def _note_opened(self):
        """The customer opened these quotations: the first time counts."""
        self.sudo().filtered(lambda order: not order.date_opened).write({"date_opened": fields.Datetime.now()})
