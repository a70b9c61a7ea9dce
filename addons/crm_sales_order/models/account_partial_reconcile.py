# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    def _close_fully(self):
        """Full reconciliations of partials that each close both of their items.

        The links are set by two UPDATEs: writing them through the items would check and synchronize every entry
        anew for a change that moves no amount.
        """
        fulls = self.env["account.full.reconcile"].create([{} for _partial in self])
        items = self.debit_move_id | self.credit_move_id
        self.flush(["full_reconcile_id", "debit_move_id", "credit_move_id"])
        items.flush(["full_reconcile_id"])
        self.env.cr.execute(
            """
            UPDATE account_partial_reconcile
               SET full_reconcile_id = closed.full_id
              FROM unnest(%s, %s) AS closed(id, full_id)
             WHERE account_partial_reconcile.id = closed.id
            """,
            [self.ids, fulls.ids],
        )
        self.env.cr.execute(
            """
            UPDATE account_move_line
               SET full_reconcile_id = partial.full_reconcile_id
              FROM account_partial_reconcile partial
             WHERE partial.id = ANY(%s)
               AND account_move_line.id IN (partial.debit_move_id, partial.credit_move_id)
            """,
            [self.ids],
        )
        self.invalidate_cache(["full_reconcile_id"], self.ids)
        items.invalidate_cache(["full_reconcile_id", "matching_number"], items.ids)
        fulls.invalidate_cache(["partial_reconcile_ids", "reconciled_line_ids"], fulls.ids)
