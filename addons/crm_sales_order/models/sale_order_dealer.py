# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging

from odoo import _, api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date

from ..exceptions import DealerError

_logger = logging.getLogger(__name__)


class SaleOrder(models.Model):
    """Orders dealers place at the portal."""

    _inherit = "sale.order"

    dealer_user_id = fields.Many2one(
        "res.users", string="Placed by", readonly=True, copy=False, help="Who of the dealer placed this order at the portal."
    )

    @api.model
    def _place_for_dealer(self, user, key, note=""):
        """Make an order of a portal user's cart, once for each ``key``: a double click gets the order of the first click.

        By the dealer's level it waits for the rep or is confirmed at once; where the suite's checks (approval, floor, stock)
        refuse that, it waits for the rep, too.

        :param key: of the page the order was sent from
        :return: the order, in sudo mode
        :raise DealerError: the cart is empty
        """
        dealer = user._get_dealer()
        company = dealer._get_dealer_company()
        orders = self.sudo().with_company(company).with_context(mail_create_nosubscribe=True)
        submission, new = self.env["crm.dealer.submission"]._claim(dealer, "order", key)
        if not new:
            return orders.browse(submission.res_id)
        cart = self.env["crm.dealer.cart.line"]._get_cart(user)
        if not cart:
            raise DealerError(_("Your cart is empty. Put something from the catalogue into it first."))
        order = orders.create(orders._prepare_dealer_order(user, dealer, company, cart, note))
        order.message_subscribe((dealer | user.partner_id).ids)
        submission.res_id = order.id
        cart.unlink()
        order._confirm_or_ask()
        return order

    @api.model
    def _prepare_dealer_order(self, user, dealer, company, cart, note):
        """Values of the order; Odoo adds prices and taxes of the lines, the rules of the suite act on them in create."""
        return {
            **dealer._get_quotation_values(company),
            "partner_id": dealer.id,
            "company_id": company.id,
            "user_id": dealer.user_id.id,
            "team_id": dealer.team_id.id,
            "dealer_user_id": user.id,
            "note": (note or "").strip()[:2000] or False,
            "order_line": [(0, 0, {"product_id": line.product_id.id, "product_uom_qty": line.quantity}) for line in cart],
        }

    def _confirm_or_ask(self):
        """Confirm the order (ensure_one) if the dealer's level says so and nothing speaks against it, and tell the rep."""
        self.ensure_one()
        problem = ""
        if self.partner_id.dealer_level_id.order_mode == "confirm":
            try:
                with self.env.cr.savepoint():
                    self.action_confirm()
                    self.flush()
            except UserError as error:
                problem = error.args[0]
                _logger.info("Order %s of a dealer waits for its rep: %s", self.name, problem)
        self._tell_rep_of_dealer_order(problem)

    def _tell_rep_of_dealer_order(self, problem):
        users = self.user_id or self.team_id.user_id
        dealer = self.partner_id.name
        if self.state in ("sale", "done"):
            body = _("It is confirmed.")
        elif problem:
            body = _("It was to be confirmed at once, but: %s", problem)
        else:
            body = _("Check it, and confirm it.")
        subject = _("%(dealer)s ordered: %(order)s", dealer=dealer, order=self.name)
        self.env["crm.notification"]._notify(users, subject, body, record=self, key="dealer-order-%d" % self.id)

    def _get_dealer_state(self):
        """(class, words) of what a dealer sees of an order."""
        self.ensure_one()
        if self.state == "cancel":
            return "done", _("Cancelled")
        if self.state not in ("sale", "done"):
            return "attention", _("Waits for confirmation") if self.state == "draft" else _("Offer to accept")
        goods = self.order_line.filtered(lambda line: line.product_id.type != "service" and line.product_uom_qty > 0)
        if goods and all(line.qty_delivered >= line.product_uom_qty for line in goods):
            return "done", _("Delivered")
        if any(line.qty_delivered for line in goods):
            return "on_track", _("Partly delivered")
        return "on_track", _("Confirmed")

    @api.model
    def _get_dealer_order_domain(self, dealer):
        """Orders of the dealer, quotations that were sent to it, and what it placed itself; never a draft of a salesperson."""
        return [
            ("partner_id", "child_of", dealer.ids),
            "|",
            ("state", "!=", "draft"),
            ("dealer_user_id", "!=", False),
        ]

    @api.model
    def _preview_for_dealer(self, user, wanted):
        """What products would cost the dealer, by price list and rules, without storing anything.

        :param wanted: [(product, quantity)], each product once
        :return: dict: ``prices`` (net, of one piece) and ``amounts`` by product id, ``total`` with taxes, ``currency``
        """
        dealer = user._get_dealer()
        company = dealer._get_dealer_company()
        order = self.sudo().with_company(company).new({
            **dealer._get_quotation_values(company),
            "partner_id": dealer.id,
            "company_id": company.id,
            "date_order": fields.Datetime.now(),
            "order_line": [
                (0, 0, {"product_id": product.id, "name": product.name, "product_uom": product.uom_id.id, "product_uom_qty": quantity})
                for product, quantity in wanted
            ],
        })  # fmt: skip
        order.order_line._compute_tax_id()
        order.order_line._price_lines()
        return {
            "prices": {line.product_id.id: line.price_reduce for line in order.order_line},
            "amounts": {line.product_id.id: line.price_reduce * line.product_uom_qty for line in order.order_line},
            "total": order.amount_total,
            "currency": order.pricelist_id.currency_id,
        }

    def _get_dealer_deliveries(self):
        """What a dealer reads of the deliveries of an order: dicts of ``name``, ``state`` and ``day`` in words."""
        self.ensure_one()
        states = {"done": _("Shipped"), "assigned": _("Ready to ship"), "cancel": _("Cancelled")}
        found = []
        for picking in self.picking_ids.filtered(lambda one: "customer" in (one.location_dest_id.usage, one.location_id.usage)):
            moment = picking.date_done or picking.scheduled_date
            name = picking.name + (" · %s" % picking.carrier_tracking_ref if picking.carrier_tracking_ref else "")
            found.append(
                {
                    "name": name,
                    "state": states.get(picking.state, _("In preparation")),
                    "day": format_date(self.env, fields.Datetime.context_timestamp(self, moment)) if moment else "",
                }
            )
        return found
