# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import StatementImportError


class CrmStatementImport(models.TransientModel):
    """Try the import without a bank: a file made for the demo company, with what its customers owe today."""

    _inherit = "crm.statement.import"

    has_example = fields.Boolean(compute="_compute_has_example")

    @api.depends("state")
    @api.depends_context("company")
    def _compute_has_example(self):
        self.has_example = self.env["crm.demo"]._has_example_statement()

    def action_example(self):
        """Read the example file as if it had been chosen."""
        self.ensure_one()
        self._check_own()
        if not self.has_example:
            raise StatementImportError(
                _("There is an example for the demo company only. Choose the files as you downloaded them from the bank.")
            )
        example = self.env["ir.attachment"].create(
            {
                "name": _("Example statement.csv"),
                "raw": self.env["crm.demo"]._write_example_statement(),
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        self.attachment_ids = example
        return self.action_read()
