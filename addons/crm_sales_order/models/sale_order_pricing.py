# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json

from odoo import _, api, fields, models
from odoo.tools import float_compare, formatLang

from ..exceptions import SalesOrderError
from .sale_order_line_pricing import PRICEABLE_STATES


class SaleOrder(models.Model):
    """Prices of a quotation by the rules: given while it is written, held once they were offered."""

    _inherit = "sale.order"

    has_parameters = fields.Boolean(compute="_compute_has_parameters", help="Whether a line has figures its price depends on.")

    @api.depends("order_line.parameters")
    def _compute_has_parameters(self):
        for order in self:
            order.has_parameters = any(order.order_line.mapped("parameters"))

    def _price_lines(self, lines=None):
        """Price the lines (all of ``self``, or ``lines`` of them) by price list and rules; confirmed orders are left alone.

        Prices set by hand stay. Set-based: a constant number of queries and one write per line that changes.
        """
        (self.order_line if lines is None else lines & self.order_line)._price_lines()

    def write(self, vals):
        """Another customer, or another kind of order, has other prices, as long as nothing was offered."""
        deciding = vals.keys() & {"partner_id", "order_type_id"}
        moved = self.filtered(
            lambda order: order.state == "draft" and any(order[name].id != vals[name] for name in deciding)
        )
        result = super().write(vals)
        moved._price_lines()
        return result

    def copy_data(self, default=None):
        """What came along by a rule comes along again if the rule still says so."""
        default = dict(default or {})
        if "order_line" not in default:
            lines = self.order_line.filtered(lambda line: not line.is_downpayment and line.line_role == "main")
            default["order_line"] = [(0, 0, line.copy_data()[0]) for line in lines]
        return super().copy_data(default)

    # -- new prices ----------------------------------------------------------------------------------------------------

    def action_compare_prices(self):
        """Show what the lines would cost today beside what they cost now, before anything changes."""
        self.ensure_one()
        self._check_priceable()
        return {
            "type": "ir.actions.act_window",
            "name": _("Update Prices"),
            "res_model": "crm.price.update",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id},
        }

    def update_prices(self):
        """Price all lines as of today, but those priced by hand; a note says what changed from what."""
        self._check_priceable()
        for order in self:
            before = {line: order._get_net_price(line) for line in order.order_line}
            order.date_order = fields.Datetime.now()
            order._price_lines()
            order.sale_order_option_ids._update_prices()
            order._post_price_changes(before)
        self.show_update_pricelist = False

    def _check_priceable(self):
        closed = self.filtered(lambda order: order.state not in PRICEABLE_STATES)
        if closed:
            raise SalesOrderError(
                _(
                    "The prices of %(orders)s are agreed: only those of quotations can be updated.",
                    orders=", ".join(closed[:10].mapped("name")),
                )
            )

    def _get_net_price(self, line):
        return line.price_unit * (1 - line.discount / 100.0)

    def _post_price_changes(self, before):
        self.ensure_one()
        changes = []
        for line in self.order_line:
            new, old = self._get_net_price(line), before.get(line)
            if old is None or self.currency_id.compare_amounts(old, new):
                old_text = "–" if old is None else formatLang(self.env, old, currency_obj=self.currency_id)
                changes.append((line.product_id.display_name, old_text, formatLang(self.env, new, currency_obj=self.currency_id)))
        body = self.env["ir.qweb"]._render("crm_sales_order.price_changes_note", {"changes": changes})
        self.message_post(body=body)

    # -- checks --------------------------------------------------------------------------------------------------------

    def _check_can_send(self):
        super()._check_can_send()
        self._check_prices_computed()

    def _check_can_confirm(self):
        super()._check_can_confirm()
        self._check_prices_computed()
        self._check_offer_holds()

    def _check_prices_computed(self):
        """No offer goes out on a rule that could not be computed, or without an accessory that is required."""
        for order in self:
            for line in order.order_line.filtered("price_steps"):
                known = json.loads(line.sudo().price_steps)
                if known["problems"] and not line.price_pinned:
                    raise SalesOrderError(line._get_problem_message(known["problems"]))
                line._check_accessories(known["companions"])

    def _check_offer_holds(self):
        """The prices offered hold to the end of the quotation's validity; later they must still be today's."""
        today = fields.Date.context_today(self)
        for order in self.filtered(lambda order: order.validity_date and order.validity_date < today):
            lines = order.order_line.filtered(lambda line: line.rule_price and not line.price_pinned and line._takes_price_rules())
            changed = [
                line.product_id.display_name
                for line, price in lines._compute_prices(fields.Datetime.now()).items()
                if float_compare(line.rule_price, price.net, precision_digits=2)
            ]
            if changed:
                raise SalesOrderError(
                    _(
                        "%(order)s was valid until %(date)s, and prices have changed since: %(products)s. Update the prices,"
                        " or extend the validity to keep what was offered.",
                        order=order.name,
                        date=order.validity_date,
                        products=", ".join(changed[:10]),
                    )
                )
