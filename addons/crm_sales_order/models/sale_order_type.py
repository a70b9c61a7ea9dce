# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import SalesOrderError

QUOTATION_STATES = ("draft", "sent")


class SaleOrder(models.Model):
    """The kind of order. What a kind does lives in the file of its flow; the hooks are these:

    - ``_flow_<flow>_confirmed()``: the orders of ``self``, all of this flow, were just confirmed;
    - ``_check_flow()``: raise when orders may not be confirmed as the kind they are;
    - ``_get_flow_step()``: what this order does next, as a sentence and the step whose button is shown;
    - ``_get_free_flows()``: flows whose lines cost nothing;
    - ``_get_unshipped_flows()``: flows that ship nothing themselves;
    - ``_restart_flow(changed)``: an order is new, or a quotation was given another type.
    """

    _inherit = "sale.order"

    order_type_id = fields.Many2one(
        "crm.order.type",
        "Order Type",
        default=lambda self: self.env["crm.order.type"]._get_type("standard"),
        check_company=True,
        domain="[('company_id', 'in', [False, company_id])]",
        index=True,
        readonly=True,
        states={state: [("readonly", False)] for state in QUOTATION_STATES},
        ondelete="restrict",
    )
    flow = fields.Selection(related="order_type_id.flow", store=True)
    flow_step = fields.Char(compute="_compute_flow_step", help="Technical: the button shown beside the sentence.")
    flow_hint = fields.Char("What This Order Does Next", compute="_compute_flow_step")

    @api.depends("state", "order_type_id", "order_line.qty_delivered", "invoice_status", "payment_status", "instalment_ids.state")
    def _compute_flow_step(self):
        for order in self:
            order.flow_step, order.flow_hint = order._get_flow_step()

    def _get_flow_step(self):
        """Hook: (technical step or False, sentence or False) of this order."""
        self.ensure_one()
        return False, (self.order_type_id.note if self.state in QUOTATION_STATES else False)

    @api.model
    def _get_free_flows(self):
        """Hook: flows whose lines are free of charge, whatever price is written."""
        return set()

    @api.model
    def _get_unshipped_flows(self):
        """Hook: flows whose orders make no deliveries and promise nothing from stock."""
        return set()

    @api.model
    def create(self, vals):
        company = self.env["res.company"].browse(vals.get("company_id") or self.env.company.id)
        kinds = self.env["crm.order.type"]
        kind = kinds.browse(vals.get("order_type_id")) or kinds._get_type("standard", company)
        vals = dict(vals, order_type_id=kind.id)
        if kind.sudo().sequence_id and vals.get("name", _("New")) == _("New"):
            vals["name"] = kind._next_number(vals.get("date_order"))
        order = super().create({**kind._get_order_values(company), **vals})
        order._restart_flow()
        return order

    def write(self, vals):
        if "order_type_id" not in vals:
            return super().write(vals)
        changed = self._check_type_change(vals["order_type_id"])
        result = super().write(vals)
        for order in changed:
            order.write(order._get_type_change_values(vals))
            order.order_line._apply_order_type()
        changed._restart_flow(changed=True)
        return result

    def _check_type_change(self, type_id):
        """The orders of ``self`` whose type changes; raises for what is no quotation any more."""
        changed = self.filtered(lambda order: order.order_type_id.id != type_id)
        if changed and not type_id:
            raise SalesOrderError(_("Choose an order type: each order has one."))
        bound = changed.filtered(lambda order: order.state not in QUOTATION_STATES)
        if bound:
            raise SalesOrderError(
                _(
                    "Only a quotation changes its type, and %(orders)s is none any more: duplicate it and choose the type there.",
                    orders=", ".join(bound.mapped("name")),
                )
            )
        return changed

    def _get_type_change_values(self, vals):
        """What the new type brings along, unless ``vals`` says otherwise; a draft gets a number of its kind."""
        self.ensure_one()
        values = self.order_type_id._get_order_values(self.company_id)
        if self.state == "draft" and self.order_type_id.sudo().sequence_id:
            values["name"] = self.order_type_id._next_number(self.date_order)
        return {name: value for name, value in values.items() if name not in vals}

    def _restart_flow(self, changed=False):
        """Hook: what the type prepares on new orders.

        :param changed: they are quotations that were given another type: what the one before prepared goes first
        """

    def _check_can_confirm(self):
        super()._check_can_confirm()
        self._check_flow()

    def _check_flow(self):
        """Hook: raise a SalesOrderError naming the orders of ``self`` that lack what their kind needs."""
        for order in self.filtered(lambda order: order.order_type_id.service_only):
            goods = order.order_line.filtered(lambda line: line.product_id.type in ("product", "consu"))
            if goods:
                raise SalesOrderError(
                    _(
                        "%(order)s is of a kind that carries services only: take %(goods)s off, or change its type.",
                        order=order.name,
                        goods=", ".join(goods.mapped("product_id.display_name")),
                    )
                )

    def _orders_confirmed(self):
        result = super()._orders_confirmed()
        for flow in set(self.mapped("flow")):
            act = getattr(self, "_flow_%s_confirmed" % flow, None)
            if act:
                getattr(self.filtered(lambda order, flow=flow: order.flow == flow), act.__name__)()
        return result

    @api.model
    def _set_missing_types(self):
        """Orders older than their types are standard ones: one UPDATE per company. Called when data is loaded."""
        for company in self.env["res.company"].search([]):
            kind = self.env["crm.order.type"]._get_type("standard", company)
            self.env.cr.execute(
                "UPDATE sale_order SET order_type_id = %s, flow = %s WHERE order_type_id IS NULL AND company_id = %s",
                [kind.id, kind.flow, company.id],
            )
        self.env["sale.order"].invalidate_cache(["order_type_id", "flow"])


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._apply_order_type(vals_list)
        return lines

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"price_unit", "discount", "product_id", "order_id"}:
            self._make_free()
        return result

    def _apply_order_type(self, vals_list=()):
        """Route and price as the order's type says; a route given in ``vals_list`` stays."""
        given = {line.id for line, vals in zip(self, vals_list) if vals.get("route_id")}
        for route in self.order_id.order_type_id.route_id:
            self.filtered(
                lambda line, route=route: line.id not in given and not line.display_type and line.order_id.order_type_id.route_id == route
            ).write({"route_id": route.id})
        self._make_free()

    def _make_free(self):
        free = self.env["sale.order"]._get_free_flows()
        lines = self.filtered(lambda line: line.order_id.flow in free and (line.price_unit or line.discount))
        if lines:
            lines.write({"price_unit": 0.0, "discount": 0.0})

    def _is_unshipped(self):
        self.ensure_one()
        return self.order_id.flow in self.env["sale.order"]._get_unshipped_flows()

    def _needs_stock(self):
        return not self._is_unshipped() and super()._needs_stock()

    def _action_launch_stock_rule(self, previous_product_uom_qty=False):
        shipped = self.filtered(lambda line: not line._is_unshipped())
        return super(SaleOrderLine, shipped)._action_launch_stock_rule(previous_product_uom_qty)

    @api.depends("order_id.flow")
    def _compute_qty_to_deliver(self):
        super()._compute_qty_to_deliver()
        for line in self.filtered(lambda line: line._is_unshipped()):
            line.update({"qty_to_deliver": 0.0, "display_qty_widget": False})

    @api.depends("order_id.order_type_id")
    def _get_to_invoice_qty(self):
        """The type's policy before the product's."""
        super()._get_to_invoice_qty()
        for line in self:
            policy = line.order_id.order_type_id.invoice_policy
            if policy and not line.is_downpayment and line.order_id.state in ("sale", "done"):
                line.qty_to_invoice = line._get_quantity_to_invoice(policy)

    def _get_quantity_to_invoice(self, policy):
        """What this line bills under ``policy`` of its order's type, in its own unit."""
        self.ensure_one()
        if policy == "ordered":
            return self.product_uom_qty - self.qty_invoiced
        if policy in ("delivered", "milestone"):
            return self.qty_delivered - self.qty_invoiced
        return 0.0
