# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64

from odoo import _, api, fields, models
from odoo.addons.crm_core.engine.lead_file.source import BadFile

from ..engine.fapiao import clean
from ..engine.fapiao_answer import AMOUNT, DATE, NUMBER, REFERENCE, Request, find_columns, judge
from ..exceptions import FapiaoError
from ..tools.sheets import read_table

MAX_FILE_MB = 10
#: Problems told of at once
SHOWN = 20


class CrmFapiaoImport(models.TransientModel):
    """Numbers back from the tax platform: all rows of the file are taken, or none and each problem is told."""

    _name = "crm.fapiao.import"
    _description = "Read Fapiao Numbers"

    company_id = fields.Many2one("res.company", required=True, readonly=True, default=lambda self: self.env.company, ondelete="cascade")
    layout_id = fields.Many2one(
        "crm.fapiao.layout", required=True, default=lambda self: self._get_default_layout(), ondelete="cascade"
    )
    file = fields.Binary(required=True, attachment=False)
    file_name = fields.Char()

    @api.model
    def _get_default_layout(self):
        return self.env["crm.fapiao.layout"].search([("company_id", "in", (False, self.env.company.id))], limit=1)

    def action_import(self):
        """Read the file and issue what it has numbers for.

        :raise FapiaoError: naming row and column of each problem; nothing is taken then
        """
        self.ensure_one()
        self.env["crm.fapiao"]._check_finance()
        content = base64.b64decode(self.file or b"")
        if len(content) > MAX_FILE_MB << 20:
            raise FapiaoError(_("“%(file)s” is larger than %(limit)d MB.", file=self.file_name, limit=MAX_FILE_MB))
        rows = self._read(content)
        answers, problems = judge(rows, self._get_requests(rows), self._get_taken(rows))
        if problems:
            raise FapiaoError("\n".join([_("Nothing was taken from “%s”:", self.file_name or ""), *self._describe(problems)]))
        fapiao = self.env["crm.fapiao"]
        issued = fapiao._issue({fapiao.browse(answer.id): (answer.number, answer.date) for answer in answers})
        message = _("%(issued)d of %(rows)d numbers are new.", issued=len(issued), rows=len(rows))
        if not issued:
            return self._say(message)
        return dict(fapiao._open_list(issued.with_env(self.env)), name=message, views=[(False, "list"), (False, "form")], res_id=False)

    @api.model
    def _say(self, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"title": _("Fapiao Numbers"), "message": message, "next": {"type": "ir.actions.act_window_close"}},
        }

    def _read(self, content):
        """:return: [(line in the file, values by field)]"""
        names = self.layout_id._get_back_names()
        try:
            header, lines = read_table(content, lambda cells: len(find_columns(cells, names)))
        except BadFile as error:
            raise FapiaoError(
                _("“%s” cannot be read as XLSX or CSV with a header. Save the answer of the tax platform again and choose that file.",
                  self.file_name or "")
            ) from error  # fmt: skip
        columns = find_columns(header, names)
        for field in (REFERENCE, NUMBER):
            if field not in columns:
                raise FapiaoError(
                    _("“%(file)s” has no column “%(column)s”. Choose another layout, or add the column's name to this one.",
                      file=self.file_name or "", column=" / ".join(names[field]))
                )  # fmt: skip
        return [
            (line, {field: cells[place] if place < len(cells) else "" for field, place in columns.items()}) for line, cells in lines
        ]

    def _get_requests(self, rows):
        references = {str(values.get(REFERENCE) or "").strip() for _line, values in rows}
        fapiao = self.env["crm.fapiao"].search([("company_id", "=", self.company_id.id), ("name", "in", list(references))])
        found = {}
        for one in fapiao:
            number = one.number if one.state == "issued" else ""
            found[one.name] = Request(one.id, int(round(one.amount_total * 100)), number, one.state != "cancel")
        return found

    @api.model
    def _get_taken(self, rows):
        numbers = list({clean(values.get(NUMBER)) for _line, values in rows} - {""})
        fapiao = self.env["crm.fapiao"].sudo().search([("number", "in", numbers), ("state", "=", "issued")])
        return {one.number: one.id for one in fapiao}

    def _describe(self, problems):
        """One line per problem, the first :data:`SHOWN` of them."""
        texts = self._get_texts()
        columns = {field: heads[0] for field, heads in self.layout_id._get_back_names().items()}
        told = []
        for problem in problems[:SHOWN]:
            text = (texts.get((problem.field, problem.code)) or texts[problem.code]) % {"value": problem.value}
            told.append(_("Row %(row)d, %(column)s: %(problem)s", row=problem.row, column=columns[problem.field], problem=text))
        if len(problems) > SHOWN:
            told.append(_("… and %d more.", len(problems) - SHOWN))
        return told

    @api.model
    def _get_texts(self):
        """{code or (field, code): what is wrong}"""
        return {
            "missing": _("is empty."),
            "unknown": _("no fapiao was requested as “%(value)s”."),
            "closed": _("“%(value)s” is cancelled."),
            "other": _("it has number %(value)s already."),
            "twice": _("the same as in row %(value)s."),
            "taken": _("%(value)s is the number of another fapiao."),
            "differs": _("%(value)s is not the total of the request."),
            "year": _("%(value)s is not of the year of its date."),
            (NUMBER, "form"): _("“%(value)s” has not 20 digits. If it was a number in Excel, format the column as text."),
            (DATE, "form"): _("“%(value)s” is no date."),
            (AMOUNT, "form"): _("“%(value)s” is no amount."),
        }
