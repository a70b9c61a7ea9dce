# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import Counter
from typing import Any, NamedTuple

from odoo import _, fields, models
from odoo.tools import formatLang

from ..engine.margin import is_below, keep_share, nearest, percent, shortfall
from .crm_approval_mixin import ApprovalReason


class PriceOffer(NamedTuple):
    """A line or an option of a quotation, as prices are judged: per unit, net of tax, in the order's currency.

    ``price`` is after the discount of the line, ``granted`` what price list and rules grant (0: nobody knows), ``entered``
    is ``price`` as it stands on the line, with the taxes that it includes.
    """

    label: str
    product: Any
    uom: Any
    quantity: float
    price: float
    granted: float
    floor: float
    cost: float
    unknown: bool
    entered: float


class Finding(NamedTuple):
    """One thing to approve: its kind (of ``crm.approval.tier``), how many percent, and the words for it."""

    kind: str
    share: float
    text: str


class SaleOrder(models.Model):
    """Which prices of a quotation lie below their floor or beyond what the salesperson may concede."""

    _inherit = "sale.order"

    # -- floors ----------------------------------------------------------------------------------------------------

    def _get_floor(self, product, uom, cost, rates):
        """(least net price per ``uom`` in the order's currency without approval, whether it cannot be known), as of now.

        :param cost: per ``uom``, in the order's currency; zero when unknown
        :param rates: a dict that remembers exchange rates
        """
        company = self.company_id or self.env.company
        floors = self.env["crm.price.floor"]._get_floors(company.id)
        if not floors:
            return 0.0, False
        found = nearest(floors, self._get_floor_places(product), self.user_id.sudo().groups_id.ids)
        factor = product.uom_id._compute_price(1.0, uom or product.uom_id)
        least = [floor.least(cost, factor * self._get_floor_rate(floor.currency, rates)) for floor in found]
        known = [amount for amount in least if amount is not None]
        return (min(known), False) if known else (0.0, bool(least))

    def _get_floor_places(self, product):
        """Where a floor may be set for the product, the nearest first."""
        yield "product_id", product.id
        yield "product_tmpl_id", product.product_tmpl_id.id
        category = product.categ_id
        for category_id in reversed((category.parent_path or "").strip("/").split("/")):
            if category_id:
                yield "categ_id", int(category_id)
        yield "all", 0

    def _get_floor_rate(self, currency_id, rates):
        company = (self.company_id or self.env.company)._origin
        target = (self.currency_id or self.pricelist_id.currency_id)._origin or company.currency_id
        if not currency_id or currency_id == target.id:
            return 1.0
        date = fields.Date.to_date(self.date_order) or fields.Date.context_today(self)
        origin = self.env["res.currency"].browse(currency_id)
        key = (origin, target, company, date)
        if key not in rates:
            rates[key] = origin._get_conversion_rate(origin, target, company, date)
        return rates[key]

    def _get_usual_taxes(self, product):
        """Taxes of a product sold to this customer."""
        company = self.company_id or self.env.company
        taxes = product.taxes_id.filtered(lambda tax: tax.company_id == company)
        return self.fiscal_position_id.map_tax(taxes, product, self.partner_shipping_id)

    def _get_untaxed(self, price, taxes, product):
        """``price`` without the taxes that are included in it."""
        if not price or not any(taxes.flatten_taxes_hierarchy().mapped("price_include")):
            return price
        return taxes.compute_all(price, None, 1.0, product=product, partner=self.partner_shipping_id)["total_excluded"]

    # -- what is offered -------------------------------------------------------------------------------------------

    def _get_price_offers(self):
        """Offers of the lines and of the options the customer may still choose; in sudo mode."""
        self.ensure_one()
        lines = self.order_line.filtered(lambda line: line._is_price_offered())
        label = _("Line %d")  # not in the loop below: there nobody knows whose language it is
        offers = [line._get_price_offer(label % number) for number, line in enumerate(lines, 1)]
        options = self.sale_order_option_ids.filtered(lambda option: option.product_id and not option.line_id)
        return offers + options._get_price_offers(_("Option %d"))

    def _get_price_findings(self):
        """The Findings of one order. Deductions (negative lines, coupons) lower the price of every line alike."""
        self.ensure_one()
        priced = self.order_line.filtered(lambda line: line.product_id and not line._is_freight())
        left = keep_share(line._get_gross_amount() for line in priced)
        conceded = keep_share(line._get_gross_amount() for line in priced - self._get_granted_deductions())
        limit = self.env["crm.discount.limit"]._get_limit(self.user_id, self.company_id) if self.user_id else None
        step = 10 ** -self.env["decimal.precision"].precision_get("Product Price")
        findings = []
        for offer in self._get_price_offers():
            findings += self._judge_floor(offer, offer.price * left, step)
            findings += self._judge_concession(offer, offer.price * conceded, limit)
        return findings

    def _get_granted_deductions(self):
        """Reward lines of coupons and promotions that the order has a right to: the company conceded them, not the rep."""
        rewards = self.order_line.filtered(lambda line: line.is_reward_line and line._get_gross_amount() < 0)
        granted = rewards.browse()
        if not rewards:
            return granted
        valid = self._get_applicable_programs() + self._get_valid_applied_coupon_program()
        for program in self._get_applied_programs_with_rewards_on_current_order() & valid:
            lines = rewards.filtered(lambda line, product=program.discount_line_product_id: line.product_id == product)
            values = self._get_reward_line_values(program) if lines else ()
            due = sum(vals["price_unit"] * vals["product_uom_qty"] for vals in values)
            if sum(line._get_gross_amount() for line in lines) >= due - self.currency_id.rounding:
                granted |= lines
        return granted

    def _judge_floor(self, offer, price, step):
        if offer.unknown:
            name = offer.product.display_name
            text = _("%(line)s: the cost of %(product)s is unknown, so its margin cannot be checked", line=offer.label, product=name)
            return [Finding("concession", 0.0, text)]
        if not is_below(price, offer.floor, step):
            return []
        share = shortfall(price, offer.floor)
        floor = formatLang(self.env, offer.floor, currency_obj=self.currency_id)
        text = _("%(line)s: %(share)s below the floor of %(floor)s", line=offer.label, share=percent(share), floor=floor)
        findings = [Finding("concession", share, self._tell_net_price(text, offer, price))]
        if is_below(price, offer.cost, step):
            cost = formatLang(self.env, offer.cost, currency_obj=self.currency_id)
            text = _("%(line)s: below its cost of %(cost)s", line=offer.label, cost=cost)
            findings.append(Finding("loss", shortfall(price, offer.cost), self._tell_net_price(text, offer, price)))
        return findings

    def _tell_net_price(self, text, offer, price):
        """Floors and costs are net: where the price on the line is not, say what is left of it."""
        if self.currency_id.compare_amounts(price, offer.entered) == 0:
            return text
        net = formatLang(self.env, price, currency_obj=self.currency_id)
        return _("%(finding)s (net price %(price)s)", finding=text, price=net)

    def _judge_concession(self, offer, price, limit):
        share = shortfall(price, offer.granted)
        if limit is None or share <= limit + 0.05:
            return []
        text = _(
            "%(line)s: %(share)s conceded, %(limit)s allowed", line=offer.label, share=percent(share), limit=percent(limit)
        )
        return [Finding("concession", share - limit, text)]

    # -- approval --------------------------------------------------------------------------------------------------

    def _is_price_judged(self):
        """Whether the order's prices need to be above their floors: not for goods lent, used by ourselves or owed."""
        self.ensure_one()
        return self.state != "cancel" and self.flow not in self._get_free_flows() - {"gift"}

    def _get_approval_reasons(self):
        reasons = super()._get_approval_reasons()
        found = {order: order._get_price_findings() for order in self if order._is_price_judged()}
        tiers = self.env["crm.approval.tier"]._get_tiers("sale.order") if any(found.values()) else ()
        for order, findings in found.items():
            for finding in findings:
                covering = [tier for tier in tiers if order._is_covered(finding, tier)]
                if finding.kind != "loss":
                    covering = covering or [self.env["crm.approval.tier"]]
                reasons.setdefault(order, []).extend(ApprovalReason(tier, finding.text) for tier in covering)
        return reasons

    def _is_covered(self, finding, tier):
        company = self.company_id
        amount = self.currency_id._convert(
            self.amount_untaxed, company.currency_id, company, self.date_order or fields.Date.context_today(self)
        )
        return tier._covers(finding.kind, company, finding.share, amount)

    def _get_approval_facts(self):
        """What is offered to whom, at which costs and floors. An option the customer takes was offered already."""
        facts = super()._get_approval_facts()
        for order in self:
            lines = order.order_line.filtered(lambda line: line._is_price_offered())
            taken = [line._get_price_offer("") for line in lines]
            options = order.sale_order_option_ids.filtered("product_id")._get_price_offers()
            offered = Counter(map(order._get_price_fact, taken)) | Counter(map(order._get_price_fact, options))
            costs = {(offer.product.id, round(offer.cost, 2), round(offer.floor, 2)) for offer in taken + options}
            facts[order.id].update(
                customer=order.partner_id.id,
                currency=order.currency_id.id,
                payment_term=order.payment_term_id.id,
                offers=sorted(map(list, offered.elements())),
                deductions=sorted(
                    round(line._get_gross_amount(), 2) for line in order.order_line - lines if line._get_gross_amount()
                ),
                costs=sorted(map(list, costs)),
            )
        return facts

    def _get_price_fact(self, offer):
        return offer.product.id, offer.uom.id, round(offer.quantity, 4), round(offer.price, 4)

    def _get_approval_fact_labels(self):
        return {
            **super()._get_approval_fact_labels(),
            "customer": _("Customer"),
            "currency": _("Currency"),
            "payment_term": _("Payment Terms"),
            "offers": _("Products, quantities or prices"),
            "deductions": _("Deductions"),
            "costs": _("Costs or floors"),
        }

    def _get_approval_amount(self):
        return self.amount_untaxed, self.currency_id
