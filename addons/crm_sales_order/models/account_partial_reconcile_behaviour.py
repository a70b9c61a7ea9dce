# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class AccountPartialReconcile(models.Model):
    """Who paid, or whose payment was taken back, is judged anew within a minute (``crm.customer.change``)."""

    _inherit = "account.partial.reconcile"

    def _matched(self):
        super()._matched()
        self._note_payers()

    def unlink(self):
        self._note_payers()
        return super().unlink()

    def _note_payers(self):
        """One INSERT; nobody waits for anybody."""
        self.env["crm.customer.change"]._note(self.debit_move_id.partner_id.ids)
