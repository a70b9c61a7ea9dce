# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    deposit_account_id = fields.Many2one(
        "account.account",
        "Account of Deposits",
        domain="[('company_id', '=', id), ('internal_group', '=', 'liability')]",
        help="Deposits taken for rented goods wait here until they are paid back.",
    )

    def _get_deposit_account(self):
        """Where deposits wait that are the customers' money; the account is opened when the first one is taken.

        :rtype: account.account, in superuser mode
        """
        self.ensure_one()
        company = self.sudo()
        if not company.deposit_account_id:
            accounts = company.env["account.account"].with_company(company)
            company.deposit_account_id = accounts.create(
                {
                    "code": accounts._search_new_account_code(company, 6, "2241"),
                    "name": _("Deposits Received"),
                    "company_id": company.id,
                    "user_type_id": self.env.ref("account.data_account_type_current_liabilities").id,
                }
            )
        return company.deposit_account_id
