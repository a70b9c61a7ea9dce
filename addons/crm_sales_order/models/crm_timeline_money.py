# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models, tools

from odoo.addons.crm_core.engine.timeline import TimelineKind

INVOICES = ("out_invoice", "out_refund")


class CrmTimeline(models.AbstractModel):
    """Invoices, and what was paid on them, whichever way the money came."""

    _inherit = "crm.timeline"

    def init(self):
        super().init()
        # Serves the timeline of a customer; the uninstall hook drops it.
        tools.create_index(self.env.cr, "account_move_partner_idx", "account_move", ["partner_id"])

    @api.model
    def _get_kinds(self):
        return super()._get_kinds() + [
            TimelineKind(
                "invoice",
                _("Invoice"),
                "fa-file-text",
                "account.move",
                "money",
                date="invoice_date",
                partner="partner_id",
                lead="invoice_line_ids.sale_line_ids.order_id.opportunity_id",
                domain=[("move_type", "in", INVOICES), ("state", "=", "posted")],
                title="name",
                text="invoice_origin",
                author="invoice_user_id",
                amount="amount_total",
                status="payment_state",
                looks={"not_paid": "attention", "partial": "attention", "in_payment": "on_track"},
            ),
            TimelineKind(
                "payment",
                _("Payment"),
                "fa-money",
                "account.partial.reconcile",
                "money",
                date="max_date",
                partner="debit_move_id.move_id.partner_id",
                lead="debit_move_id.move_id",
                title="debit_move_id",
                amount="amount",
                currency="company_currency_id",
                through="account.move",
            ),
        ]

    @api.model
    def _get_link_domain(self, kind, scope):
        """Payments are those of the invoices the reader may see."""
        if kind.key != "payment":
            return super()._get_link_domain(kind, scope)
        invoice = next(each for each in self._get_kinds() if each.key == "invoice")
        domain = super()._get_link_domain(invoice, scope)
        if domain is None:
            return None
        invoices = self.env["account.move"]._search(domain, order="id")
        lines = self.env["account.move.line"].sudo()._search([("move_id", "in", invoices)], order="id")
        return [("debit_move_id", "in", lines)]

    @api.model
    def _prepare_entries(self, kind, vals_list):
        """A payment opens the invoice it pays. A credit note set off against an invoice is no payment."""
        entries = super()._prepare_entries(kind, vals_list)
        if kind.key != "payment":
            return entries
        for partial in self.env["account.partial.reconcile"].sudo().browse(list(entries)):
            invoice = partial.debit_move_id.move_id
            if partial.credit_move_id.move_id.move_type in INVOICES:
                del entries[partial.id]
            else:
                entries[partial.id].update(title=invoice.name, res_model=invoice._name, res_id=invoice.id)
        return entries
