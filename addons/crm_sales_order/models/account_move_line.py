# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

from ..engine import bank_match


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _to_open_invoice(self):
        """This receivable item as the bank matcher sees it."""
        self.ensure_one()
        invoice = self.move_id
        origins = (invoice.invoice_origin or "").split(",")
        return bank_match.OpenInvoice(
            self.id,
            self.partner_id.commercial_partner_id.id,
            bank_match.minor_units(self.amount_residual_currency, self.currency_id.rounding),
            (invoice.name, invoice.payment_reference or "", *origins),
        )

    @api.model
    def _reconcile_couples(self, couples):
        """Reconcile many (debit item, credit item) couples in company currency, each closing both items.

        The same records as ``(debit + credit).reconcile()`` couple by couple, made in bulk.
        """
        debits = self.concat(*(debit for debit, _credit in couples))
        unpaid = debits.move_id.filtered(lambda move: move.payment_state not in ("paid", "in_payment"))
        partials = self.env["account.partial.reconcile"].create(
            [values for debit, credit in couples for values in (debit + credit)._prepare_reconciliation_partials()]
        )
        partials._create_tax_cash_basis_moves()
        partials._close_fully()
        unpaid.filtered(lambda move: move.payment_state in ("paid", "in_payment")).action_invoice_paid()
