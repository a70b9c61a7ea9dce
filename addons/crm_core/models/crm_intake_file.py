# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import hashlib
from itertools import islice

from odoo import _, api, fields, models
from odoo.tools import html_escape, human_size

from ..engine.lead_file import BadFile, LeadFile, guess_targets, header_key, is_left_out
from ..engine.lead_file.source import MAX_FILE_BYTES, MAX_ROWS
from ..exceptions import CrmUserError, CrmValidationError

PREVIEW_ROWS = 8
GUESS_ROWS = 200
SAMPLES = 3


class CrmIntakeFileError(CrmUserError):
    """The file cannot be imported; the text says why and what to do."""


class CrmIntakeFile(models.Model):
    """A file of leads on its way in: uploaded and looked at here, read by crm_intake_file_run.py."""

    _name = "crm.intake.file"
    _description = "File Import"
    _order = "id desc"
    _contact_details_guarded = True

    name = fields.Char(string="File Name", readonly=True)
    channel_id = fields.Many2one(
        "crm.intake.channel",
        required=True,
        ondelete="restrict",
        domain=lambda self: self._get_channel_domain(),
        default=lambda self: self._default_channel(),
        help="Decides source, team and what happens to people known already.",
    )
    company_id = fields.Many2one(related="channel_id.company_id", store=True, index=True)
    team_id = fields.Many2one(related="channel_id.team_id", store=True, related_sudo=True, index=True)
    user_id = fields.Many2one("res.users", string="Uploaded by", default=lambda self: self.env.user, readonly=True)
    content = fields.Binary(string="File", required=True, attachment=True, copy=False)
    digest = fields.Char(readonly=True, copy=False, index=True, help="SHA-256 of the file: the same file is recognised by it.")
    state = fields.Selection(
        [
            ("draft", "Columns"),
            ("running", "Import"),
            ("done", "Result"),
            ("cancelled", "Cancelled"),
            ("failed", "Failed"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
    )
    header_key = fields.Char(readonly=True, copy=False)
    row_estimate = fields.Integer(string="Rows", readonly=True, copy=False)
    preview = fields.Html(string="First Rows", readonly=True, copy=False)
    column_ids = fields.One2many("crm.intake.file.column", "file_id", string="Columns", copy=False)
    remembered = fields.Boolean(readonly=True, copy=False, help="The columns are as in the last file with this header.")
    twin_id = fields.Many2one("crm.intake.file", compute="_compute_twin_id", help="The same file, uploaded before.")

    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {"content", "preview"}

    @api.model
    def _get_channel_domain(self):
        """Channels the current user may bring files to."""
        return [("kind", "=", "file"), *self.env.user._crm_intake_file_limit_domain("team_id")]

    @api.model
    def _default_channel(self):
        """The one the user chose last, else the first one."""
        channels = self.env["crm.intake.channel"].search(self._get_channel_domain(), order="id")
        last = self.search([("user_id", "=", self.env.uid), ("channel_id", "in", channels.ids)], limit=1)
        return last.channel_id or channels[:1]

    def _compute_twin_id(self):
        twins = self.sudo().search([("digest", "in", self.mapped("digest")), ("state", "!=", "draft")], order="id")
        for file in self:
            same = twins.filtered_domain([("digest", "=", file.digest), ("channel_id", "=", file.channel_id.id)])
            file.twin_id = (same - file)[:1]

    # -- upload ------------------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        files = super().create(vals_list)
        for file in files:
            file._check_channel()
            file._inspect()
        return files

    def write(self, vals):
        result = super().write(vals)
        if {"channel_id", "content"} & set(vals):
            for file in self:
                if file.state != "draft":
                    raise CrmIntakeFileError(_("This file was imported already. Upload the new one as another import."))
                file._check_channel()
                if vals.get("content"):
                    file._inspect()
        return result

    def unlink(self):
        if any(file.state == "running" for file in self):
            raise CrmIntakeFileError(_("An import is running. Cancel it first."))
        return super().unlink()

    def _check_may(self, operation):
        """:raise AccessError: unless the current user may do ``operation`` on these files"""
        self.check_access_rights(operation)
        self.check_access_rule(operation)

    def _check_channel(self):
        """A leader brings leads to own teams only; a channel must be one for files."""
        if self.channel_id.sudo().kind != "file":
            raise CrmValidationError(_("Choose a channel of the kind “File Import”."))
        self._check_may("write")

    def _get_content(self):
        """The bytes as uploaded."""
        self.ensure_one()
        domain = [("res_model", "=", self._name), ("res_field", "=", "content"), ("res_id", "=", self.id)]
        return self.env["ir.attachment"].sudo().search(domain, limit=1).raw or b""

    def _open(self, content=None):
        """The engine's file; :class:`CrmIntakeFileError` in words if it is none."""
        try:
            return LeadFile(self._get_content() if content is None else content)
        except BadFile as problem:
            raise CrmIntakeFileError(self._get_problem_text(problem)) from None

    @api.model
    def _get_problem_text(self, problem):
        texts = {
            "empty": _("The file is empty. Upload a CSV or XLSX file with a header and at least one row."),
            "no_rows": _("The file has a header but no rows."),
            "too_big": _(
                "The file is too large (%(size)s, at most %(limit)s). Split it, or save it as CSV.",
                size=human_size(problem.size),
                limit=human_size(MAX_FILE_BYTES),
            ),
            "too_many_rows": _(
                "The file has about %(rows)s rows; at most %(limit)s can be imported at once. Split it.",
                rows="{:,}".format(problem.size),
                limit="{:,}".format(MAX_ROWS),
            ),
            "pdf": _("This is a PDF. Upload the table it was made from, as CSV or XLSX."),
            "old_excel": _("This is a file of an old Excel (.xls) or another Office program. Save it as XLSX and upload that."),
            "password": _("The file is protected by a password. Remove the password in Excel and upload it again."),
            "html": _("This is a web page, whatever its name says. Open it in Excel and save it as XLSX."),
            "unreadable": _("This is neither a CSV nor an XLSX file, or it is damaged. Save it anew as XLSX and upload that."),
            "broken": _("The file is damaged and cannot be read any further. Save it anew as XLSX or CSV and upload that."),
        }
        return texts[problem.code]

    def _inspect(self):
        """Look into the file: header, first rows, and which column is which."""
        self.ensure_one()
        content = self._get_content()
        source = self._open(content)
        try:
            rows = list(islice(source.rows(), GUESS_ROWS))
        except BadFile as problem:
            raise CrmIntakeFileError(self._get_problem_text(problem)) from None
        key = header_key(source.header)
        remembered = self._get_remembered(key)
        targets = guess_targets(source.header, [cells for _line, cells in rows])
        self.column_ids.unlink()
        self.write({
            "digest": hashlib.sha256(content).hexdigest(),
            "header_key": key,
            "row_estimate": max(source.row_estimate - source.header_line, 1),
            "preview": self._render_preview(source.header, rows[:PREVIEW_ROWS]),
            "remembered": bool(remembered),
            "column_ids": [
                (0, 0, {
                    "position": position,
                    "name": name or _("Column %d", position + 1),
                    "sample": self._get_sample(rows, position),
                    **remembered.get(name, {"target": targets[position], "keep": not is_left_out(name)}),
                })
                for position, name in enumerate(source.header)
            ],
        })  # fmt: skip

    def _get_remembered(self, key):
        """{column name: values} as people chose them for the last file with the same header on this channel."""
        domain = [("channel_id", "=", self.channel_id.id), ("header_key", "=", key), ("state", "!=", "draft")]
        last = self.sudo().search([*domain, ("id", "!=", self.id)], limit=1)
        return {column.name: {"target": column.target, "keep": column.keep} for column in last.column_ids}

    @api.model
    def _get_sample(self, rows, position):
        """The first different values of a column."""
        cells = (cells[position] for _line, cells in rows if position < len(cells))
        return ", ".join(list(dict.fromkeys(filter(None, cells)))[:SAMPLES])[:120]

    @api.model
    def _render_preview(self, header, rows):
        head = "".join("<th>%s</th>" % html_escape(name) for name in ["", *header])
        body = "".join(
            "<tr>%s</tr>" % "".join("<td>%s</td>" % html_escape(cell[:80]) for cell in [str(line), *cells])
            for line, cells in rows
        )
        return (
            '<div class="table-responsive"><table class="table table-sm o_crm_import_preview">'
            "<thead><tr>%s</tr></thead><tbody>%s</tbody></table></div>" % (head, body)
        )
