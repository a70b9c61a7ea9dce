# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


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
