# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @api.model
    def _reconcile_couples(self, couples):
        """Reconcile many couples of items: the records of ``(debit + credit).reconcile()``, in bulk.

        :param couples: what ``account.partial.reconcile._insert_couples`` takes
        """
        debits = self.browse({debit for debit, *_rest in couples})
        self.env.cr.execute(
            """
            SELECT DISTINCT move.id
              FROM account_move_line AS item
              JOIN account_move AS move ON move.id = item.move_id AND move.payment_state IN ('not_paid', 'partial')
             WHERE item.id = ANY(%s) AND move.move_type <> 'entry'
            """,
            [debits.ids],
        )
        unpaid = self.env["account.move"].browse([move_id for (move_id,) in self.env.cr.fetchall()])
        partials = self.env["account.partial.reconcile"]._insert_couples(couples)
        self.invalidate_cache()
        debits.modified(["amount_residual", "amount_residual_currency", "reconciled", "full_reconcile_id"])
        partials._matched()
        unpaid.filtered(lambda move: move.payment_state in ("paid", "in_payment")).action_invoice_paid()

    def _prepare_exchange_entry(self):
        """Values of the entry that takes what is open of ``self`` in the books, and nothing in its currency, as Odoo does.

        The item that closes the n-th of :meth:`_get_differing` has twice n for sequence, the gain or loss follows it.
        """
        company = self.company_id
        lines = []
        for item in self._get_differing():
            loss = item.amount_residual > 0
            account = company.expense_currency_exchange_account_id if loss else company.income_currency_exchange_account_id
            amount = abs(item.amount_residual)
            for account_id, on_debit in ((item.account_id.id, not loss), (account.id, loss)):
                lines.append(
                    {
                        "name": _("Currency exchange rate difference"),
                        "debit": amount if on_debit else 0.0,
                        "credit": 0.0 if on_debit else amount,
                        "amount_currency": 0.0,
                        "account_id": account_id,
                        "currency_id": item.currency_id.id,
                        "partner_id": item.partner_id.id,
                        "sequence": len(lines),
                    }
                )
        return {
            "move_type": "entry",
            "date": max(*self.mapped("date"), company._get_user_fiscal_lock_date()),
            "journal_id": company.currency_exchange_journal_id.id,
            "line_ids": [(0, 0, values) for values in lines],
        }

    def _get_differing(self):
        return self.filtered(lambda item: not item.company_currency_id.is_zero(item.amount_residual))
