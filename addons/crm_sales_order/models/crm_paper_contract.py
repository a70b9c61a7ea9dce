# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models

from ..engine import merge_fields
from ..engine.paper.document import Column, Paper, Row, Table, Text


class CrmContract(models.Model):
    """The contract on paper."""

    _name = "crm.contract"
    _inherit = ["crm.contract", "crm.paper"]

    def _get_paper_lang(self):
        return self._get_text_lang()

    def _get_paper(self, report):
        return Paper(
            title=self.title or _("Contract"),
            number=self.name,
            letterhead=self._paper_letterhead(self.company_id),
            parties=(
                self._paper_party(_("Party A (Buyer)"), self.partner_id, self.signatory_id),
                self._paper_party(_("Party B (Seller)"), self.company_id.partner_id),
            ),
            facts=tuple((label, value) for label, value in self._get_paper_facts() if value),
            body=tuple(self._get_paper_body()),
            signatures=tuple(self._get_paper_signatures()),
            footer="%s  %s" % (self.company_id.name, self.name),
            page=_("Page {page} of {pages}"),
            stamp=_("Draft") if self.state in ("draft", "approval", "cancel") else "",
            cjk=self._paper_is_cjk(),
        )

    def _get_paper_facts(self):
        return [
            (_("Number"), self.name),
            (_("Starts on"), self._paper_date(self.date_start)),
            (_("Ends on"), self._paper_date(self.date_end)),
            (_("Amount"), self._paper_money(self.amount_total, self.currency_id) if self.amount_total else ""),
            (_("Amends"), self.amends_id.name),
        ]

    def _get_paper_body(self):
        """The clauses; a table among the paragraphs of one stands between them."""
        for number, (title, blocks) in enumerate(self._get_blocks(), 1):
            heading, lines = "%d. %s" % (number, title), []
            for block in blocks:
                if isinstance(block, merge_fields.Table):
                    yield Text(heading, "\n".join(lines))
                    yield self._get_paper_block(block)
                    heading, lines = "", []
                else:
                    lines.append(block)
            if heading or lines:
                yield Text(heading, "\n".join(lines))

    def _get_paper_block(self, table):
        """A table of the text: the widest column is the one with the longest cell."""
        widths = [max(len(cell) for cell in column) for column in zip(table.head, *table.rows)]
        columns = tuple(
            Column(label, min(max(width, 4), 40), number=index in table.numbers)
            for index, (label, width) in enumerate(zip(table.head, widths))
        )
        return Table(columns, tuple(Row(tuple(cells)) for cells in table.rows))

    def _get_paper_signatures(self):
        signed = [self.signer_name or "", self._paper_date(self.signed_on)] if self.signed_on else []
        customer = self.commercial_partner_id.name
        yield self._paper_signature(_("Party A (signature, chop)"), customer, signed, self.signature)
        chop = self._paper_chop(self.company_id) if self.state not in ("draft", "approval", "cancel") else False
        yield self._paper_signature(_("Party B (signature, chop)"), self.company_id.name, image=chop, chop=True)
