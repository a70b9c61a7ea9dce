# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import float_compare

from ..engine.shortage import spread


class CrmPurchasePeg(models.Model):
    """Ties a quantity on a purchase line to the sale line it is bought for.

    Pegs are made by the purchase plan and by drop-shipping, never by hand. What a purchase line brings goes to
    its pegs from the oldest to the newest; what is left over is free stock.
    """

    _name = "crm.purchase.peg"
    _description = "Purchase for a Sale"
    _order = "date_planned, id"

    name = fields.Char(compute="_compute_name")
    sale_line_id = fields.Many2one("sale.order.line", required=True, index=True, ondelete="cascade", readonly=True)
    sale_order_id = fields.Many2one(related="sale_line_id.order_id", store=True, index=True, string="Sales Order")
    purchase_line_id = fields.Many2one(
        "purchase.order.line", required=True, index=True, ondelete="cascade", readonly=True
    )
    purchase_order_id = fields.Many2one(
        related="purchase_line_id.order_id", store=True, index=True, string="Purchase Order"
    )
    partner_id = fields.Many2one(related="purchase_line_id.order_id.partner_id", store=True, string="Vendor")
    product_id = fields.Many2one(related="purchase_line_id.product_id", store=True)
    product_uom_id = fields.Many2one(related="product_id.uom_id", string="Unit of Measure")
    company_id = fields.Many2one(related="purchase_line_id.order_id.company_id", store=True, index=True)
    date_planned = fields.Datetime(related="purchase_line_id.date_planned", store=True, string="Expected")
    date_needed = fields.Datetime(readonly=True, string="Needed", help="When the customer's delivery was due.")
    is_drop_ship = fields.Boolean(readonly=True, string="Drop-ship", help="The vendor ships to the customer.")
    replaces_delivery = fields.Boolean(readonly=True, help="The warehouse's own delivery was cancelled for it.")
    quantity = fields.Float(
        required=True, readonly=True, digits="Product Unit of Measure", help="Bought for the sale, in stock units."
    )
    quantity_received = fields.Float(
        compute="_compute_progress", store=True, digits="Product Unit of Measure", string="Received"
    )
    quantity_open = fields.Float(
        compute="_compute_progress",
        store=True,
        digits="Product Unit of Measure",
        string="On its Way",
        help="Ordered for the sale and not yet received.",
    )
    state = fields.Selection(
        [
            ("draft", "Requested"),
            ("ordered", "Confirmed"),
            ("received", "Received"),
            ("delivered", "Delivered"),
            ("cancel", "Cancelled"),
        ],
        compute="_compute_progress",
        store=True,
        index=True,
    )

    @api.depends("sale_order_id.name", "purchase_order_id.name")
    def _compute_name(self):
        for peg in self:
            peg.name = "%s → %s" % (peg.purchase_order_id.name, peg.sale_order_id.name)

    @api.depends(
        "quantity",
        "purchase_line_id.state",
        "purchase_line_id.product_uom_qty",
        "purchase_line_id.qty_received",
        "purchase_line_id.peg_ids.quantity",
        "purchase_line_id.peg_ids.sale_line_id.state",
        "sale_line_id.state",
        "sale_line_id.qty_delivered",
        "sale_line_id.product_uom_qty",
    )
    def _compute_progress(self):
        """Share what each purchase line orders and brings among its pegs that are still wanted."""
        shares = {}
        for line in self.purchase_line_id:
            pegs = line.peg_ids.sorted("id").filtered(lambda peg: peg._is_wanted())
            wanted = pegs.mapped("quantity")
            received = line.product_uom._compute_quantity(line.qty_received, line.product_id.uom_id, round=False)
            for peg, share in zip(pegs, zip(spread(line.product_uom_qty, wanted), spread(received, wanted))):
                shares[peg] = share
        for peg in self:
            covered, received = shares.get(peg, (0.0, 0.0))
            peg.quantity_received = received
            peg.quantity_open = max(covered - received, 0.0)
            peg.state = peg._get_state(covered, received)

    def _is_wanted(self):
        """Whether the sale still wants the goods and the purchase still brings them."""
        self.ensure_one()
        return "cancel" not in (self.purchase_line_id.state, self.sale_line_id.state)

    def _get_state(self, covered, received):
        """Return the state of one peg whose purchase line orders ``covered`` and brought ``received`` for it."""
        self.ensure_one()
        if not self._is_wanted():
            return "cancel"
        if self.purchase_line_id.state not in ("purchase", "done"):
            return "draft"
        rounding = self.product_id.uom_id.rounding
        if float_compare(received, covered or self.quantity, precision_rounding=rounding) < 0:
            return "ordered"
        line = self.sale_line_id
        if float_compare(line.qty_delivered, line.product_uom_qty, precision_rounding=line.product_uom.rounding) < 0:
            return "received"
        return "delivered"

    @api.model
    def _get_open_quantities(self, sale_lines):
        """Return sale line id → quantity on its way to our stock for that line (not drop-shipped); one query."""
        self.flush()
        groups = self.sudo().read_group(
            [
                ("sale_line_id", "in", sale_lines.ids),
                ("is_drop_ship", "=", False),
                ("state", "in", ("draft", "ordered")),
            ],
            ["quantity_open"],
            ["sale_line_id"],
        )
        quantities = defaultdict(float)
        quantities.update({group["sale_line_id"][0]: group["quantity_open"] for group in groups})
        return quantities
