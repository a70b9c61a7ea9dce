# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmRentalSettlement(models.TransientModel):
    """The end of a rental: what is charged for damage or loss; the rest of the deposit is paid back."""

    _name = "crm.rental.settlement"
    _description = "Settlement of a Rental"

    order_id = fields.Many2one("sale.order", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="order_id.currency_id")
    amount_deposit = fields.Monetary("Deposit Held", compute="_compute_amounts")
    amount_late = fields.Monetary("Late Fees", compute="_compute_amounts")
    amount_damage = fields.Monetary("Damage or Loss", help="Without tax. More than the deposit is invoiced.")
    reason = fields.Char("What Is Damaged or Lost")

    @api.depends("order_id")
    def _compute_amounts(self):
        for wizard in self:
            lines = wizard.order_id.order_line
            deposits = lines.filtered(lambda line: line.rental_role == "deposit")
            wizard.amount_deposit = sum(line.price_reduce * line.qty_invoiced for line in deposits)
            wizard.amount_late = sum(lines.filtered(lambda line: line.rental_role == "late").mapped("price_subtotal"))

    def action_settle(self):
        self.ensure_one()
        self.order_id._settle_rental(self.amount_damage, self.reason)
        return {"type": "ir.actions.act_window_close"}
