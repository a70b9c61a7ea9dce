# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models
from odoo.tools import html2plaintext

from ..engine.paper.document import Column, Paper, Row, Table, Text


class SaleOrder(models.Model):
    """Quotation and order on paper."""

    _name = "sale.order"
    _inherit = ["sale.order", "crm.paper"]

    def _get_paper(self, report):
        return Paper(
            title=self._get_paper_title(report),
            number=self.name,
            letterhead=self._paper_letterhead(self.company_id),
            parties=tuple(self._get_paper_parties()),
            facts=tuple((label, value) for label, value in self._get_paper_facts() if value),
            body=tuple(self._get_paper_body()),
            signatures=tuple(self._get_paper_signatures()),
            footer=self.company_id.name,
            page=_("Page {page} of {pages}"),
            stamp=_("Cancelled") if self.state == "cancel" else "",
            cjk=self._paper_is_cjk(),
        )

    def _get_paper_title(self, report):
        if report == self.env.ref("sale.action_report_pro_forma_invoice"):
            return _("Pro-Forma Invoice")
        if self.order_type_id.document_title:
            return self.order_type_id.document_title
        return _("Price Quotation") if self.state in ("draft", "sent", "cancel") else _("Sales Order")

    def _get_paper_parties(self):
        yield self._paper_party(_("Customer"), self.partner_invoice_id, self.partner_id)
        if self.partner_shipping_id != self.partner_invoice_id:
            yield self._paper_party(_("Deliver to"), self.partner_shipping_id)

    def _get_paper_facts(self):
        """[(label, value)] under the title; empty values are left out. Hook for more."""
        seller = self.user_id.sudo()
        return [
            (_("Number"), self.name),
            (_("Date"), self._paper_date(self.date_order)),
            (_("Valid until"), self._paper_date(self.validity_date) if self.state in ("draft", "sent") else ""),
            (_("Your Reference"), self.client_order_ref),
            (_("Payment Terms"), self.payment_term_id.name),
            (_("Delivery Date"), self._paper_date(self.commitment_date)),
            (_("Currency"), self.currency_id.name),
            (_("Contact"), "  ".join(text for text in (seller.name, seller.mobile or seller.phone) if text)),
        ]

    def _get_paper_body(self):
        yield self._get_paper_table()
        if self.sale_order_option_ids and self.state in ("draft", "sent"):
            yield self._get_paper_options()
        terms = html2plaintext(self.note or "").strip()
        if terms:
            yield Text(_("Terms and Conditions"), terms)

    def _get_paper_table(self):
        totals = [
            (_("Untaxed Amount"), self._paper_money(self.amount_untaxed, self.currency_id)),
            (_("Taxes"), self._paper_money(self.amount_tax, self.currency_id)),
            (_("Total"), self._paper_money(self.amount_total, self.currency_id)),
        ]
        names = ("product_uom_qty", "product_uom", "tax_id")
        return self._paper_goods(self.order_line, names, self.currency_id, totals, self.amount_total)

    def _get_paper_options(self):
        rows = [
            Row(
                (
                    option.name,
                    "%s %s" % (self._paper_quantity(option.quantity), option.uom_id.name),
                    self._paper_money(option.price_unit * (1 - option.discount / 100), self.currency_id),
                )
            )
            for option in self.sale_order_option_ids.filtered(lambda option: not option.is_present)
        ]
        columns = (Column(_("Options"), 5), Column(_("Quantity"), 1.5, number=True), Column(_("Unit Price"), 2, number=True))
        return Table(columns, tuple(rows))

    def _get_paper_signatures(self):
        given = self.state in ("sent", "sale", "done")
        chop = self._paper_chop(self.company_id) if given else False
        yield self._paper_signature(_("Seller"), self.company_id.name, image=chop, chop=True)
        signed = [self.signed_by or "", self._paper_date(self.signed_on)] if self.signature else []
        customer = self.partner_id.commercial_partner_id.name
        yield self._paper_signature(_("Customer (signature, chop)"), customer, signed, self.signature)

    def _get_document_bytes(self, report=None):
        return super()._get_document_bytes(report or self.env.ref("sale.action_report_saleorder"))
