# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.tools import float_compare, format_date

from ..exceptions import SalesOrderError

#: Kinds of order whose goods stay ours while they are with the customer
CUSTODY_FLOWS = ("rental", "loan", "consignment")


class SaleOrder(models.Model):
    """Goods with a customer that are still ours: handed out, brought back, or kept and then paid for.

    Handing out is Odoo's delivery, to a place of the customer's that is our stock. From there goods come back through
    Odoo's return, or leave for good, which is when they are sold.
    """

    _inherit = "sale.order"

    lent_until = fields.Date(
        "Due Back", copy=False, tracking=True, help="The last day the customer may have the goods."
    )
    goods_state = fields.Selection(
        [
            ("waiting", "To Hand Out"),
            ("out", "With the Customer"),
            ("back", "Settled with the Customer"),
        ],
        "Goods",
        compute="_compute_goods_state",
        store=True,
        help="Where the goods are that stay ours. Settled: all came back, or were kept and sold.",
    )
    is_goods_late = fields.Boolean("Overdue Goods", compute="_compute_is_goods_late", search="_search_is_goods_late")
    next_action = fields.Selection(selection_add=[("give_back", "Get the goods back"), ("settle", "Settle")])

    @api.depends("flow", "state", "order_line.move_ids.state", "order_line.move_ids.product_qty")
    def _compute_goods_state(self):
        for order in self:
            lines = order._get_custody_lines() if order.state in ("sale", "done") else order.order_line.browse()
            if not lines:
                order.goods_state = False
            elif any(line._get_pieces_out() > 0 for line in lines):
                order.goods_state = "out"
            elif lines._get_custody_moves().filtered(lambda move: move.state not in ("done", "cancel")):
                order.goods_state = "waiting"
            else:
                order.goods_state = "back"

    @api.depends("goods_state", "lent_until")
    @api.depends_context("tz")
    def _compute_is_goods_late(self):
        today = fields.Date.context_today(self)
        for order in self:
            order.is_goods_late = bool(order.goods_state == "out" and order.lent_until and order.lent_until < today)

    @api.model
    def _search_is_goods_late(self, operator, value):
        late = [("goods_state", "=", "out"), ("lent_until", "<", fields.Date.context_today(self))]
        wanted = (operator == "=") == bool(value)
        return late if wanted else ["!", "&", *late]

    @api.depends("goods_state", "lent_until")
    def _compute_flow_step(self):
        super()._compute_flow_step()

    def _get_flow_step(self):
        if self.goods_state == "waiting":
            return False, _("The warehouse hands the goods out; they stay ours.")
        if self.goods_state == "out":
            return "give_back", self._get_goods_sentence()
        return super()._get_flow_step()

    def _get_goods_sentence(self):
        self.ensure_one()
        if not self.lent_until:
            return _("The goods are with the customer and still ours: report what was used.")
        day = format_date(self.env, self.lent_until)
        if self.is_goods_late:
            return _("The goods were due back on %(date)s.", date=day)
        return _("The goods are due back on %(date)s.", date=day)

    def _moves_own_goods(self):
        """Whether stock moves of this order change more than what was delivered; hook for more flows."""
        self.ensure_one()
        return self.flow in CUSTODY_FLOWS

    def _get_custody_lines(self):
        """The lines of ``self`` whose goods stay ours."""
        return self.order_line.filtered(lambda line: line._stays_ours())

    def _get_next_action(self):
        self.ensure_one()
        if self.goods_state == "waiting":
            return "deliver"
        if self.goods_state == "out" and self.invoice_status != "to invoice" and not self.amount_open:
            return "give_back"
        if self.goods_state == "out":
            return "invoice" if self.invoice_status == "to invoice" else "collect"
        return super()._get_next_action()


    def _get_payment_status(self):
        """Goods on loan or consignment are not to be billed before they are kept."""
        status = super()._get_payment_status()
        if status == "to_bill" and self.flow in ("loan", "consignment") and self.invoice_status != "to invoice":
            return "paid" if self.amount_billed else "none"
        return status

    def _goods_moved(self):
        """Hook: some goods of these orders were just handed out, came back or were kept. In superuser mode."""
        closed = self.filtered(lambda order: order.goods_state == "back" and order.flow in ("loan", "consignment"))
        for line in closed._get_custody_lines():
            if float_compare(line.product_uom_qty, line.qty_delivered, precision_rounding=line.product_uom.rounding):
                line.product_uom_qty = line.qty_delivered  # what came back was not sold

    # -- Steps ---------------------------------------------------------------------------------------------------------

    def _check_goods_step(self):
        """May the user move these orders' goods? Then the goods of ``self`` are ours to move, as superuser.

        Two people who move the goods of one order at the same time both write its row: the later one is retried
        and sees what the first one moved.

        :returns: ``self`` in superuser mode
        """
        self.check_access_rights("write")
        self.check_access_rule("write")
        wrong = self.filtered(lambda order: order.state not in ("sale", "done"))
        if wrong:
            raise SalesOrderError(
                _(
                    "%(orders)s: not a confirmed order, so none of its goods are with the customer.",
                    orders=", ".join(wrong.mapped("name")),
                )
            )
        self.flush()
        self.env.cr.execute("SELECT id FROM sale_order WHERE id IN %s ORDER BY id FOR UPDATE", [tuple(self.ids)])
        self.env.cr.execute("UPDATE sale_order SET id = id WHERE id IN %s", [tuple(self.ids)])
        return self.sudo()

    def _bring_back(self, quantities):
        """Ask the warehouse to take goods back.

        :param quantities: {sale.order.line: quantity in the goods' own unit}
        :returns: the transfers to validate
        :rtype: stock.picking
        """
        moves = self.env["stock.move"]
        for line, quantity in quantities.items():
            handed = line._get_custody_moves().filtered(lambda move: move.state == "done")
            moves |= handed._return_quantity(quantity)
        return moves.picking_id

    def _keep_goods(self, quantities):
        """The customer keeps (used, bought, lost) these goods: they leave our stock now and are sold.

        :param quantities: {sale.order.line: quantity in the goods' own unit}
        :returns: the transfers, done
        :rtype: stock.picking
        """
        pickings = self.env["stock.picking"]
        for order in self:
            lines = {line: quantity for line, quantity in quantities.items() if line.order_id == order}
            pickings |= pickings.create(order._prepare_keeping(lines))
        moves = pickings.move_lines
        pickings.action_confirm()
        pickings.action_assign()
        short = moves.filtered(lambda move: move.state != "assigned")
        if short:
            raise SalesOrderError(
                _(
                    "%(products)s: less than that is with the customer. Lower the quantity, or cancel its return first.",
                    products=", ".join(short.product_id.mapped("display_name")),
                )
            )
        pickings._process_now()
        return pickings

    def _prepare_keeping(self, quantities):
        self.ensure_one()
        source = self.env["stock.location"]._get_custody_location(self.company_id, self.flow, self.partner_id)
        target = self.partner_shipping_id.property_stock_customer
        places = {"location_id": source.id, "location_dest_id": target.id}
        return {
            **places,
            "picking_type_id": self.warehouse_id.out_type_id.id,
            "partner_id": self.partner_shipping_id.id,
            "origin": self.name,
            "group_id": self.procurement_group_id.id,
            "company_id": self.company_id.id,
            "move_lines": [
                (
                    0,
                    0,
                    {
                        **places,
                        "name": line.name,
                        "product_id": line._get_goods().id,
                        "product_uom": line._get_goods().uom_id.id,
                        "product_uom_qty": quantity,
                        "sale_line_id": line.id,
                        "group_id": self.procurement_group_id.id,
                    },
                )
                for line, quantity in quantities.items()
            ],
        }


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _stays_ours(self):
        """Whether the goods of this line stay ours when they go to the customer."""
        self.ensure_one()
        return self.order_id.flow in ("loan", "consignment") and self.product_id.type in ("product", "consu")

    def _get_goods(self):
        """What physically goes to the customer."""
        self.ensure_one()
        return self.product_id

    def _get_custody_moves(self):
        """The moves that hand these lines' goods out, cancelled ones left out."""
        return self.move_ids.filtered(
            lambda move: move.location_dest_id.custody in CUSTODY_FLOWS and move.state != "cancel"
        )

    def _get_pieces_out(self):
        """What is with the customer now and ours, in the goods' own unit."""
        self.ensure_one()
        done = self.move_ids.filtered(lambda move: move.state == "done")
        handed = done.filtered(lambda move: move.location_dest_id.custody in CUSTODY_FLOWS)
        left = done.filtered(lambda move: move.location_id.custody in CUSTODY_FLOWS)
        return sum(handed.mapped("product_qty")) - sum(left.mapped("product_qty"))

    def _get_pieces_returnable(self):
        """What is with the customer and on no return yet, in the goods' own unit."""
        self.ensure_one()
        under_way = self.move_ids.filtered(
            lambda move: move.location_id.custody in CUSTODY_FLOWS and move.state not in ("done", "cancel")
        )
        return self._get_pieces_out() - sum(under_way.mapped("product_qty"))

    def _prepare_procurement_values(self, group_id=False):
        values = super()._prepare_procurement_values(group_id)
        if self._stays_ours():
            order = self.order_id
            values["custody_location"] = self.env["stock.location"]._get_custody_location(
                order.company_id, order.flow, order.partner_id
            )
        return values

    def _get_qty_procurement(self, previous_product_uom_qty=False):
        if not self._stays_ours():
            return super()._get_qty_procurement(previous_product_uom_qty)
        return sum(
            move.product_uom._compute_quantity(move.product_uom_qty, self.product_uom, rounding_method="HALF-UP")
            for move in self._get_custody_moves()
        )

    def _get_quantity_to_invoice(self, policy):
        """Goods that stay ours are sold when they are kept, whatever the type says."""
        if self.order_id.flow in ("loan", "consignment") and self._stays_ours():
            return self.qty_delivered - self.qty_invoiced
        return super()._get_quantity_to_invoice(policy)
