# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models
from odoo.tools import html2plaintext

from ..engine.paper.document import Column, Paper, Row, Table, Text


class StockPicking(models.Model):
    """The delivery note: what goes to whom, without a price."""

    _name = "stock.picking"
    _inherit = ["stock.picking", "crm.paper"]

    def _get_paper(self, report):
        return Paper(
            title=self._get_paper_title(),
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

    def _get_paper_title(self):
        return {"outgoing": _("Delivery Note"), "incoming": _("Goods Received Note")}.get(self.picking_type_code, _("Transfer Note"))

    def _get_paper_parties(self):
        """Consignee, address and phone are on the note for whoever ships: it could not arrive without."""
        partner = self.partner_id or self.move_lines.partner_id[:1]
        if self.env.user.has_group("stock.group_stock_user"):
            partner = partner.sudo()
        if partner:
            labels = {"outgoing": _("Deliver to"), "incoming": _("From")}
            yield self._paper_party(labels.get(self.picking_type_code, _("Partner")), partner)

    def _get_paper_facts(self):
        sale = self.sudo().sale_id
        weight = "%s %s" % (self._paper_quantity(self.shipping_weight), self.weight_uom_name) if self.shipping_weight else ""
        return [
            (_("Number"), self.name),
            (_("Order"), self.origin),
            (_("Your Reference"), sale.client_order_ref),
            (_("Shipped on"), self._paper_date(self.date_done)),
            (_("Planned for"), "" if self.date_done else self._paper_date(self.scheduled_date)),
            (_("Ships from"), self.picking_type_id.warehouse_id.name),
            (_("Carrier"), self.carrier_id.name),
            (_("Tracking Number"), self.carrier_tracking_ref),
            (_("Weight"), weight),
        ]

    def _get_paper_body(self):
        yield self._get_paper_table()
        rest = self.backorder_ids.move_lines.filtered(lambda move: move.state not in ("done", "cancel"))
        if self.state == "done" and rest:
            columns = (Column(_("Will follow"), 5), Column(_("Quantity"), 1.5, number=True))
            rows = [Row((move.product_id.display_name, self._paper_amount_of(move, move.product_uom_qty))) for move in rest]
            yield Table(columns, tuple(rows))
        note = html2plaintext(self.note or "").strip()
        if note:
            yield Text(_("Note"), note)

    def _get_paper_table(self):
        """One row per move; lots where there are any, packages where goods are packed."""
        moves = self.move_lines.filtered(lambda move: move.state != "cancel" or self.state == "cancel")
        rows = [self._get_paper_cells(move) for move in moves if self._get_paper_quantity(move)]
        extra = [(1, _("Lot/Serial Number")), (2, _("Package"))]
        shown = [(index, label) for index, label in extra if any(row[index] for row in rows)]
        columns = [Column(_("No."), 0.5), Column(_("Description"), 4.5), *(Column(label, 1.8) for _index, label in shown)]
        return Table(
            (*columns, Column(_("Quantity"), 1.4, number=True)),
            tuple(Row((str(number), row[0], *(row[index] for index, _label in shown), row[3])) for number, row in enumerate(rows, 1)),
        )

    def _get_paper_cells(self, move):
        """(description, lots, packages, quantity)"""
        description = move.product_id.display_name
        if move.description_picking and move.description_picking != move.product_id.name:
            description = "%s\n%s" % (description, move.description_picking)
        lines = move.move_line_ids
        lots = ", ".join(line.lot_id.name or line.lot_name for line in lines if line.lot_id or line.lot_name)
        packages = ", ".join(lines.result_package_id.mapped("name"))
        return description, lots, packages, self._paper_amount_of(move, self._get_paper_quantity(move))

    def _get_paper_quantity(self, move):
        return move.quantity_done if self.state == "done" else move.product_uom_qty

    def _paper_amount_of(self, move, quantity):
        return "%s %s" % (self._paper_quantity(quantity), move.product_uom.name)

    def _get_paper_signatures(self):
        if self.picking_type_code == "outgoing":
            yield self._paper_signature(_("Shipped by"), self.company_id.name)
            yield self._paper_signature(_("Goods received complete and undamaged (signature, date)"), "", image=self.signature)
