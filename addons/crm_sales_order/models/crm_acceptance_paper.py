# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models

from ..engine.paper.document import Column, Paper, Party, Row, Table, Text


class CrmAcceptance(models.Model):
    """The certificate the customer signs, on the screen or on paper. It names no contact details."""

    _name = "crm.acceptance"
    _inherit = ["crm.acceptance", "crm.paper"]

    def _get_paper_lang(self):
        return self.order_id.partner_id.lang or self.env.lang

    def _get_document_bytes(self, report=None):
        return self.document_id.raw if self.document_id else super()._get_document_bytes(report)

    def _get_paper(self, report):
        order = self.order_id
        customer = order.partner_id.commercial_partner_id.name
        return Paper(
            title=_("Certificate of Acceptance"),
            number=self.name,
            letterhead=self._paper_letterhead(order.company_id),
            parties=(Party(_("Customer"), customer), Party(_("Supplier"), order.company_id.name)),
            facts=((_("Order"), order.name), (_("Date"), self._paper_date(self.asked_on))),
            body=(Text("", self._get_statement()), *self._get_paper_lines()),
            signatures=(
                self._paper_signature(_("Accepted by (signature, chop)"), customer),
                self._paper_signature(_("Supplier"), order.company_id.name, image=self._paper_chop(order.company_id), chop=True),
            ),
            footer=order.company_id.name,
            page=_("Page {page} of {pages}"),
            cjk=self._paper_is_cjk(),
        )

    def _get_statement(self):
        """What the customer says by signing, in the language of the context."""
        if "acceptance" in self.part_ids.mapped("trigger"):
            return _("The customer has received, checked and accepted what was supplied and installed under order %s.", self.order_id.name)
        return _("The customer confirms that this part of order %(order)s is done: %(what)s.", order=self.order_id.name, what=self.what)

    def _get_paper_lines(self):
        """What was delivered, where goods and work are accepted; [] for a milestone."""
        if "acceptance" not in self.part_ids.mapped("trigger"):
            return []
        lines = self.order_id.order_line.filtered(lambda line: not line.display_type and not line.is_downpayment)
        lines = lines.filtered(lambda line: line.product_uom_qty > 0)
        rows = [
            (str(number), line.name.splitlines()[0], self._paper_quantity(line.product_uom_qty), line.product_uom.name or "")
            for number, line in enumerate(lines, 1)
        ]
        columns = (Column(_("No."), 0.6), Column(_("Item"), 5), Column(_("Quantity"), 1, number=True), Column(_("Unit"), 0.8))
        return [Table(columns, tuple(Row(cells) for cells in rows))]
