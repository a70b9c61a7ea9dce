# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import _, api, fields, models
from odoo.tools import float_compare

from ..exceptions import SalesOrderError

#: Kinds of order that take delivered goods back
RETURN_FLOWS = ("return", "exchange")
REASONS = [
    ("defective", "Defective"),
    ("transport", "Damaged in Transport"),
    ("wrong", "Wrong Goods Delivered"),
    ("surplus", "Too Many"),
    ("other", "Other"),
]


class SaleOrder(models.Model):
    """Returns and exchanges: lines with a negative quantity take back what lines of an earlier order delivered.

    Their goods are received, checked and restocked or scrapped; what was received is credited. An exchange has lines
    with what the customer gets instead, too, so the difference is invoiced or credited as one order.
    """

    _inherit = "sale.order"

    returned_order_id = fields.Many2one("sale.order", "Returns Goods of", copy=False, index=True, check_company=True)
    return_order_ids = fields.One2many("sale.order", "returned_order_id", "Returns")
    return_reason = fields.Selection(REASONS, tracking=True)
    return_count = fields.Integer(compute="_compute_return_count")
    is_returnable = fields.Boolean(compute="_compute_is_returnable", help="Delivered goods that can come back.")

    @api.depends("return_order_ids")
    def _compute_return_count(self):
        groups = self.read_group([("returned_order_id", "in", self.ids)], ["returned_order_id"], ["returned_order_id"])
        counts = {group["returned_order_id"][0]: group["returned_order_id_count"] for group in groups}
        for order in self:
            order.return_count = counts.get(order.id, 0)

    @api.depends("state", "order_line.qty_delivered", "order_line.returning_line_ids.order_id.state")
    def _compute_is_returnable(self):
        for order in self:
            order.is_returnable = order.state in ("sale", "done") and any(
                line._get_qty_returnable() > 0 for line in order.order_line
            )

    def _moves_own_goods(self):
        return super()._moves_own_goods() or self.flow in RETURN_FLOWS

    def _prepare_return(self, code, reason):
        """Values of a new order of type ``code`` that takes back goods of this one."""
        self.ensure_one()
        names = (
            "partner_id", "partner_invoice_id", "partner_shipping_id", "pricelist_id", "fiscal_position_id",
            "payment_term_id", "warehouse_id", "company_id", "user_id", "team_id",
        )  # fmt: skip
        return {
            **{name: self[name].id for name in names},
            "order_type_id": self.env["crm.order.type"]._get_type(code, self.company_id).id,
            "returned_order_id": self.id,
            "return_reason": reason,
            "origin": self.name,
        }

    # -- Confirming ----------------------------------------------------------------------------------------------------

    def _check_flow(self):
        super()._check_flow()
        returns = self.filtered(lambda order: order.flow in RETURN_FLOWS)
        for order in self - returns:
            if order.order_line.returned_line_id:
                raise SalesOrderError(_("%(order)s takes goods back: choose the type Return or Exchange.", order=order.name))
        for order in returns:
            order._check_return()
        if returns:
            returns.order_line.returned_line_id._check_returned()

    def _check_return(self):
        self.ensure_one()
        taken = self.order_line.filtered("returned_line_id")
        if not taken:
            raise SalesOrderError(
                _("%(order)s takes nothing back: open the delivered order and press “Return”.", order=self.name)
            )
        if not self.return_reason:
            raise SalesOrderError(_("%(order)s: choose why the goods come back.", order=self.name))
        given = self.order_line.filtered(lambda line: not (line.returned_line_id or line.display_type))
        if self.flow == "return" and given:
            raise SalesOrderError(
                _("%(order)s: what the customer gets instead goes on an order of type Exchange.", order=self.name)
            )
        for line in taken:
            line._check_takes_back()

    def _flow_return_confirmed(self):
        self._take_back()

    def _flow_exchange_confirmed(self):
        self._take_back()

    def _take_back(self):
        """Expect the returned goods at the warehouse, where they wait for a check; services are credited at once."""
        for order in self.sudo():
            lines = order.order_line.filtered("returned_line_id")
            services = lines.filtered(lambda line: line.product_id.type == "service")
            for line in services:
                line.qty_delivered = line.product_uom_qty
            if lines - services and not order.procurement_group_id:
                order.procurement_group_id = self.env["procurement.group"].sudo().create(
                    lines[0]._prepare_procurement_group_vals()
                )
            place = self.env["stock.location"]._get_custody_location(order.company_id, "check")
            for line in lines - services:
                delivered = line.returned_line_id._get_delivery_moves()
                moves = delivered._return_quantity(line._to_product_unit(-line.product_uom_qty), place)
                moves.write(
                    {
                        "sale_line_id": line.id,
                        "group_id": order.procurement_group_id.id,
                        "to_refund": True,
                        "origin": order.name,
                    }
                )
                moves.picking_id.write({"origin": order.name})

    # -- What comes next -----------------------------------------------------------------------------------------------

    def _get_flow_step(self):
        if self.flow in RETURN_FLOWS and self.state in ("sale", "done"):
            taken = self.order_line.filtered("returned_line_id")
            if any(float_compare(line.qty_delivered, line.product_uom_qty, precision_digits=3) > 0 for line in taken):
                return False, _("The warehouse expects the returned goods; then they are credited.")
            receipts = taken.move_ids.picking_id
            if any(receipt.check_state == "to_check" for receipt in receipts):
                return False, _("The goods are back: the warehouse checks them, finance may credit them.")
            if self.invoice_status != "to invoice":
                return False, _("Taken back, checked and accounted for.")
        return super()._get_flow_step()

    def _get_next_action(self):
        self.ensure_one()
        if self.flow in RETURN_FLOWS and self.state in ("sale", "done"):
            open_lines = self.order_line.filtered(
                lambda line: not line.display_type
                and float_compare(line.qty_delivered, line.product_uom_qty, precision_digits=3)
            )
            if any(line.returned_line_id for line in open_lines):
                return "give_back"
            if self.invoice_status == "to invoice":
                return "invoice"
        return super()._get_next_action()

    def _create_invoices(self, grouped=False, final=False, date=None):
        """What goes back to the customer is credited in the same step: these kinds are always settled in full."""
        both_ways = self.filtered(lambda order: order.flow in (*RETURN_FLOWS, "rental"))
        others = self - both_ways
        moves = self.env["account.move"]
        if others or not both_ways:
            moves |= super(SaleOrder, others)._create_invoices(grouped=grouped, final=final, date=date)
        if both_ways:
            moves |= super(SaleOrder, both_ways)._create_invoices(grouped=grouped, final=True, date=date)
        return moves


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    returned_line_id = fields.Many2one(
        "sale.order.line", "Takes Back", readonly=True, index=True, ondelete="restrict", check_company=True
    )
    returning_line_ids = fields.One2many("sale.order.line", "returned_line_id", "Taken Back by")

    def _get_delivery_moves(self):
        """Done moves that brought this line's goods to the customer for good."""
        return self.sudo().move_ids.filtered(
            lambda move: (
                move.state == "done" and move.location_dest_id.usage == "customer" and move.product_id == self.product_id
            )
        )

    def _get_qty_returnable(self):
        """What was delivered and is on no confirmed return yet, in this line's unit."""
        self.ensure_one()
        if self.display_type or self.returned_line_id or self.is_downpayment or self.rental_role or self._is_rent():
            return 0.0
        returning = self.sudo().returning_line_ids.filtered(lambda line: line.order_id.state in ("sale", "done"))
        quantities = [line.product_uom._compute_quantity(line.product_uom_qty, self.product_uom) for line in returning]
        return self.qty_delivered + sum(quantities)

    def _check_takes_back(self):
        """A line that takes goods back: a negative quantity of the same product, from the same customer's order."""
        self.ensure_one()
        line, order = self.returned_line_id.sudo(), self.order_id
        if float_compare(self.product_uom_qty, 0.0, precision_rounding=self.product_uom.rounding) >= 0:
            raise SalesOrderError(
                _("%(order)s: what comes back has a quantity below zero; take empty lines off.", order=order.name)
            )
        if line.order_id.state not in ("sale", "done"):
            raise SalesOrderError(
                _(
                    "%(order)s cannot return goods of %(returned)s, which is not a confirmed order.",
                    order=order.name,
                    returned=line.order_id.name,
                )
            )
        if (
            line.product_id != self.product_id
            or line.order_id.partner_id.commercial_partner_id != order.partner_id.commercial_partner_id
        ):
            raise SalesOrderError(
                _(
                    "%(order)s: %(product)s was not delivered to this customer by %(returned)s.",
                    order=order.name,
                    product=self.product_id.display_name,
                    returned=line.order_id.name,
                )
            )

    def _check_returned(self):
        """Never more comes back than was delivered, however many return it at the same time.

        The confirmed return writes the row of the line it takes back, so of two at once the later one is retried.
        """
        self.flush()
        self.env.cr.execute("SELECT id FROM sale_order_line WHERE id IN %s ORDER BY id FOR UPDATE", [tuple(self.ids)])
        self.env.cr.execute("UPDATE sale_order_line SET id = id WHERE id IN %s", [tuple(self.ids)])
        excess = defaultdict(float)
        for line in self.sudo():
            left = line._get_qty_returnable()
            if float_compare(left, 0.0, precision_rounding=line.product_uom.rounding) < 0:
                excess[line] = -left
        if excess:
            lines = []
            for line, quantity in excess.items():
                product, order = line.product_id.display_name, line.order_id.name
                lines.append(_("%(product)s of %(order)s by %(excess)g", product=product, order=order, excess=quantity))
            raise SalesOrderError(
                _("More would come back than was delivered: %(lines)s. Lower the quantities.", lines=", ".join(lines))
            )

    def _prepare_taking_back(self, quantity):
        """Values of the line of a return that takes back ``quantity`` (this line's unit) of what this line delivered."""
        self.ensure_one()
        return {
            "product_id": self.product_id.id,
            "name": self.name,
            "product_uom": self.product_uom.id,
            "product_uom_qty": -quantity,
            "price_unit": self.price_unit,
            "discount": self.discount,
            "tax_id": [(6, 0, self.tax_id.ids)],
            "returned_line_id": self.id,
        }

    def _must_be_positive(self):
        return super()._must_be_positive() and not self.returned_line_id

    def _get_quantity_to_invoice(self, policy):
        """What was given for nothing comes back for nothing."""
        free = self.returned_line_id.order_id.flow in self.env["sale.order"]._get_free_flows()
        return 0.0 if free else super()._get_quantity_to_invoice(policy)

    @api.depends("returned_line_id")
    def _compute_invoice_status(self):
        """Odoo takes a negative quantity for invoiced from the start."""
        super()._compute_invoice_status()
        for line in self.filtered("returned_line_id"):
            if line.invoice_status == "invoiced" and float_compare(
                line.qty_invoiced, line.product_uom_qty, precision_rounding=line.product_uom.rounding
            ):
                line.invoice_status = "no"
