# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

SHOWN_LINES = 5


class CrmImportIssue(models.Model):
    """What an import refused, repaired or wants to be known: one record per cause and value, with all its lines."""

    _name = "crm.import.issue"
    _description = "Import Report Line"
    _order = "run_id, id"

    run_id = fields.Many2one("crm.import.run", required=True, ondelete="cascade", index=True)
    severity = fields.Selection(
        [("rejected", "Rejected"), ("repaired", "Repaired"), ("note", "Note")], required=True, readonly=True
    )
    code = fields.Char(required=True, readonly=True)
    file_name = fields.Char(string="File", readonly=True)
    column_name = fields.Char(string="Column", readonly=True)
    value = fields.Char(readonly=True)
    result = fields.Char(string="Used Instead", readonly=True)
    kind = fields.Char(readonly=True)
    row_count = fields.Integer(string="Rows", readonly=True)
    lines = fields.Text(string="Line Numbers", readonly=True, help="Line numbers in the file, separated by commas.")
    lines_text = fields.Text(string="Lines", compute="_compute_lines_text")
    reason = fields.Text(compute="_compute_text")
    action = fields.Text(string="What Was Done", compute="_compute_text")

    @api.depends("lines")
    @api.depends_context("lang")
    def _compute_lines_text(self):
        for issue in self:
            numbers = (issue.lines or "").split(",")
            more = len(numbers) - SHOWN_LINES
            shown = ", ".join(numbers[:SHOWN_LINES])
            issue.lines_text = _("%(lines)s and %(count)s more", lines=shown, count=more) if more > 0 else shown

    @api.depends("code", "kind", "value", "result")
    @api.depends_context("lang")
    def _compute_text(self):
        texts = self._get_texts()
        for issue in self:
            reason, action = texts[issue.code]
            values = {"value": issue.value or "", "result": issue.result or "", "kind": self._get_kind_name(issue.kind)}
            issue.reason = reason % values
            issue.action = action % values

    def _get_sentence(self):
        """One line for people: file, line, column, why, what was done."""
        self.ensure_one()
        where = [self.file_name, self.lines_text and _("line %s", self.lines_text), self.column_name]
        return "%s: %s %s" % (", ".join(filter(None, where)), self.reason, self.action)

    @api.model
    def _get_kind_name(self, kind):
        """``product`` or ``deal.stage`` in words."""
        kind, _dot, code = (kind or "").partition(".")
        if code:
            found = self.env["crm.import.field"].search([("kind", "=", kind), ("code", "=", code)], limit=1)
            return found.name or code
        names = {"account": _("account"), "product": _("product"), "rep": _("sales rep"), "deal": _("opportunity")}
        return names.get(kind, kind)

    @api.model
    def _prepare_from_engine(self, issue):
        return {
            "severity": issue.severity,
            "code": issue.code,
            "file_name": issue.file,
            "column_name": issue.column,
            "value": issue.value[:500],
            "result": issue.result[:500],
            "kind": issue.kind,
            "row_count": issue.count,
            "lines": ",".join(map(str, issue.lines)),
        }

    @api.model
    def _get_texts(self):
        """Code → (why, what was done). One entry for every code of the engine."""
        return {**self._get_file_texts(), **self._get_row_texts(), **self._get_deal_texts()}

    @api.model
    def _get_file_texts(self):
        left_out = _("The file was left out.")
        return {
            "file_unreadable": (
                _("This is not a CSV or XLSX file that can be read."),
                _("The file was left out. Save it as XLSX or CSV and upload it again."),
            ),
            "file_empty": (_("There is no table in this file."), left_out),
            "file_too_big": (_("The file is too big."), _("The file was left out. Split it into smaller files.")),
            "file_unknown": (
                _("Cannot tell what this file holds from its columns: %(value)s"),
                _("The file was left out. If it matters, choose what it holds and map its columns."),
            ),
            "column_required": (_("No column for: %(kind)s"), _("The file was left out. Map a column to it.")),
            "encoding_lossy": (
                _("Some characters are in no known encoding."),
                _("They were replaced by a question mark sign."),
            ),
            "rows_short": (_("The line has fewer cells than the header."), _("The missing cells were read as empty.")),
            "merged_cells": (_("Merged cells."), _("The value %(result)s was used for each line under them.")),
            "formula_without_value": (
                _("The formula %(value)s has no stored result."),
                _("The cell was read as empty. Open the file in a spreadsheet program and save it again."),
            ),
            "date_order_assumed": (
                _("The dates of this column do not tell whether month or day comes first."),
                _("They were read in this order: %(value)s"),
            ),
        }

    @api.model
    def _get_row_texts(self):
        rejected = _("The row was not imported.")
        left_empty = _("The row was imported, the field left empty.")
        return {
            "name_missing": (_("The row has no name."), rejected),
            "duplicate_same": (_("%(value)s is the same as on line %(result)s."), _("Imported once.")),
            "duplicate_differs": (
                _("%(value)s is on line %(result)s too, with other content."),
                _("The first one was imported, this row was not."),
            ),
            "bad_amount": (_("“%(value)s” is not an amount."), rejected),
            "bad_number": (_("“%(value)s” is not a whole number."), left_empty),
            "bad_date": (_("“%(value)s” is not a day of the calendar."), left_empty),
            "word_corrected": (_("“%(value)s” looks like a typing error."), _("Imported as %(result)s.")),
            "country_unknown": (_("There is no country called “%(value)s”."), left_empty),
            "parent_unknown": (_("The parent company “%(value)s” is in no file and not here."), left_empty),
            "parent_loop": (_("%(value)s would be a subsidiary of itself."), left_empty),
            "name_matched": (
                _("There is no %(kind)s written “%(value)s”."),
                _("Matched with %(result)s, which is the same but for the spelling."),
            ),
            "user_kept": (
                _("%(value)s is a user already, with other rights or another team."),
                _("The user was left as it is."),
            ),
            "write_failed": (_("The record was refused: %(result)s"), rejected),
        }

    @api.model
    def _get_deal_texts(self):
        rejected = _("The row was not imported.")
        return {
            "stage_missing": (_("The opportunity has no stage."), rejected),
            "stage_unknown": (
                _("The stage “%(value)s” is not mapped."),
                _("The row was not imported. Map the stage, then import again."),
            ),
            "name_unknown": (
                _("The %(kind)s “%(value)s” is in no file and not here."),
                _("Imported without it; the name is kept in the opportunity."),
            ),
            "close_before_open": (
                _("Closed on %(value)s, before it began on %(result)s."),
                _("The closing date was set to the day it began."),
            ),
            "close_date_missing": (
                _("Won or lost, but without a closing date."),
                _("The day it began counts as closing date; without one, the day of the import."),
            ),
            "value_from_price": (
                _("The open opportunity has no value."),
                _("The product's list price %(result)s was taken as expected revenue."),
            ),
            "no_account": (_("The opportunity names no account."), _("Imported without a customer.")),
            "no_open_date": (
                _("The opportunity has no date on which it began."),
                _("It counts as created on the day of the import."),
            ),
            "ref_generated": (
                _("The row has no identifier."),
                _("One was made from its content, to know it again in a second import."),
            ),
        }
