# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.tools import formatLang, html_escape

from ..engine import credit
from ..exceptions import CreditError
from .crm_credit import AMOUNT_GROUPS, UNBOUND_FLOWS


class SaleOrder(models.Model):
    """A confirmed order grows beyond the customer's credit only when finance lets it: once, up to a total it was asked for."""

    _inherit = "sale.order"

    credit_growth = fields.Selection(
        [("limited", "May Be Asked For"), ("requested", "Waits for Finance"), ("granted", "Released by Finance")],
        "Growth beyond the Credit",
        compute="_compute_credit_growth",
        groups=AMOUNT_GROUPS,
        help="Empty: nothing limits what this customer may order.",
    )
    credit_growth_total = fields.Monetary("May Grow To", compute="_compute_credit_growth", groups=AMOUNT_GROUPS)

    @api.depends("state")
    def _compute_credit_growth(self):
        """As of now; nothing of it stored."""
        orders = self.sudo().filtered(lambda order: order.id and order.state == "sale" and order._grows_on_credit())
        terms = self.env["crm.credit.limit"].sudo()._get_terms({order._get_credit_pair() for order in orders})
        releases = self.env["crm.credit.release"].sudo()._get_open(orders)
        for order in self:
            release = releases.get(order.sudo())
            limits = order.sudo() in orders and terms[order.sudo()._get_credit_pair()]
            limited = limits and (limits.limit is not None or limits.days is not None)
            order.credit_growth = (release and release.state) or ("limited" if limited else False)
            order.credit_growth_total = order.currency_id.round(release.amount * (order.currency_rate or 1.0)) if release else 0.0

    def _grows_on_credit(self):
        """Whether more of this order is more to pay: not where only what the customer uses is."""
        return self._is_under_credit() and self.flow not in UNBOUND_FLOWS

    def action_request_growth(self):
        """Ask finance to let this order grow once."""
        self.ensure_one()
        return self.env["crm.credit.decision"]._open("request", self, growth=True)

    def _request_growth(self, total, note):
        """
        :param total: what the order may come to, in its own currency, tax included
        :param note: why finance should allow it; not empty
        """
        self.ensure_one()
        self.check_access_rights("write")
        self.check_access_rule("write")
        note = self._check_reason(note)
        values = self.sudo()._prepare_growth(total)
        releases = self.env["crm.credit.release"].sudo()
        releases._lapse(self)  # who asks again asks for another total
        release = releases.create({**values, "state": "requested", "note": note, "requester_id": self.env.uid})
        amount = formatLang(self.env, total, currency_obj=self.currency_id)
        self.sudo()._post_credit_note(
            _("Asked to let this order grow to %(amount)s: %(note)s", amount=amount, note=html_escape(note)), self.env.user
        )
        self.sudo()._tell_finance("request", self.env.user, note, record=release)
        self.invalidate_cache(["credit_growth", "credit_growth_total"])
        return release

    def _prepare_growth(self, total):
        """Values of a release that lets this order grow to ``total``."""
        compare = self.currency_id.compare_amounts
        if self.state != "sale":
            raise CreditError(_("%(order)s is not a running order: only those grow.", order=self.display_name))
        if compare(total, self.amount_total) <= 0:
            now = formatLang(self.env, self.amount_total, currency_obj=self.currency_id)
            raise CreditError(_("Enter the new total of the order, tax included: it must be above %(now)s.", now=now))
        service, pair = self.env["crm.credit"], self._get_credit_pair()
        amount = self.company_id.currency_id.round(total / (self.currency_rate or 1.0))
        more = credit.round_half_up((amount - self._get_credit_amount()) * service._get_units(self.company_id))
        verdicts = service._get_verdicts([pair], {pair: more})
        if not self._grows_on_credit() or verdicts[pair].state != credit.BLOCKED:
            raise CreditError(_("The customer's credit allows that: change the order, nothing has to be released."))
        return {
            "order_id": self.id,
            "purpose": "grow",
            "sale_id": self.id,
            "document_name": self.display_name,
            "partner_id": pair[0],
            "company_id": pair[1],
            "amount": amount,
            "situation": service._explain_pairs(verdicts, amounts=True),
        }

    def _decide_growth(self, state, reason):
        """Finance says yes or no to what was asked for.

        :param state: granted or refused
        :param reason: not empty; who asked reads it
        """
        self.ensure_one()
        self._check_finance()
        self.check_access_rights("read")
        self.check_access_rule("read")
        reason = self._check_reason(reason)
        release = self.env["crm.credit.release"].sudo()._get_open(self)[self]
        if release.purpose != "grow":
            raise CreditError(_("Nothing of %(document)s waits for a release.", document=self.display_name))
        release.write({"state": state, "reason": reason, "decider_id": self.env.uid, "date_decided": fields.Datetime.now()})
        told, amount = html_escape(reason), formatLang(self.env, release.amount, currency_obj=release.currency_id)
        granted = _("May grow to %(amount)s, once, says finance: %(reason)s", amount=amount, reason=told)
        refused = _("May not grow to %(amount)s, says finance: %(reason)s", amount=amount, reason=told)
        self.sudo()._post_credit_note(granted if state == "granted" else refused, self.env.user)
        release._tell_decision()
        self.invalidate_cache(["credit_growth", "credit_growth_total"])
        return release

    def _explain_growth(self):
        """What the rep should know before asking: the total now, and what the customer's credit leaves."""
        self.ensure_one()
        service, pair = self.env["crm.credit"], self._get_credit_pair()
        if not service._sees_amounts():
            return False
        verdict = service.sudo()._get_verdicts([pair])[pair]
        if verdict.available is None:
            return service._explain_pairs({pair: verdict})
        available = max(verdict.available, 0) / service._get_units(self.company_id)
        return _(
            "This order is over %(total)s now, tax included. The customer's credit leaves %(available)s.",
            total=formatLang(self.env, self.amount_total, currency_obj=self.currency_id),
            available=formatLang(self.env, available, currency_obj=self.company_id.currency_id),
        )
