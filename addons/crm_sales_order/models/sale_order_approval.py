# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import SalesOrderError
from .sale_order import BINDING_STATES

#: What decides floors and prices of all lines, or what an approval is about
PRICE_FIELDS = frozenset(
    {"partner_id", "pricelist_id", "company_id", "fiscal_position_id", "payment_term_id", "carrier_id", "order_type_id"}
)
#: Computed; nobody writes them
COMPUTED_FIELDS = frozenset({"margin", "margin_percent", "price_version"})


class SaleOrder(models.Model):
    """Quotations need approval where the rep conceded more than the rep may: to be sent, confirmed, and changed afterwards."""

    _name = "sale.order"
    _inherit = ["sale.order", "crm.approval.mixin"]

    approval_ids = fields.One2many(
        "crm.approval", "order_id", string="Approvals", readonly=True, copy=False, groups="crm_sales_order.group_margins"
    )
    next_action = fields.Selection(selection_add=[("approval", "Get it approved"), ("send",)])

    @api.depends("price_version", "order_line.floor_price", "sale_order_option_ids.price_unit", "sale_order_option_ids.discount")
    def _compute_approval_state(self):
        super()._compute_approval_state()

    def _get_next_action(self):
        if self.state == "draft" and self.sudo().approval_state in ("needed", "requested", "refused"):
            return "approval"
        return super()._get_next_action()

    def _check_can_send(self):
        super()._check_can_send()
        self._check_approved()

    def _check_can_confirm(self):
        super()._check_can_confirm()
        self._check_approved()

    @api.model
    def create(self, vals):
        self._check_writable(vals)
        order = super().create(vals)
        if "user_id" in vals:
            order._check_salesperson()
        return order

    def write(self, vals):
        self._check_writable(vals)
        result = super().write(vals)
        if "user_id" in vals:
            self._check_salesperson()
        if PRICE_FIELDS & vals.keys():
            self.filtered(lambda order: order.state in BINDING_STATES)._check_approved()
        return result

    @api.model
    def _check_writable(self, vals):
        if COMPUTED_FIELDS & vals.keys():
            raise SalesOrderError(_("Margins are computed: change prices or costs instead."))

    def _check_salesperson(self):
        """Floors and discounts are those of the salesperson's role: a rep cannot take somebody else's name."""
        user = self.env.user
        if self.env.su or not user._is_crm_limited():
            return
        led = user._get_led_teams() if user._crm_leads_teams() else self.env["crm.team"]
        for order in self.sudo():
            if order.user_id != user and order.user_id.sale_team_id not in led:
                text = _("Give “%s” to yourself or to people you lead. Your leader hands it over to others.", order.name)
                raise SalesOrderError(text)
