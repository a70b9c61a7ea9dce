# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, fields, models

from ..exceptions import VoucherError


class AccountMove(models.Model):
    """An entry that is in the other program's books stays as it went there."""

    _inherit = "account.move"

    voucher_id = fields.Many2one("crm.voucher", "Voucher", readonly=True, copy=False, help="What it is in the other accounting program.")

    def _check_fiscalyear_lock_date(self):
        """Called by Odoo before every change of an entry's date, state, accounts and amounts."""
        exported = self.filtered("voucher_id")
        if exported:
            raise VoucherError(
                _("%(entry)s went to the other accounting program as voucher %(voucher)s and stays as it is. Reverse it instead.",
                  entry=exported[0].name, voucher=exported[0].sudo().voucher_id.name)
            )  # fmt: skip
        return super()._check_fiscalyear_lock_date()
