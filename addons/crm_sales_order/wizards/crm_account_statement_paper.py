# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models

from ..engine.paper.document import Column, Paper, Row, Table, Text


class CrmAccountStatement(models.TransientModel):
    """The statement on paper and as a spreadsheet, from the same accounts."""

    _inherit = "crm.account.statement"

    def _get_paper_lang(self):
        return self.partner_id.lang or self.company_id.partner_id.lang or self.env.lang

    def _get_paper(self, report):
        accounts = self._get_accounts()
        return Paper(
            title=_("Statement of Account"),
            number=self._get_period_text(),
            letterhead=self._paper_letterhead(self.company_id),
            parties=(self._paper_party(_("Customer"), self.partner_id.commercial_partner_id),),
            facts=(
                (_("Period"), self._get_period_text()),
                (_("Printed on"), self._paper_date(self._get_today())),
                *self._get_paper_sums(accounts),
            ),
            body=tuple(part for account in accounts for part in self._get_paper_account(account))
            or (Text("", _("Nothing was billed or paid in this period, and nothing is open.")),),
            signatures=tuple(self._get_paper_signatures()),
            footer=self.company_id.name,
            page=_("Page {page} of {pages}"),
            cjk=self._paper_is_cjk(),
        )

    def _get_today(self):
        return self.create_date or self.date_to

    def _get_paper_sums(self, accounts):
        for account in accounts:
            currency = self.env["res.currency"].browse(account.currency)
            yield _("Open at the End"), self._paper_cents(account.closing, currency)
            if account.overdue:
                yield _("Of it Overdue"), self._paper_cents(account.overdue, currency)

    def _get_paper_account(self, account):
        """The movements, then what is open and how old it is."""
        currency = self.env["res.currency"].browse(account.currency)
        columns = (
            Column(_("Date"), 1.3),
            Column(_("Document"), 2.0),
            Column(_("Particulars"), 2.4),
            Column(_("Billed"), 1.6, number=True),
            Column(_("Paid"), 1.6, number=True),
            Column(_("Balance"), 1.7, number=True),
        )
        rows = [Row((self._paper_date(self.date_from), _("Opening Balance"), "", "", "", self._paper_cents(account.opening, currency)))]
        for entry, balance in zip(account.entries, account.balances):
            billed, paid = self._split(entry.amount)
            cells = [self._paper_cents(cents, currency) if cents else "" for cents in (billed, paid)]
            text = self._get_subject(entry)
            rows.append(Row((self._paper_date(entry.day), entry.document, text, *cells, self._paper_cents(balance, currency))))
        yield Table(
            columns,
            tuple(rows),
            (
                (_("Billed in the Period"), self._paper_cents(account.billed, currency)),
                (_("Paid and Credited in the Period"), self._paper_cents(account.settled, currency)),
                (_("Closing Balance (%s)", currency.name), self._paper_cents(account.closing, currency)),
            ),
            _("Total in words: %s", self._paper_words(self._from_cents(account.closing, currency), currency)),
        )
        if account.open_items:
            yield self._get_paper_open(account, currency)

    def _get_paper_open(self, account, currency):
        columns = (
            Column(_("Open Documents"), 2.2),
            Column(_("Date"), 1.3),
            Column(_("Due Date"), 1.3),
            Column(_("Days Late"), 1.0, number=True),
            Column(_("Amount"), 1.7, number=True),
            Column(_("Open"), 1.7, number=True),
        )
        rows = [
            Row(
                (
                    item.document,
                    self._paper_date(item.day),
                    self._paper_date(item.due),
                    str(item.get_days_late(self.date_to) or ""),
                    self._paper_cents(item.amount, currency),
                    self._paper_cents(item.open, currency),
                )
            )
            for item in account.open_items
        ]
        labels = dict(self.env["crm.receivable.item"]._fields["bucket"]._description_selection(self.env))
        ages = [(labels[key], self._paper_cents(cents, currency)) for key, cents in account.buckets.items() if cents]
        return Table(columns, tuple(rows), (*ages, (_("Open (%s)", currency.name), self._paper_cents(account.closing, currency))))

    def _get_paper_signatures(self):
        chop = self._paper_chop(self.company_id)
        yield self._paper_signature(_("Drawn up by"), self.company_id.name, image=chop, chop=True)
        yield self._paper_signature(_("Checked and agreed (signature, chop)"), self.partner_id.commercial_partner_id.name)

    def _paper_cents(self, cents, currency):
        return self._paper_money(self._from_cents(cents, currency), currency)

    def _split(self, cents):
        """(billed, paid or credited), both above zero."""
        return (cents, 0) if cents > 0 else (0, -cents)

    def _get_subject(self, entry):
        """What the movement was, and what it said."""
        kinds = {
            "invoice": _("Invoice") if entry.amount > 0 else _("Credit Note"),
            "receipt": _("Payment") if entry.amount < 0 else _("Repayment"),
            "manual": _("Other Entry"),
        }
        return "  ".join(text for text in (kinds[entry.kind], entry.text) if text)

    # -- spreadsheet ------------------------------------------------------------------------------------------------

    def _get_sheets(self):
        """For ``tools.book.make_book``: one sheet per currency."""
        accounts = self._get_accounts()
        sheets = [self._get_sheet(account, self.env["res.currency"].browse(account.currency)) for account in accounts]
        heading = "%s  %s" % (self.partner_id.commercial_partner_id.name, self._get_period_text())
        return sheets or [(_("Statement of Account"), [(heading, [(_("Nothing was billed or paid"), 40)], [], 0)])]

    def _get_sheet(self, account, currency):
        def money(cents):
            return self._from_cents(cents, currency)

        rows = [(self.date_from, _("Opening Balance"), "", None, None, money(account.opening))]
        for entry, balance in zip(account.entries, account.balances):
            billed, paid = (money(cents) if cents else None for cents in self._split(entry.amount))
            rows.append((entry.day, entry.document, self._get_subject(entry), billed, paid, money(balance)))
        rows.append((self.date_to, _("Closing Balance"), "", money(account.billed), money(account.settled), money(account.closing)))
        columns = [(_("Date"), 12), (_("Document"), 22), (_("Particulars"), 36), (_("Billed"), 16), (_("Paid"), 16), (_("Balance"), 16)]
        heading = "%s  %s  %s" % (self.partner_id.commercial_partner_id.name, self._get_period_text(), currency.name)
        opens = [
            (item.day, item.document, item.due, item.get_days_late(self.date_to) or None, money(item.amount), money(item.open))
            for item in account.open_items
        ]
        opens.append((None, _("Total"), None, None, None, money(sum(item.open for item in account.open_items))))
        labels = [(_("Date"), 12), (_("Document"), 22), (_("Due Date"), 12), (_("Days Late"), 12), (_("Amount"), 16), (_("Open"), 16)]
        return currency.name, [(heading, columns, rows, 1), (_("Open Documents"), labels, opens, 1)]
