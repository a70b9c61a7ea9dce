# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64
from decimal import Decimal

from odoo import _, models
from odoo.tools import format_date, formatLang

from ..engine.paper.amount import in_words
from ..engine.paper.document import Column, Letterhead, Party, Row, Signature, Table
from ..exceptions import SalesOrderError
from ..report.paper_pdf import FontMissing, draw


class CrmPaper(models.AbstractModel):
    """Mixin of documents that go out on paper. A model says in :meth:`_get_paper` what stands on it."""

    _name = "crm.paper"
    _description = "Document on Paper"

    def _get_paper(self, report):
        """What stands on this one document: an ``engine.paper.document.Paper``, in the language of the context.

        :param report: the ``ir.actions.report`` that is printed
        """
        raise NotImplementedError

    def _get_paper_lang(self):
        """The language of this document: its customer's, or else the reader's."""
        return self.partner_id.lang or self.env.lang

    def _get_document_bytes(self, report):
        """The PDF of this one document."""
        self.ensure_one()
        record = self.with_context(lang=self._get_paper_lang())
        try:
            return draw(record._get_paper(report))
        except FontMissing as error:
            raise SalesOrderError(
                _("No font with Chinese characters on this server; install fonts-wqy-microhei (looked for: %s).", error)
            ) from None

    # -- pieces of a document ----------------------------------------------------------------------------------------

    def _paper_letterhead(self, company):
        company = company.sudo()
        contacts = [company.phone, company.email, company.website]
        number = _("Credit Code: %s", company.vat) if company.vat else ""
        lines = [self._paper_address(company.partner_id), "  ".join(text for text in contacts if text), number]
        logo = company.logo if company._has_own_logo() else b""
        return Letterhead(
            company.name,
            tuple(line for line in lines if line),
            base64.b64decode(logo or b""),
            base64.b64decode(company.paper_banner or b""),
        )

    def _paper_party(self, label, partner, contact=None):
        """A customer as the reader may see it: to whom contact details are hidden, they are not printed either."""
        shown = partner.commercial_partner_id
        lines = [_("Credit Code: %s", shown.vat) if shown.vat else ""]
        if not partner._hidden_contact_details(["phone"]):
            contact = contact or partner
            person = contact.name if contact != shown else ""
            lines += [self._paper_address(partner), "  ".join(text for text in (person, contact.mobile or contact.phone) if text)]
        return Party(label, shown.name or partner.name or "", tuple(line for line in lines if line))

    def _paper_address(self, partner):
        """In one line, the largest place first where that is the custom."""
        parts = [partner.country_id.name, partner.state_id.name, partner.city, partner.street, partner.street2]
        if partner.country_id.code in ("CN", "TW", "HK", "MO", "JP", "KR") and (self.env.lang or "").startswith("zh"):
            return "".join(dict.fromkeys(part for part in parts[1:] if part))
        return ", ".join(part for part in reversed(parts) if part)

    def _paper_goods(self, lines, names, currency, totals, total):
        """The table of what is sold: priced lines with sections and notes among them, totals, the amount in words.

        Where all prices include their taxes, so do the amounts: quantity times price is what stands behind it.

        :param names: how these lines call (quantity, unit, taxes)
        :param totals: [(label, amount as text)]
        """
        quantity, unit, taxes = names
        discounts = any(line.discount for line in lines)
        included = self._paper_prices_include_taxes(lines.sudo().mapped(taxes))
        columns = [
            Column(_("No."), 0.6),
            Column(_("Description"), 4.2),
            Column(_("Quantity"), 1.3, number=True),
            Column(_("Price with Tax") if included else _("Unit Price"), 1.5, number=True),
        ]
        if discounts:
            columns.append(Column(_("Disc.%"), 0.8, number=True))
        columns += [Column(_("Tax Rate"), 1.0, number=True), Column(_("Amount with Tax") if included else _("Amount"), 1.6, number=True)]
        rows, number = [], 0
        for line in lines:
            if line.display_type:
                rows.append(Row((line.name or "",), "section" if line.display_type == "line_section" else "note"))
                continue
            number += 1
            cells = [
                str(number),
                line.name or "",
                "%s %s" % (self._paper_quantity(line[quantity]), line[unit].name or ""),
                self._paper_money(line.price_unit, currency),
            ]
            if discounts:
                cells.append("%g" % round(line.discount, 2) if line.discount else "")
            cells.append(", ".join(tax.description or tax.name for tax in line.sudo()[taxes]))
            rows.append(Row((*cells, self._paper_money(line.price_total if included else line.price_subtotal, currency))))
        words = _("Total in words: %s", self._paper_words(total, currency))
        return Table(tuple(columns), tuple(rows), tuple(totals), words)

    def _paper_prices_include_taxes(self, taxes):
        taxes = taxes.flatten_taxes_hierarchy()
        return bool(taxes) and all(taxes.mapped("price_include"))

    def _paper_signature(self, label, name, lines=(), image=None, chop=False):
        return Signature(label, name or "", tuple(lines), base64.b64decode(image or b""), chop)

    def _paper_chop(self, company):
        """The company's chop as it is stored; False when it has none."""
        return company.sudo().paper_chop

    def _paper_money(self, amount, currency):
        return formatLang(self.env, amount, currency_obj=currency)

    def _paper_quantity(self, quantity):
        return ("%.3f" % quantity).rstrip("0").rstrip(".")

    def _paper_date(self, date):
        return format_date(self.env, date) if date else ""

    def _paper_words(self, amount, currency):
        """The amount in words of the document's language; Chinese ones as banks and courts want them."""
        if (self.env.lang or "").startswith("zh"):
            return in_words(Decimal(str(currency.round(amount))), currency.name)
        return currency.amount_to_text(amount)

    def _paper_is_cjk(self):
        return (self.env.lang or "")[:2] in ("zh", "ja", "ko")
