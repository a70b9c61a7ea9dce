# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64
import io
import json

import xlsxwriter
from odoo import _, fields, models

#: First characters that make a spreadsheet program take a text for a formula, once it went through a CSV
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class CrmIntakeFile(models.Model):
    """What came of a file: numbers, links, and the refused rows as a spreadsheet."""

    _inherit = "crm.intake.file"

    touchpoint_ids = fields.One2many("crm.touchpoint", "file_id", string="Submissions", copy=False)
    created_count = fields.Integer(string="New Leads", compute="_compute_outcomes", compute_sudo=True)
    attached_count = fields.Integer(string="Attached", compute="_compute_outcomes", compute_sudo=True)
    linked_count = fields.Integer(string="Linked", compute="_compute_outcomes", compute_sudo=True)
    rejected_count = fields.Integer(string="Rejected", compute="_compute_outcomes", compute_sudo=True)
    dead_count = fields.Integer(string="Dead Letters", compute="_compute_outcomes", compute_sudo=True)
    pending_count = fields.Integer(string="In Process", compute="_compute_outcomes", compute_sudo=True)
    report_file = fields.Binary(compute="_compute_report_file")

    def _compute_outcomes(self):
        """One query: touchpoints by file, state and outcome."""
        self.env.cr.execute(
            "SELECT file_id, state, outcome, count(*) FROM crm_touchpoint WHERE file_id = ANY(%s) GROUP BY 1, 2, 3", [self.ids]
        )
        counts = {}
        for file_id, state, outcome, number in self.env.cr.fetchall():
            name = {"received": "pending", "dead": "dead"}.get(state) or outcome
            counts[file_id, name] = counts.get((file_id, name), 0) + number
        for file in self:
            for name in ("created", "attached", "linked", "rejected", "dead", "pending"):
                file["%s_count" % name] = counts.get((file.id, name), 0)

    def get_progress(self):
        """For the progress bar, every other second: how far reading and processing are."""
        self.ensure_one()
        self._check_may("read")
        processed = self.accepted_count - self.pending_count
        names = ("state", "progress", "position", "row_estimate", "bad_count", "known_count", "accepted_count", "pending_count")
        values = {name: self[name] for name in names}
        return {**values, "processed": 100.0 * processed / self.accepted_count if self.accepted_count else 100.0}

    # -- links -------------------------------------------------------------------------------------------------------

    def action_view_created(self):
        return self._view_touchpoints(_("New Leads"), [("outcome", "=", "created")])

    def action_view_attached(self):
        return self._view_touchpoints(_("Attached"), [("outcome", "in", ("attached", "linked"))])

    def action_view_rejected(self):
        return self._view_touchpoints(_("Rejected"), [("outcome", "=", "rejected")])

    def action_view_dead(self):
        return self._view_touchpoints(_("Dead Letters"), [("state", "=", "dead")])

    def _view_touchpoints(self, title, domain):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": "%s: %s" % (self.name, title),
            "res_model": "crm.touchpoint",
            "view_mode": "tree,form",
            "domain": [("file_id", "=", self.id), *domain],
        }

    def action_view_bad(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": "%s: %s" % (self.name, _("Refused Rows")),
            "res_model": "crm.intake.file.row",
            "view_mode": "tree",
            "domain": [("file_id", "=", self.id)],
        }

    # -- refused rows ------------------------------------------------------------------------------------------------

    def action_download_bad(self):
        """The refused rows as XLSX, to be corrected and uploaded again."""
        self.ensure_one()
        self._check_may("read")
        name = "%s.xlsx" % _("%s - refused rows", (self.name or "").rsplit(".", 1)[0])
        return {
            "type": "ir.actions.act_url",
            "target": "self",
            "url": "/web/content/%s/%d/report_file/%s?download=true" % (self._name, self.id, name.replace("/", "_")),
        }

    def _compute_report_file(self):
        for file in self:
            file.report_file = base64.b64encode(file._make_bad_rows())

    def _make_bad_rows(self):
        """XLSX bytes: the columns of the file as they were, then the line and the reasons in words. Rows are written as they
        are read: memory does not grow with them."""
        self.ensure_one()
        header = self.column_ids.mapped("name")
        stream = io.BytesIO()
        # strings_to_*: a cell of the file must never become a formula, a link or a number that is rounded
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        with xlsxwriter.Workbook(stream, options) as book:
            sheet = book.add_worksheet(_("Refused Rows"))
            bold = book.add_format({"bold": True, "bottom": 1})
            text = book.add_format({"num_format": "@"})
            quoted = book.add_format({"num_format": "@", "quote_prefix": True})
            sheet.set_column(0, len(header) - 1, 18, text)
            sheet.set_column(len(header) + 1, len(header) + 1, 80)
            for column, title in enumerate([*header, _("Line"), _("Reason")]):
                sheet.write_string(0, column, title, bold)
            sheet.freeze_panes(1, 0)
            for number, row in enumerate(self._iter_bad_rows(), 1):
                cells = json.loads(row.cells)
                for column, cell in enumerate(cells[: len(header)]):
                    sheet.write_string(number, column, cell, quoted if cell.startswith(FORMULA) else text)
                sheet.write_number(number, len(header), row.line)
                sheet.write_string(number, len(header) + 1, row._get_reason_text(header))
        return stream.getvalue()

    def _iter_bad_rows(self, size=2000):
        """Refused rows in order, a page at a time."""
        row_model, last = self.env["crm.intake.file.row"], 0
        while True:
            rows = row_model.search([("file_id", "=", self.id), ("id", ">", last)], order="id", limit=size)
            if not rows:
                return
            yield from rows
            last = rows[-1].id
            rows.invalidate_cache(ids=rows.ids)
