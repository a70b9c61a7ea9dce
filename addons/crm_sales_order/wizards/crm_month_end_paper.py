# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64

from odoo import _, api, models

from ..engine.paper.document import Column, Paper, Row, Table, Text
from ..tools.book import make_book


class CrmMonthEnd(models.TransientModel):
    """The month end on paper and as a spreadsheet: the sections of the page, and there the ageing by customer, too."""

    _inherit = "crm.month.end"

    def _get_paper_lang(self):
        return self.env.lang

    def _get_paper(self, report):
        return Paper(
            title=_("Month End: Receivables"),
            number=self._paper_date(self.date),
            letterhead=self._paper_letterhead(self.company_id),
            facts=(
                (_("At the end of"), self._paper_date(self.date)),
                (_("Currency"), self.company_id.currency_id.name),
                (_("Printed by"), self.env.user.name),
            ),
            body=tuple(part for section in self._get_sections() for part in self._get_paper_section(section)),
            footer=self.company_id.name,
            page=_("Page {page} of {pages}"),
            cjk=self._paper_is_cjk(),
        )

    def _get_paper_section(self, section):
        columns = (Column(section["title"], 4), Column(_("Items"), 1.2, number=True), Column(_("Amount"), 2, number=True))
        total = section["total"]
        yield Table(
            columns,
            tuple(Row(self._get_paper_cells(row)) for row in section["rows"] if not row["apart"]),
            ((total["label"], self._get_paper_amount(total)),) if total else (),
        )
        apart = [row for row in section["rows"] if row["apart"]]
        if apart:
            labels = (Column("", 4), Column("", 1.2, number=True), Column("", 2, number=True))
            yield Table(labels, tuple(Row(self._get_paper_cells(row)) for row in apart))
        if section["note"]:
            yield Text("", section["note"])

    def _get_paper_cells(self, row):
        return row["label"], "" if row["count"] is None else "{:,}".format(row["count"]), self._get_paper_amount(row)

    def _get_paper_amount(self, row):
        return "" if row["amount"] is None else self._paper_money(row["amount"], self.company_id.currency_id)

    # -- spreadsheet ------------------------------------------------------------------------------------------------

    @api.depends("date", "company_id")
    def _compute_book(self):
        for page in self:
            page.book = base64.b64encode(make_book([page._get_summary_sheet(), page._get_customer_sheet()]))

    def _get_file_name(self):
        return _("Month End %s", self.date)

    def _get_summary_sheet(self):
        parts = []
        for section in self._get_sections():
            rows = [(row["label"], row["count"], row["amount"]) for row in section["rows"]]
            if section["total"]:
                rows.append((section["total"]["label"], None, section["total"]["amount"]))
            columns = [("", 40), (_("Items"), 12), (_("Amount"), 18)]
            parts.append((section["title"], columns, rows, 1 if section["total"] else 0))
        return _("Month End"), parts

    def _get_customer_sheet(self):
        """Who owes how much for how long; claims apart."""
        items = self.env["crm.receivable.item"].with_context(receivable_date=self.date)
        domain = [("company_id", "=", self.company_id._origin.id), ("kind", "!=", "claim")]
        table = {}
        for group in items.read_group(domain, ["amount_open"], ["partner_id", "bucket"], lazy=False, orderby="partner_id"):
            partner = group["partner_id"]
            cells = table.setdefault(partner and partner[0], {"name": partner[1] if partner else _("Without a customer")})
            cells[group["bucket"]] = group["amount_open"]
        labels = self._get_labels("crm.receivable.item", "bucket")
        rows = [
            (str(cells.pop("name")), *(float(cells.get(bucket, 0.0)) or None for bucket in labels), float(sum(cells.values())))
            for cells in table.values()
        ]
        rows.sort(key=lambda row: -row[-1])
        rows.append((_("Total"), *(float(sum(row[number] or 0.0 for row in rows)) for number in range(1, len(labels) + 2))))
        columns = [(_("Customer"), 36), *((label, 16) for label in labels.values()), (_("Open"), 18)]
        return _("Ageing"), [(_("Ageing by customer, %s", self._paper_date(self.date)), columns, rows, 1)]
