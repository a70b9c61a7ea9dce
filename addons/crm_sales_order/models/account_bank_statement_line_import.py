# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    import_key = fields.Char(
        readonly=True,
        copy=False,
        help="What the bank knows this payment by, with its journal: files that overlap bring it once.",
    )

    _sql_constraints = [
        (
            "import_key_unique",
            "UNIQUE(import_key)",
            "Someone else imported these payments at this moment. Open the import again: only what is new is taken.",
        )
    ]
