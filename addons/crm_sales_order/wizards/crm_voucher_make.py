# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from dateutil.relativedelta import relativedelta
from odoo import _, api, fields, models

from ..exceptions import VoucherError


class CrmVoucherMake(models.TransientModel):
    """Which entries go to the other program now."""

    _name = "crm.voucher.make"
    _description = "Export Vouchers"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, ondelete="cascade")
    layout_id = fields.Many2one(
        "crm.voucher.layout", "Program", required=True, default=lambda self: self._get_default_layout(), ondelete="cascade"
    )
    date_from = fields.Date("From", required=True, default=lambda self: self._get_last_month())
    date_to = fields.Date(
        "To", required=True, default=lambda self: self._get_last_month() + relativedelta(months=1, days=-1)
    )
    journal_ids = fields.Many2many("account.journal", string="Journals", help="Empty: all.")
    waiting_count = fields.Integer("To Export", compute="_compute_counts")
    unmatched_count = fields.Integer(
        "Unmatched Bank Lines", compute="_compute_counts", help="They wait until they are matched, as their account changes then."
    )

    @api.model
    def _get_default_layout(self):
        return self.env["crm.voucher.layout"].search([("company_id", "in", (False, self.env.company.id))], limit=1)

    @api.model
    def _get_last_month(self):
        return fields.Date.context_today(self).replace(day=1) - relativedelta(months=1)

    @api.depends("company_id", "date_from", "date_to", "journal_ids")
    def _compute_counts(self):
        exports, moves = self.env["crm.voucher.export"], self.env["account.move"]
        for wizard in self:
            if not (wizard.date_from and wizard.date_to):
                wizard.waiting_count = wizard.unmatched_count = 0
                continue
            domain = exports._get_waiting_domain(wizard.company_id, wizard.date_from, wizard.date_to, wizard.journal_ids)
            wizard.waiting_count = moves.search_count(domain)
            wizard.unmatched_count = moves.search_count(
                [
                    ("company_id", "=", wizard.company_id.id),
                    ("state", "=", "posted"),
                    ("date", ">=", wizard.date_from),
                    ("date", "<=", wizard.date_to),
                    ("statement_line_id.is_reconciled", "=", False),
                    ("statement_line_id", "!=", False),
                ]
            )

    def action_make(self):
        """Export what waits.

        :raise VoucherError: for days in the wrong order, and as ``crm.voucher.export``
        """
        self.ensure_one()
        if self.date_from > self.date_to:
            raise VoucherError(_("The first day comes after the last one. Swap them."))
        if self.company_id not in self.env.companies:
            raise VoucherError(_("Choose one of your companies."))
        exports = self.env["crm.voucher.export"]
        export = exports._make(self.layout_id, self.company_id, self.date_from, self.date_to, self.journal_ids)
        action = self.env["ir.actions.actions"]._for_xml_id("crm_sales_order.crm_voucher_export_action")
        return dict(action, views=[(False, "form")], res_id=export.id)
