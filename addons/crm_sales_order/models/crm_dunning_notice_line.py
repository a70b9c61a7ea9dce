# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmDunningNoticeLine(models.Model):
    """An amount the customer was reminded of, as it was on that day. A level acts on an amount once."""

    _name = "crm.dunning.notice.line"
    _description = "Amount Reminded of"
    _order = "date_due, id"
    _rec_name = "invoice_id"

    notice_id = fields.Many2one("crm.dunning.notice", "Reminder", required=True, readonly=True, index=True, ondelete="cascade")
    level_id = fields.Many2one("crm.dunning.level", "Level", required=True, readonly=True, ondelete="restrict")
    level_days = fields.Integer(readonly=True, help="When the level acted then: days after due.")
    company_id = fields.Many2one(related="notice_id.company_id", store=True)
    date = fields.Date("Reminded on", related="notice_id.date")
    state = fields.Selection(related="notice_id.state")
    move_line_id = fields.Many2one("account.move.line", "Journal Item", required=True, readonly=True, ondelete="cascade")
    invoice_id = fields.Many2one("account.move", "Invoice", required=True, readonly=True, index=True, ondelete="cascade")
    number = fields.Char(related="invoice_id.name", related_sudo=True)
    date_due = fields.Date("Due", readonly=True)
    days_late = fields.Integer("Days Late", readonly=True, help="Below zero: still to come.")
    amount = fields.Monetary("Open Then", readonly=True)
    amount_open = fields.Monetary("Open Now", compute="_compute_amount_open", compute_sudo=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)

    _sql_constraints = [
        (
            "level_item_uniq",
            "UNIQUE (move_line_id, level_id)",
            "Somebody else is sending these reminders at this moment. Nothing was sent twice: look at the list again.",
        )
    ]

    @api.depends("move_line_id.amount_residual_currency")
    def _compute_amount_open(self):
        for line in self:
            line.amount_open = line.move_line_id.amount_residual_currency
