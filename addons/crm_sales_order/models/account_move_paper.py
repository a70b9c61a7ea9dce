# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models
from odoo.tools import html2plaintext

from ..engine.paper.document import Paper, Text
from ..exceptions import SalesOrderError


class AccountMove(models.Model):
    """Invoices and credit notes on paper, ours and those of suppliers."""

    _name = "account.move"
    _inherit = ["account.move", "crm.paper"]

    def _get_paper(self, report):
        if not self.is_invoice(include_receipts=True):
            raise SalesOrderError(_("%(entry)s is no invoice: only invoices and credit notes are printed.", entry=self.name))
        return Paper(
            title=self._get_paper_title(),
            number=self._get_paper_number(),
            letterhead=self._paper_letterhead(self.company_id),
            parties=tuple(self._get_paper_parties()),
            facts=tuple((label, value) for label, value in self._get_paper_facts() if value),
            body=tuple(self._get_paper_body(report)),
            signatures=tuple(self._get_paper_signatures()),
            footer=self.company_id.name,
            page=_("Page {page} of {pages}"),
            stamp={"draft": _("Draft"), "cancel": _("Cancelled")}.get(self.state, ""),
            cjk=self._paper_is_cjk(),
        )

    def _get_paper_title(self):
        titles = {
            "out_invoice": _("Sales Invoice"),
            "out_receipt": _("Sales Receipt"),
            "out_refund": _("Sales Credit Note"),
            "in_invoice": _("Vendor Bill"),
            "in_receipt": _("Purchase Receipt"),
            "in_refund": _("Vendor Credit Note"),
        }
        return titles[self.move_type]

    def _get_paper_number(self):
        return "" if self.name == "/" else self.name

    def _get_paper_parties(self):
        label = _("Customer") if self.is_sale_document(include_receipts=True) else _("Supplier")
        yield self._paper_party(label, self.partner_id)
        if self.partner_shipping_id and self.partner_shipping_id != self.partner_id:
            yield self._paper_party(_("Deliver to"), self.partner_shipping_id)

    def _get_paper_facts(self):
        seller = self.invoice_user_id.sudo() if self.is_sale_document(include_receipts=True) else self.env["res.users"]
        return [
            (_("Number"), self._get_paper_number()),
            (_("Date"), self._paper_date(self.invoice_date)),
            (_("Pay By"), self._paper_date(self.invoice_date_due) if self.move_type.endswith("invoice") else ""),
            (_("Order"), self.invoice_origin),
            (_("Your Reference"), self.ref),
            (_("Corrects"), self.reversed_entry_id.name),
            (_("Payment Terms"), self.invoice_payment_term_id.name),
            (_("Currency"), self.currency_id.name),
            (_("Contact"), "  ".join(text for text in (seller.name, seller.mobile or seller.phone) if text)),
        ]

    def _get_paper_body(self, report):
        yield self._get_paper_table(report)
        bank = self.partner_bank_id.sudo()
        if self.move_type == "out_invoice" and bank:
            account = [bank.acc_holder_name or self.company_id.name, bank.bank_id.name, bank.acc_number]
            reference = _("Payment reference: %s", self.payment_reference or self.name) if self.state == "posted" else ""
            yield Text(_("Please pay to"), "\n".join(text for text in (*account, reference) if text))
        terms = html2plaintext(self.narration or "").strip()
        if terms:
            yield Text(_("Terms and Conditions"), terms)

    def _get_paper_table(self, report):
        lines = self.invoice_line_ids.sorted(lambda line: (line.sequence, line.id))
        names = ("quantity", "product_uom_id", "tax_ids")
        return self._paper_goods(lines, names, self.currency_id, self._get_paper_totals(report), self.amount_total)

    def _get_paper_totals(self, report):
        """What is billed and, on the invoice with payments, what is paid of it."""
        yield _("Untaxed Amount"), self._paper_money(self.amount_untaxed, self.currency_id)
        for group in self.amount_by_group:
            yield group[0], self._paper_money(group[1], self.currency_id)
        yield _("Total"), self._paper_money(self.amount_total, self.currency_id)
        payments = self.sudo()._get_reconciled_invoices_partials() if self.state == "posted" else []
        if payments and report != self.env.ref("account.account_invoices_without_payment"):
            for _partial, amount, item in sorted(payments, key=lambda payment: payment[2].date):
                label = _("Set off on %s") if item.move_id.is_invoice() else _("Paid on %s")
                yield label % self._paper_date(item.date), self._paper_money(-amount, self.currency_id)
            rest = _("Still to Refund") if self.move_type.endswith("refund") else _("Still to Pay")
            yield rest, self._paper_money(self.amount_residual, self.currency_id)

    def _get_paper_signatures(self):
        if self.is_sale_document(include_receipts=True):
            chop = self._paper_chop(self.company_id) if self.state == "posted" else False
            yield self._paper_signature(_("Seller"), self.company_id.name, image=chop, chop=True)
