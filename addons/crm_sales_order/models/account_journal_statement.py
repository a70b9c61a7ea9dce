# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

from ..engine.statement import is_same_account


class AccountJournal(models.Model):
    _inherit = "account.journal"

    statement_accounts = fields.Char(
        string="Called in Files",
        copy=False,
        help="What the bank's files call this account (numbers or names, comma-separated): the import chooses the journal by it. "
        "Filled in by itself the first time somebody chose the journal of a file.",
    )

    def _get_statement_accounts(self):
        """All numbers and names a file may call this account by."""
        self.ensure_one()
        names = (self.statement_accounts or "").split(",")
        return [name.strip() for name in (self.bank_acc_number or "", *names) if name.strip()]

    def _is_statement_account(self, account):
        """Whether a file of this account is of this journal. Banks hide digits with stars or show only the last four."""
        return any(is_same_account(account, known) for known in self._get_statement_accounts())

    def _choose_for_statement(self, account, currency):
        """The one journal of ``self`` a file belongs to; none if that is open.

        :param account: as the file calls it, may be empty
        :param currency: ISO code, may be empty
        """
        fitting = self.filtered(lambda journal: not currency or journal._get_statement_currency().name == currency)
        named = fitting.filtered(lambda journal: account and journal._is_statement_account(account))
        found = named or fitting
        if len(found) != 1 or not named and account and found._get_statement_accounts():
            return self.browse()
        return found

    def _get_statement_currency(self):
        return self.currency_id or self.company_id.currency_id

    def _remember_statement_account(self, account):
        """Choose this journal for the account's files from now on."""
        self.ensure_one()
        if account and not self._is_statement_account(account):
            names = [*filter(None, (self.statement_accounts or "").split(",")), account]
            self.sudo().statement_accounts = ",".join(names)
