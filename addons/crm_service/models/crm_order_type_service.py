# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

FLOWS = [("repair", "Repair"), ("warranty", "Warranty Replacement")]


class CrmOrderType(models.Model):
    _inherit = "crm.order.type"

    flow = fields.Selection(selection_add=FLOWS, ondelete={flow: "cascade" for flow, _label in FLOWS})
    for_asset = fields.Boolean(
        "About an Installed Product", help="Such an order names the customer's product it is about, and its parts must fit."
    )

    @api.model
    def _get_chinese_account(self, field, company):
        """Warranty is an expense of sales: 6601 of the Chinese chart."""
        account = super()._get_chinese_account(field, company)
        if account or field != "expense_account_id" or self.flow != "warranty":
            return account
        return account.search([("code", "=", "660100"), ("company_id", "=", company.id)], limit=1)
