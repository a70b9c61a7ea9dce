# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from .sale_order import CONFIRMED_STATES

REASONS = [
    ("changed", "Order or Invoice Changed"),
    ("returned", "Goods Returned"),
    ("cancelled", "Rest Cancelled"),
]


class Reason(str):
    """Why a plan changes. An instance in the context says so: no client can put one there."""


def get_reason(record):
    """The :class:`Reason` in the context of ``record``, or None."""
    reason = record.env.context.get("crm_replan")
    return reason if isinstance(reason, Reason) else None


class SaleOrderInstalmentChange(models.Model):
    """History of the instalments of confirmed orders: who changed what an instalment is worth, when and why."""

    _name = "sale.order.instalment.change"
    _description = "Change of an Instalment"
    _order = "id desc"
    _rec_name = "name"

    order_id = fields.Many2one("sale.order", "Order", required=True, readonly=True, ondelete="cascade", index=True)
    instalment_id = fields.Many2one("sale.order.instalment", "Instalment", readonly=True, ondelete="set null")
    company_id = fields.Many2one(related="order_id.company_id", store=True)
    currency_id = fields.Many2one(related="order_id.currency_id")
    name = fields.Char("Name of Instalment", required=True, readonly=True)
    amount_before = fields.Monetary("Before", readonly=True)
    amount_after = fields.Monetary("After", readonly=True)
    amount_total = fields.Monetary("Order Total", readonly=True, help="Of the order, after the change.")
    reason = fields.Selection(REASONS, required=True, readonly=True)
    user_id = fields.Many2one("res.users", "By", related="create_uid")
    date = fields.Datetime("On", related="create_date")


class SaleOrderInstalment(models.Model):
    _inherit = "sale.order.instalment"

    def _write(self, vals):
        """Amounts are computed: this is where they reach the database, whatever door the order was changed through."""
        if "amount" not in vals:
            return super()._write(vals)
        agreed = self.filtered(lambda part: part.order_id.state in CONFIRMED_STATES)
        before = agreed._get_written_amounts()
        result = super()._write(vals)
        amount = float(vals["amount"] or 0.0)  # as the column takes it: text
        changed = agreed.filtered(lambda part: part.id in before and part.currency_id.compare_amounts(before[part.id], amount))
        if changed:
            changed._note_change(before, amount)
        return result

    def _get_written_amounts(self):
        """{id: amount in the database}; only of those that have one."""
        if not self:
            return {}
        self.env.cr.execute("SELECT id, amount FROM sale_order_instalment WHERE id = ANY(%s) AND amount IS NOT NULL", [self.ids])
        return dict(self.env.cr.fetchall())

    def _note_change(self, before, amount):
        self.env["sale.order.instalment.change"].sudo().create(
            [
                {
                    "order_id": part.order_id.id,
                    "instalment_id": part.id,
                    "name": part.name,
                    "amount_before": before[part.id],
                    "amount_after": amount,
                    "amount_total": part.order_id.amount_total,
                    "reason": get_reason(part) or "changed",
                }
                for part in self
            ]
        )


class SaleOrder(models.Model):
    _inherit = "sale.order"

    instalment_change_ids = fields.One2many("sale.order.instalment.change", "order_id", "History of the Instalments", readonly=True)
    has_instalment_changes = fields.Boolean(compute="_compute_has_instalment_changes")

    @api.depends("instalment_change_ids")
    def _compute_has_instalment_changes(self):
        for order in self:
            order.has_instalment_changes = bool(order.instalment_change_ids)
