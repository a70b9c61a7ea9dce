# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models

from ..engine.paper.document import Column, Paper, Row, Table
from ..exceptions import SalesOrderError


class CrmPaperReceipt(models.AbstractModel):
    """Mixin: the receipt of a payment, whether it was entered as one or came with a bank statement."""

    _name = "crm.paper.receipt"
    _inherit = "crm.paper"
    _description = "Receipt on Paper"

    def _get_receipt_number(self):
        return self.name

    def _get_receipt_money(self):
        """(amount, currency); above zero came in, below went out."""
        raise NotImplementedError

    def _get_receipt_memo(self):
        raise NotImplementedError

    def _get_paper_lang(self):
        return self.partner_id.lang or self.company_id.partner_id.lang or self.env.lang

    def _get_paper(self, report):
        if self.state != "posted":
            raise SalesOrderError(_("%(payment)s is not posted yet: a receipt is given for money that came in.", payment=self.name))
        amount, currency = self._get_receipt_money()
        return Paper(
            title=_("Receipt of Payment") if amount >= 0 else _("Advice of Payment"),
            number=self._get_receipt_number(),
            letterhead=self._paper_letterhead(self.company_id),
            parties=self._get_paper_parties(amount),
            facts=tuple((label, value) for label, value in self._get_paper_facts() if value),
            body=(self._get_paper_table(abs(amount), currency),),
            signatures=(
                self._paper_signature(
                    _("Received by") if amount >= 0 else _("Paid by"),
                    self.company_id.name,
                    image=self._paper_chop(self.company_id),
                    chop=True,
                ),
            ),
            footer=self.company_id.name,
            page=_("Page {page} of {pages}"),
            cjk=self._paper_is_cjk(),
        )

    def _get_paper_parties(self, amount):
        if not self.partner_id:
            return ()
        return (self._paper_party(_("Received from") if amount >= 0 else _("Paid to"), self.partner_id),)

    def _get_paper_facts(self):
        return [
            (_("Number"), self._get_receipt_number()),
            (_("Date"), self._paper_date(self.date)),
            (_("Into Account"), self.journal_id.sudo().bank_account_id.acc_number or self.journal_id.sudo().name),
            (_("Memo"), self._get_receipt_memo()),
        ]

    def _get_paper_table(self, amount, currency):
        """What the money paid; what pays nothing yet is an advance."""
        columns = (
            Column(_("Document"), 3),
            Column(_("Date"), 1.5),
            Column(_("Document Total"), 2, number=True),
            Column(_("Paid by this"), 2, number=True),
        )
        rows, rest = [], amount
        for _partial, paid, item in self.sudo().move_id._get_reconciled_invoices_partials():
            if not currency.is_zero(paid):  # the exchange difference of another currency
                rest -= paid
                total = self._paper_money(abs(item.amount_currency), item.currency_id)
                rows.append((item.move_id.name, self._paper_date(item.date), total, self._paper_money(paid, currency)))
        if not currency.is_zero(rest):
            label = _("On account, not yet used") if rest > 0 else _("Bank charges")
            rows.append((label, "", "", self._paper_money(rest, currency)))
        words = _("Total in words: %s", self._paper_words(amount, currency))
        return Table(columns, tuple(Row(cells) for cells in rows), ((_("Total"), self._paper_money(amount, currency)),), words)
