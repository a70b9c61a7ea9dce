# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import Counter

from odoo import _, api, models
from odoo.tools import format_date, html_escape

from ..engine.statement import REASONS, TEXTS, digits_of

SHOWN_LINES = 5
SHOWN_PROBLEMS = 20


class CrmStatementPreview(models.AbstractModel):
    """What is in a bank's file and what is wrong with it, in the reader's language."""

    _name = "crm.statement.preview"
    _description = "Bank Statement Preview"

    @api.model
    def _get_text(self, problem):
        """A problem in words: where, what stands there, what is wrong and what to do."""
        texts = {
            "journal_currency": _("The currency of the file is not the journal’s. Choose another journal."),
            "journal_account": _("The file is of another account than the journal."),
            "journal_missing": _("No bank journal has this account and currency, or several could: choose the journal of the file."),
            "locked": _("This day is in a closed period. Ask the accounting adviser to open it, or download a later period."),
        }
        text = texts.get(problem.code) or _(TEXTS[problem.code])
        where = ""
        if problem.row and problem.column:
            where = _("Row %(row)d, column “%(column)s”", row=problem.row, column=problem.column)
        elif problem.row:
            where = _("Row %(row)d", row=problem.row)
        place = ": ".join(filter(None, (where, problem.value and "“%s”" % problem.value)))
        return " – ".join(filter(None, (place, text)))

    @api.model
    def _render(self, name, statement, problems, warnings):
        """HTML of one file."""
        parts = ["<h4>%s</h4>" % html_escape(name or "")]
        parts.append(self._render_list(problems, "alert-danger"))
        parts.append(self._render_list(warnings, "alert-warning"))
        if statement:
            parts += [self._render_lines(statement), self._render_skipped(statement)]
        return '<div class="o_crm_statement_preview">%s</div>' % "".join(parts)

    @api.model
    def _render_list(self, problems, style):
        if not problems:
            return ""
        items = ["<li>%s</li>" % html_escape(self._get_text(problem)) for problem in problems[:SHOWN_PROBLEMS]]
        if len(problems) > SHOWN_PROBLEMS:
            items.append("<li>%s</li>" % html_escape(_("… and %d more.", len(problems) - SHOWN_PROBLEMS)))
        return '<ul class="alert %s list-unstyled mb-2">%s</ul>' % (style, "".join(items))

    @api.model
    def _render_lines(self, statement):
        unit, digits = 10 ** digits_of(statement.currency), digits_of(statement.currency)
        rows = []
        for line in statement.lines[:SHOWN_LINES]:
            cells = [html_escape(text) for text in (format_date(self.env, line.date), line.counterparty[:40], line.memo[:60])]
            amount = "{:,.{digits}f}".format(line.amount / unit, digits=digits)
            rows.append("<tr><td>%s</td><td>%s</td><td>%s</td><td class='text-right text-nowrap'>%s</td></tr>" % (*cells, amount))
        heads = (_("Date"), _("Counterparty"), _("Statement text"), "%s %s" % (_("Amount"), statement.currency))
        head = "".join("<th>%s</th>" % html_escape(text) for text in heads[:3])
        head += "<th class='text-right'>%s</th>" % html_escape(heads[3].strip())
        rest = len(statement.lines) - SHOWN_LINES
        more = "<p class='text-muted'>%s</p>" % html_escape(_("… and %d more.", rest)) if rest > 0 else ""
        table = "<table class='table table-sm mb-1'><thead><tr>%s</tr></thead><tbody>%s</tbody></table>" % (head, "".join(rows))
        return "<div class='table-responsive'>%s</div>%s" % (table, more)

    @api.model
    def _render_skipped(self, statement):
        """Which rows moved no money of the account, by reason."""
        counts = Counter(one.reason for one in statement.skipped if one.reason != "total")
        if not counts:
            return ""
        rows = {reason: ", ".join(str(one.row) for one in statement.skipped if one.reason == reason) for reason in counts}
        texts = []
        for reason in counts:
            texts.append(_("%(reason)s: rows %(rows)s", reason=_(REASONS[reason]), rows=rows[reason][:80]))
        return "<p class='text-muted'>%s %s</p>" % (html_escape(_("Not taken:")), html_escape("; ".join(texts)))
