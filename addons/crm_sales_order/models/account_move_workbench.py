# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models


class AccountMove(models.Model):
    """Tiles of the workbench about invoices. Contract: crm_core, crm_workbench_tile.py."""

    _inherit = "account.move"

    @api.model
    def _workbench_overdue(self):
        """Customer invoices past their due date, the oldest first."""
        today = fields.Date.context_today(self)
        domain = [
            ("move_type", "=", "out_invoice"),
            ("state", "=", "posted"),
            ("payment_state", "in", ["not_paid", "partial"]),
            ("invoice_date_due", "<", fields.Date.to_string(today)),
        ]

        def describe(invoice):
            return {
                "title": invoice.commercial_partner_id.name,
                "text": " · ".join([invoice.name, invoice._tell_lateness(today)]),
                "amount": invoice.amount_residual_signed,
                "status": "late",
            }

        workbench = self.env["crm.workbench"]
        tile = workbench._list(self, domain, describe, order="invoice_date_due, id")
        note = _("%d invoices", tile["value"]) if tile["value"] else False
        total = self.env["crm.bi.measure"].search([("code", "=", "overdue_receivables")], limit=1).compute()
        return dict(tile, value=total, unit="money", note=note, status="late" if tile["value"] else "on_track")

    def _tell_lateness(self, today):
        return _("%d days late", (today - self.invoice_date_due).days)


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    @api.model
    def _workbench_bank_lines(self):
        """Payments the matching could not place."""
        domain = [("is_reconciled", "=", False), ("state", "=", "posted")]

        def describe(line):
            who = line.partner_id.name or ""
            return {"title": who or line.payment_ref, "text": who and line.payment_ref, "amount": line.amount, "status": "attention"}

        return self.env["crm.workbench"]._list(self, domain, describe, order="id")
