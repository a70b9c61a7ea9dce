# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import SalesOrderValidationError


class AccountJournal(models.Model):
    """How sure matching has to be before it books a payment of this bank account by itself."""

    _inherit = "account.journal"

    match_threshold = fields.Float(
        string="Book by Itself from",
        digits=(4, 3),
        default=0.96,
        help="Payments matched with at least this confidence are booked without asking; the others wait in “To Reconcile”. "
        "100 %: nothing is booked without asking.",
    )
    match_fee_tolerance = fields.Float(
        string="Bank Fee up to",
        digits=(16, 2),
        help="How much less than the invoice may arrive, in the payment's currency, to be taken for a bank's fee. 0: never.",
    )
    match_fee_account_id = fields.Many2one(
        "account.account",
        string="Bank Fee Account",
        check_company=True,
        domain="[('deprecated', '=', False), ('company_id', '=', company_id), ('internal_type', '=', 'other')]",
        help="Where the fee is booked that the bank kept.",
    )

    @api.constrains("match_threshold", "match_fee_tolerance", "match_fee_account_id")
    def _check_matching(self):
        for journal in self:
            if not 0.6 <= journal.match_threshold <= 1:
                raise SalesOrderValidationError(
                    _("%(journal)s: book payments by itself from 60 %% to 100 %% confidence.", journal=journal.name)
                )
            if journal.match_fee_tolerance < 0:
                raise SalesOrderValidationError(_("%(journal)s: a bank fee cannot be negative.", journal=journal.name))
            if journal.match_fee_tolerance and not journal.match_fee_account_id:
                raise SalesOrderValidationError(
                    _("%(journal)s: name the account bank fees are booked on, or set the fee to 0.", journal=journal.name)
                )
