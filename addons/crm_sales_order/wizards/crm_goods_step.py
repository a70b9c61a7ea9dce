# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.tools import float_compare

from ..exceptions import SalesOrderError
from ..models.sale_order_return import REASONS

STEPS = [
    ("back", "Take Goods Back"),
    ("keep", "Customer Keeps Goods"),
    ("return", "Return Goods"),
    ("exchange", "Exchange Goods"),
]


class CrmGoodsStep(models.TransientModel):
    """Which of an order's goods come back, are kept, returned or exchanged, and how many."""

    _name = "crm.goods.step"
    _description = "Goods Coming Back"

    order_id = fields.Many2one("sale.order", required=True, readonly=True, ondelete="cascade")
    step = fields.Selection(STEPS, required=True, readonly=True)
    flow = fields.Selection(related="order_id.flow")
    reason = fields.Selection(REASONS)
    line_ids = fields.One2many("crm.goods.step.line", "step_id", string="Goods")

    @api.model_create_multi
    def create(self, vals_list):
        """Propose everything that can take the step."""
        wizards = super().create(vals_list)
        for wizard in wizards:
            wizard.order_id.check_access_rule("write")
            possible = wizard._get_possible()
            wizard.line_ids = [
                (0, 0, {"order_line_id": line.id, "quantity": 0.0 if wizard.step == "keep" else quantity})
                for line, quantity in possible.items()
            ]
        return wizards

    def _get_possible(self):
        """{sale.order.line: the most that can take this step}; raises when there is nothing."""
        self.ensure_one()
        lines = self.order_id.order_line
        if self.order_id.state not in ("sale", "done"):
            raise SalesOrderError(
                _("%(order)s is not a confirmed order, so nothing of it was delivered.", order=self.order_id.name)
            )
        if self.step in ("back", "keep"):
            quantities = {line: line.sudo()._get_pieces_returnable() for line in lines if line._stays_ours()}
        else:
            quantities = {line: line._get_qty_returnable() for line in lines}
        possible = {line: quantity for line, quantity in quantities.items() if quantity > 0}
        if not possible:
            raise SalesOrderError(_("%(order)s: no goods are left that could come back.", order=self.order_id.name))
        return possible

    def action_apply(self):
        """Take the step with the quantities entered.

        :returns: what to look at next
        """
        self.ensure_one()
        quantities = self._get_quantities()
        return getattr(self, "_apply_%s" % self.step)(quantities)

    def _get_quantities(self):
        """{sale.order.line: quantity} entered; raises for none, negative or too many."""
        possible = self._get_possible()
        quantities = {}
        for line in self.line_ids:
            left = possible.get(line.order_line_id, 0.0)
            if line.quantity < 0 or float_compare(line.quantity, left, precision_digits=3) > 0:
                raise SalesOrderError(
                    _(
                        "%(product)s: enter a quantity from 0 to %(most)s.",
                        product=line.order_line_id.product_id.display_name,
                        most="%g" % left,
                    )
                )
            if line.quantity:
                quantities[line.order_line_id] = quantities.get(line.order_line_id, 0.0) + line.quantity
        if not quantities:
            raise SalesOrderError(_("Enter for at least one product how many it is about."))
        return quantities

    def _apply_back(self, quantities):
        order = self.order_id._check_goods_step()
        pickings = order._bring_back({line.sudo(): quantity for line, quantity in quantities.items()})
        order.message_post(
            body=_("Coming back: %(goods)s (%(transfers)s).", goods=self._describe(quantities),
                   transfers=", ".join(pickings.mapped("name")))
        )
        return {"type": "ir.actions.act_window_close"}

    def _apply_keep(self, quantities):
        invoices = self.order_id._report_consumption(quantities)
        self.order_id.message_post(body=_("Kept by the customer: %(goods)s.", goods=self._describe(quantities)))
        return self._open_invoices(invoices)

    def _open_invoices(self, invoices):
        if not (invoices and invoices.check_access_rights("read", False)):
            return {"type": "ir.actions.act_window_close"}
        return self.order_id.action_view_invoice()

    def _apply_return(self, quantities):
        if not self.reason:
            raise SalesOrderError(_("Choose why the goods come back."))
        values = self.order_id._prepare_return(self.step, self.reason)
        values["order_line"] = [(0, 0, line._prepare_taking_back(quantity)) for line, quantity in quantities.items()]
        order = self.env["sale.order"].create(values)
        action = self.env["ir.actions.actions"]._for_xml_id("crm_sales_order.sale_order_action_quotation")
        return {**action, "views": [(False, "form")], "res_id": order.id}

    def _apply_exchange(self, quantities):
        return self._apply_return(quantities)

    def _describe(self, quantities):
        return ", ".join("%s × %g" % (line.sudo()._get_goods().display_name, quantity) for line, quantity in quantities.items())


class CrmGoodsStepLine(models.TransientModel):
    _name = "crm.goods.step.line"
    _description = "Goods Coming Back, One Product"

    step_id = fields.Many2one("crm.goods.step", required=True, ondelete="cascade")
    order_line_id = fields.Many2one("sale.order.line", required=True, ondelete="cascade")
    goods_name = fields.Char("Product", compute="_compute_goods")
    most = fields.Float("At Most", compute="_compute_goods", digits="Product Unit of Measure")
    quantity = fields.Float(digits="Product Unit of Measure")

    @api.depends("order_line_id", "step_id.step")
    def _compute_goods(self):
        for line in self:
            line.order_line_id.check_access_rule("read")  # the line may name any order
            sold = line.order_line_id.sudo()
            line.goods_name = sold._get_goods().display_name
            lent = line.step_id.step in ("back", "keep")
            line.most = sold._get_pieces_returnable() if lent else sold._get_qty_returnable()
