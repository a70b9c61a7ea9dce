# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import VoucherError


class CrmVoucherAccount(models.Model):
    """Which account of the other program an account of ours is."""

    _name = "crm.voucher.account"
    _description = "Account Map for Vouchers"
    _order = "account_id"
    _rec_name = "code"

    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True)
    account_id = fields.Many2one("account.account", "Our Account", required=True, ondelete="cascade")
    code = fields.Char("Code There", required=True)
    name = fields.Char("Name There", required=True)
    with_partner = fields.Boolean("With Partner", help="The account is kept by customer or supplier there (辅助核算).")

    _sql_constraints = [("account_uniq", "UNIQUE (account_id)", "This account is in the map already.")]

    @api.model
    def action_fill(self):
        """Take the accounts that are missing over with their own code and name; what is in the map stays as it is."""
        self.check_access_rights("create")
        company = self.env.company
        known = self.search([("company_id", "=", company.id)]).account_id
        accounts = self.env["account.account"].search([("company_id", "=", company.id), ("id", "not in", known.ids)])
        self.create(
            [
                {
                    "account_id": account.id,
                    "code": account.code,
                    "name": account.name,
                    "with_partner": account.internal_type in ("receivable", "payable"),
                }
                for account in accounts
            ]
        )
        return self.env["ir.actions.actions"]._for_xml_id("crm_sales_order.crm_voucher_account_action")

    @api.model
    def _get_map(self, accounts):
        """{account id: (code, name, with partner)}

        :raise VoucherError: naming the accounts that are not in the map
        """
        found = {one.account_id.id: (one.code, one.name, one.with_partner) for one in self.search([("account_id", "in", accounts.ids)])}
        missing = accounts.filtered(lambda account: account.id not in found)
        if missing:
            names = ", ".join(missing[:10].mapped("display_name"))
            raise VoucherError(
                _("%(count)d accounts are not in the account map: %(names)s. Add them, or press “Fill In” there to take them over.",
                  count=len(missing), names=names)
            )  # fmt: skip
        return found
