# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models


class AccountMove(models.Model):
    """What the customer was told of this invoice, and whether it is in dispute."""

    _inherit = "account.move"

    dunning_line_ids = fields.One2many("crm.dunning.notice.line", "invoice_id", "Reminders", groups="base.group_user")
    dunning_level_id = fields.Many2one("crm.dunning.level", "Last Reminder", compute="_compute_dunning_level_id", compute_sudo=True)
    dispute = fields.Char(compute="_compute_dispute", compute_sudo=True, help="Why this invoice is not reminded of.")

    @api.depends("dunning_line_ids")
    def _compute_dunning_level_id(self):
        for move in self:
            move.dunning_level_id = move.dunning_line_ids.sorted(lambda line: (line.level_days, line.id))[-1:].level_id

    @api.depends_context("tz")
    def _compute_dispute(self):
        """One search for all of them."""
        today = fields.Date.context_today(self)
        domain = [("invoice_id", "in", self.ids), "|", ("date_until", "=", False), ("date_until", ">=", today)]
        reasons = {hold.invoice_id.id: hold.reason for hold in self.env["crm.dunning.hold"].search(domain)}
        for move in self:
            move.dispute = reasons.get(move.id)

    def action_report_dispute(self):
        """Opens a form to say what the customer says is wrong; the invoice is not reminded of from then on."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": _("Report a Dispute"),
            "res_model": "crm.dunning.hold",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_kind": "dispute",
                "default_invoice_id": self.id,
                "default_partner_id": self.commercial_partner_id.id,
                "default_company_id": self.company_id.id,
            },
        }
