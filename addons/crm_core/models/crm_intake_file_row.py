# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json

from odoo import _, api, fields, models
from psycopg2.extras import execute_values


class CrmIntakeFileRow(models.Model):
    """A row that was refused, as it stood in the file, and why."""

    _name = "crm.intake.file.row"
    _description = "File Import: Refused Row"
    _order = "file_id, line"
    _log_access = False
    _rec_name = "line"
    _contact_details_guarded = True

    file_id = fields.Many2one("crm.intake.file", required=True, ondelete="cascade", index=True, readonly=True)
    line = fields.Integer(readonly=True)
    cells = fields.Text(readonly=True, help="JSON list of texts.")
    reasons = fields.Text(readonly=True, help="JSON list of [code, column, value].")
    text = fields.Char(string="Row", compute="_compute_text")
    reason = fields.Char(compute="_compute_text")

    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {"cells", "reasons", "text", "reason"}

    @api.depends("cells", "reasons")
    @api.depends_context("lang")
    def _compute_text(self):
        for row in self:
            row.text = " | ".join(filter(None, json.loads(row.cells or "[]")))[:200]
            row.reason = row._get_reason_text()

    @api.model
    def _keep(self, file, rows):
        """Store refused ``rows`` (line, cells, reasons) of ``file``: one statement for a thousand."""
        values = [(file.id, line, json.dumps(cells, ensure_ascii=False), json.dumps(reasons)) for line, cells, reasons in rows]
        query = "INSERT INTO crm_intake_file_row (file_id, line, cells, reasons) VALUES %s"
        execute_values(self.env.cr._obj, query, values, page_size=1000)

    def _get_reason_text(self, header=None):
        """All reasons of this row (ensure_one), in words."""
        header = header or self.file_id.column_ids.mapped("name")
        return " ".join(self._get_sentence(header, *reason) for reason in json.loads(self.reasons or "[]"))

    @api.model
    def _get_sentence(self, header, code, column, value):
        name = header[column] if 0 <= column < len(header) else ""
        sentences = {
            "nobody": lambda self: _("There is no name, phone, e-mail or WeChat: nobody to contact."),
            "too_many_cells": lambda self: _("The row has more cells than the header: a separator too many?"),
            "too_long": lambda self: _("“%(column)s” is too long.", column=name),
            "bad_phone": lambda self: _(
                "“%(value)s” in “%(column)s” is no phone number (landlines with area code).", column=name, value=value
            ),
            "rounded_phone": lambda self: _(
                "“%(value)s” in “%(column)s”: Excel has rounded the number. Format the column as text and enter it anew.",
                column=name,
                value=value,
            ),
            "bad_email": lambda self: _("“%(value)s” in “%(column)s” is no e-mail address.", column=name, value=value),
            "bad_date": lambda self: _("“%(value)s” in “%(column)s” is no date.", column=name, value=value),
            "bad_number": lambda self: _("“%(value)s” in “%(column)s” is no number.", column=name, value=value),
        }
        return sentences[code](self)
