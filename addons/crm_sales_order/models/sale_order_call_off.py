# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import _, api, fields, models
from odoo.tools import float_compare, format_date

from ..exceptions import CallOffError
from .sale_order import CONFIRMED_STATES

PRICED = {"product_id", "product_uom", "price_unit", "discount"}


class CrmOrderType(models.Model):
    _inherit = "crm.order.type"

    flow = fields.Selection(selection_add=[("framework", "Framework")], ondelete={"framework": "cascade"})


class SaleOrder(models.Model):
    """A framework order agrees prices and quantities; call-offs draw them down: at its prices, never beyond what is left.

    Only confirmed call-offs count. Every check first updates the framework's lines (a counter), so that of two call-offs at
    once the second fails on serialization, is retried, and sees the first.
    """

    _inherit = "sale.order"

    framework_id = fields.Many2one(
        "sale.order",
        "Framework Order",
        domain="[('flow', '=', 'framework'), ('state', '=', 'sale'), ('partner_id', 'child_of', partner_id)]",
        readonly=True,
        states={"draft": [("readonly", False)]},
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    framework_end = fields.Date("Call Off Until", copy=False, help="The last day call-offs of this framework are confirmed.")
    call_off_ids = fields.One2many("sale.order", "framework_id", "Call-Offs")

    @api.model
    def _get_unshipped_flows(self):
        return super()._get_unshipped_flows() | {"framework"}

    def write(self, vals):
        result = super().write(vals)
        if "framework_id" in vals:
            self.order_line._agree_on_framework()
        return result

    def action_call_off(self):
        """A draft order over what is left of this framework; the quantities are then lowered to what is wanted now."""
        self.ensure_one()
        self._check_callable()
        lines = self.order_line.filtered(lambda line: line.product_id and line.call_off_left > 0)
        if not lines:
            raise CallOffError(_("Everything agreed in %(order)s has been called off.", order=self.name))
        order = self.create(
            {
                "partner_id": self.partner_id.id,
                "partner_invoice_id": self.partner_invoice_id.id,
                "partner_shipping_id": self.partner_shipping_id.id,
                "pricelist_id": self.pricelist_id.id,
                "company_id": self.company_id.id,
                "user_id": self.user_id.id,
                "team_id": self.team_id.id,
                "framework_id": self.id,
                "order_type_id": self.env["crm.order.type"]._get_type("call_off", self.company_id).id,
                "payment_term_id": self.payment_term_id.id,
                "order_line": [
                    (0, 0, {"product_id": line.product_id.id, "product_uom_qty": line.call_off_left, "product_uom": line.product_uom.id})
                    for line in lines
                ],
            }
        )
        return dict(
            self.env["ir.actions.actions"]._for_xml_id("crm_sales_order.sale_order_action_quotation"),
            views=[(False, "form")],
            res_id=order.id,
        )

    def _check_callable(self):
        for framework in self:
            if framework.flow != "framework" or framework.state not in CONFIRMED_STATES:
                raise CallOffError(_("%(order)s is no confirmed framework order: nothing can be called off from it.", order=framework.name))
            if framework.framework_end and framework.framework_end < fields.Date.context_today(self):
                raise CallOffError(
                    _(
                        "The framework %(order)s ended on %(date)s: agree on a new one, or have its end moved.",
                        order=framework.name,
                        date=format_date(self.env, framework.framework_end),
                    )
                )

    def _check_flow(self):
        super()._check_flow()
        call_offs = self.filtered("framework_id")
        if call_offs:
            call_offs._check_call_offs()

    def _check_call_offs(self):
        """Raise unless each order of ``self`` keeps to its framework: customer, end, products and quantities."""
        for order in self:
            framework = order.framework_id
            if framework.partner_id.commercial_partner_id != order.partner_id.commercial_partner_id:
                raise CallOffError(
                    _(
                        "%(framework)s was agreed with %(partner)s, not with the customer of %(order)s.",
                        framework=framework.name,
                        partner=framework.partner_id.commercial_partner_id.name,
                        order=order.name,
                    )
                )
            foreign = order._get_call_off_lines().filtered(lambda line: not line.framework_line_id)
            if foreign:
                raise CallOffError(
                    _(
                        "%(products)s is not agreed in %(framework)s: order it apart.",
                        products=", ".join(foreign.mapped("product_id.display_name")),
                        framework=framework.name,
                    )
                )
        self.framework_id._check_callable()
        self.order_line.framework_line_id._check_called_off()

    def _get_call_off_lines(self):
        return self.order_line.filtered(lambda line: line.product_id and not line.is_downpayment)

    def _get_flow_step(self):
        step, hint = super()._get_flow_step()
        if self.flow != "framework" or self.state not in CONFIRMED_STATES:
            return step, hint
        if any(line.call_off_left > 0 for line in self.order_line):
            return "call_off", _("Nothing ships from the framework itself: call off what the customer wants now, at the agreed price.")
        return False, _("Everything agreed has been called off.")

    def _get_payment_status(self):
        """Nothing is billed on a framework: its call-offs are."""
        return "none" if self.flow == "framework" else super()._get_payment_status()


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    framework_line_id = fields.Many2one("sale.order.line", "Agreed In", readonly=True, copy=False, index=True, ondelete="restrict")
    call_off_guard = fields.Integer(default=0, copy=False, help="Technical: counts checks, so that two at once collide.")
    call_off_left = fields.Float("Left to Call Off", compute="_compute_call_off_left", digits="Product Unit of Measure")

    def _compute_call_off_left(self):
        called = self.filtered(lambda line: line.order_id.flow == "framework")._get_called_off()
        for line in self:
            line.call_off_left = line.product_uom_qty - called.get(line._origin.id, 0.0) if line.order_id.flow == "framework" else 0.0

    def _get_called_off(self):
        """Quantities of confirmed call-offs by framework line of ``self``: {line id: quantity in its own unit}; one search."""
        called = defaultdict(float)
        domain = [("framework_line_id", "in", self._origin.ids), ("state", "in", CONFIRMED_STATES)]
        for line in self.env["sale.order.line"].sudo().search(domain):
            called[line.framework_line_id.id] += line.product_uom._compute_quantity(
                line.product_uom_qty, line.framework_line_id.product_uom, round=False
            )
        return called

    def _check_called_off(self):
        """Raise when more was called off than agreed on the framework lines of ``self``."""
        if not self:
            return
        self.flush()
        self.env.cr.execute(
            """
            UPDATE sale_order_line SET call_off_guard = COALESCE(call_off_guard, 0) + 1
             WHERE id IN (SELECT id FROM sale_order_line WHERE id IN %s ORDER BY id FOR UPDATE)
            """,
            [tuple(self.ids)],
        )
        called = self._get_called_off()
        for line in self.sudo():
            over = called[line.id] - line.product_uom_qty
            if float_compare(over, 0.0, precision_rounding=line.product_uom.rounding) > 0:
                raise CallOffError(
                    _(
                        "%(product)s: %(over)g %(unit)s more than %(framework)s has left. Lower the quantity, or agree on more.",
                        product=line.product_id.display_name,
                        over=round(over, 6),
                        unit=line.product_uom.name,
                        framework=line.order_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._agree_on_framework()
        lines._check_call_off_change()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & PRICED:
            self._agree_on_framework()
        if vals.keys() & {"product_uom_qty", "product_uom", "product_id"}:
            self._check_call_off_change()
        return result

    def _check_call_off_change(self):
        """A confirmed call-off, or a framework, that changes stays within what is agreed."""
        confirmed = self.filtered(lambda line: line.order_id.state in CONFIRMED_STATES)
        confirmed.filtered(lambda line: line.order_id.flow == "framework")._check_called_off()
        confirmed.order_id.filtered("framework_id")._check_call_offs()

    def _agree_on_framework(self):
        """Lines of call-offs take the agreed price, whatever was written."""
        for line in self.filtered(lambda line: line.order_id.framework_id and line.product_id and not line.is_downpayment):
            agreed = line.order_id.framework_id.sudo().order_line.filtered(lambda other, line=line: other.product_id == line.product_id)[:1]
            values = {"framework_line_id": agreed.id}
            if agreed:
                price = agreed.product_uom._compute_price(agreed.price_unit, line.product_uom)
                values.update(price_unit=price, discount=agreed.discount)
            changed = {name: value for name, value in values.items() if line._fields[name].convert_to_write(line[name], line) != value}
            if changed:
                line.write(changed)
