# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import StatementImportError


class CrmStatementImport(models.TransientModel):
    """Banks' files on their way in: chosen, looked at, imported and posted in one go.

    Built on the suite's own engine. OCA's ``account_statement_import`` was looked at and is not used: it looks each line up
    in a query of its own, finds the journal by ``ilike`` on part of a number, and imports nothing where a file's format is
    not chosen in advance.
    """

    _name = "crm.statement.import"
    _description = "Import Bank Statements"

    state = fields.Selection([("files", "Files"), ("map", "Columns"), ("check", "Check")], required=True, default="files", readonly=True)
    attachment_ids = fields.Many2many("ir.attachment", string="Files")
    file_ids = fields.One2many("crm.statement.import.file", "import_id", string="Statements")
    preview = fields.Html(compute="_compute_preview", sanitize=False)
    new_count = fields.Integer(string="New Payments", compute="_compute_preview")
    has_problems = fields.Boolean(compute="_compute_preview")
    has_warnings = fields.Boolean(compute="_compute_preview")
    accepted = fields.Boolean(
        string="I looked at the warnings: import all the same", help="What does not fit was looked at and does not matter."
    )
    mapped_id = fields.Many2one("crm.statement.import.file", readonly=True, help="The file whose columns are asked for.")
    layout_name = fields.Char(string="Name of the Layout", help="For example the name of the bank.")
    date_order = fields.Selection(
        [("year", "Year first, or found out"), ("day", "Day first: 31/01/2026"), ("month", "Month first: 01/31/2026")],
        string="Order of Dates",
        default="year",
    )
    out_positive = fields.Boolean(
        "Money Out Above Zero",
        help="With one column of amounts and no column that says in or out: amounts above zero left the account.",
    )
    column_ids = fields.One2many("crm.statement.import.column", "import_id", string="Columns")

    @api.depends("file_ids.journal_id", "file_ids.attachment_id")
    def _compute_preview(self):
        for wizard in self:
            files = wizard.file_ids
            wizard.preview = "".join(files.mapped("preview"))
            wizard.new_count = sum(files.mapped("new_count"))
            wizard.has_problems = any(file.state in ("problem", "unknown") for file in files)
            wizard.has_warnings = any(file.has_warnings for file in files)

    def name_get(self):
        name = _("Import Bank Statements")
        return [(wizard.id, name) for wizard in self]

    # -- steps -------------------------------------------------------------------------------------------------------

    def action_read(self):
        """Look into the files; ask for the columns of the first one whose layout is not known."""
        self.ensure_one()
        self._check_own()
        if not self.attachment_ids:
            raise StatementImportError(_("Choose the files as you downloaded them from the bank."))
        self.file_ids.unlink()
        self.file_ids = [(0, 0, {"attachment_id": attachment.id}) for attachment in self.attachment_ids]
        self.file_ids._choose_journals()
        return self._next_step()

    def action_remember(self):
        """Keep how the columns were mapped, and read the file again."""
        self.ensure_one()
        self._check_own()
        if not self.layout_name:
            raise StatementImportError(_("Give the layout a name, for example that of the bank."))
        unknown = self.mapped_id._get_unknown()
        if unknown:
            self._remember_layout(unknown)
            self.file_ids.invalidate_cache()
        self.file_ids._choose_journals()
        return self._next_step()

    def action_back(self):
        self.ensure_one()
        self._check_own()
        self.write({"state": "files", "mapped_id": False, "accepted": False})
        return self._reopen()

    def action_import(self):
        """Book and post what is new, then match it.

        All files or none: the first thing that is wrong is told, and nothing is stored.
        """
        self.ensure_one()
        self._check_own()
        self._check_ready()
        statements = self.env["account.bank.statement"]
        for file in self.file_ids:
            statements |= file._book()
        matched = statements.action_match_invoices()["params"]["message"] if statements else ""
        return self._open_result(statements, matched)

    def _check_own(self):
        """:raise AccessError: for someone who may not book statements, or somebody else's import"""
        self.env["account.bank.statement"].check_access_rights("create")
        self.check_access_rights("write")
        self.check_access_rule("write")

    def _check_ready(self):
        if not self.file_ids:
            raise StatementImportError(_("Choose the files as you downloaded them from the bank."))
        for file in self.file_ids:
            file._check_importable()
        if self.has_warnings and not self.accepted:
            raise StatementImportError(_("Look at the warnings. If they do not matter, tick that you did, and import then."))

    def _next_step(self):
        unknown = self.file_ids.filtered(lambda file: file.state == "unknown")[:1]
        if unknown:
            self.column_ids.unlink()
            self.write({
                "state": "map",
                "mapped_id": unknown.id,
                "layout_name": False,
                "column_ids": self._prepare_columns(unknown._get_unknown()),
            })  # fmt: skip
        else:
            self.write({"state": "check", "mapped_id": False})
        return self._reopen()

    @api.model
    def _prepare_columns(self, unknown):
        """The columns to map, filled in as far as they are known."""
        columns = enumerate(zip(unknown.columns, unknown.samples, unknown.guesses))
        return [
            (0, 0, {"position": position, "header": header, "sample": sample, "role": guess or False})
            for position, (header, sample, guess) in columns
        ]

    def _remember_layout(self, unknown):
        """Store how the columns were mapped, in place of what was stored for the same columns before."""
        Layout = self.env["crm.statement.layout"]
        company = self.mapped_id._get_company()
        layout = Layout.search([("company_id", "=", company.id), ("signature", "=", unknown.signature)])
        columns = [
            (0, 0, {"position": column.position, "header": column.header, "role": column.role})
            for column in self.column_ids.sorted("position")
        ]
        values = {
            "name": self.layout_name,
            "date_order": self.date_order or "year",
            "out_positive": self.out_positive,
            "column_ids": [(5, 0, 0), *columns],
        }
        if layout:
            layout.write(values)
        else:
            Layout.create({**values, "signature": unknown.signature, "company_id": company.id})

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": _("Import Bank Statements"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "inline",
        }

    def _open_result(self, statements, matched):
        """A note on what was done and matched, then the statements."""
        count = len(statements.line_ids)
        known = sum(self.file_ids.mapped("line_count")) - count
        message = _("%(new)d payments imported, %(known)d were there already.", new=count, known=known)
        if not statements:
            message = _("Nothing new: all %d payments were imported before.", known)
        action = {"type": "ir.actions.act_window_close"}
        if statements:
            action = self.env["ir.actions.actions"]._for_xml_id("crm_sales_order.account_bank_statement_action")
            action["domain"] = [("id", "in", statements.ids)]
            action["target"] = "main"  # the import is no place to go back to
            if len(statements) == 1:
                action.update(res_id=statements.id, views=[(False, "form")])
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": _("Bank statements"),
                "message": " ".join(filter(None, (message, matched))),
                "type": "success" if statements else "info",
                "next": action,
            },
        }


class CrmStatementImportColumn(models.TransientModel):
    """A column of a file whose layout is not known yet."""

    _name = "crm.statement.import.column"
    _description = "Bank Statement File Column"
    _order = "import_id, position"

    import_id = fields.Many2one("crm.statement.import", required=True, ondelete="cascade")
    position = fields.Integer(readonly=True)
    header = fields.Char(string="Column", readonly=True)
    sample = fields.Char(string="Values", readonly=True)
    role = fields.Selection("_selection_role", string="Is")

    @api.model
    def _selection_role(self):
        return self.env["crm.statement.layout.column"]._selection_role()
