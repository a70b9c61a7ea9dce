# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import FapiaoError

#: What is furthest from done first
URGENCY = ("none", "requested", "part", "red", "issued")


class SaleOrder(models.Model):
    """Fapiao of an order's invoices. “Invoiced” stays the accounting invoice; the fapiao is shown beside it."""

    _inherit = "sale.order"

    fapiao_state = fields.Selection(
        [
            ("none", "Not Requested"),
            ("requested", "Requested"),
            ("part", "Partly Issued"),
            ("issued", "Fapiao Issued"),
            ("red", "Reversed"),
        ],
        "Fapiao",
        compute="_compute_fapiao_state",
        compute_sudo=True,
        help="Of the invoices posted for this order; empty while there are none.",
    )

    @api.depends("order_line.invoice_lines.move_id.fapiao_state", "order_line.invoice_lines.move_id.state")
    def _compute_fapiao_state(self):
        """One state for all invoices: part, as soon as they are not of one mind and something is issued."""
        for order in self:
            invoices = order.order_line.invoice_lines.move_id
            states = {move.fapiao_state or "none" for move in invoices if move.state == "posted" and move.move_type == "out_invoice"}
            if len(states) > 1 and states & {"issued", "part"}:
                order.fapiao_state = "part"
            else:
                order.fapiao_state = min(states, key=URGENCY.index) if states else False

    def action_request_fapiao(self):
        """Open the request with what is invoiced on these orders and not on a fapiao yet."""
        self.check_access_rule("read")
        moves = self.order_line.invoice_lines.move_id.filtered(lambda move: move.state == "posted")
        if not moves:
            names = ", ".join(self.mapped("name"))
            raise FapiaoError(_("Nothing is invoiced on %s yet. Ask finance to invoice it; then request the fapiao.", names))
        return self.env["crm.fapiao.request"]._open(moves._get_fapiao_candidates())

    def action_open_fapiao(self):
        return self.env["crm.fapiao"]._open_list(self.order_line.invoice_lines.move_id.fapiao_ids)
