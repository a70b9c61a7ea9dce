# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict
from dataclasses import replace

from odoo import api, models
from odoo.addons.crm_core.engine.company_name import parse_company

from ..engine.bank_match import ExchangeMatcher, Reason
from .crm_bank_proposal import LIKELY

# Units of the second currency for one of the first, of each day, as Odoo converts; none where a rate is missing.
_RATES = """
    WITH days AS (SELECT unnest(%(days)s) AS number),
         rates AS (
             SELECT days.number, currency.id,
                    coalesce((SELECT rate.rate
                                FROM res_currency_rate AS rate
                               WHERE rate.currency_id = currency.id AND rate.name <= date '2000-01-01' + days.number
                                 AND (rate.company_id IS NULL OR rate.company_id = company.id)
                               ORDER BY rate.company_id, rate.name DESC
                               LIMIT 1), CASE WHEN currency.id = company.currency_id THEN 1.0 END) AS rate
               FROM days
               JOIN res_company AS company ON company.id = %(company)s
               JOIN res_currency AS currency ON currency.id IN %(currencies)s)
    SELECT one.number, other.id, other.rate / one.rate
      FROM rates AS one
      JOIN rates AS other ON other.number = one.number AND other.id <> one.id
     WHERE one.id = %(currency)s AND one.rate > 0 AND other.rate > 0
"""


class AccountBankStatementLine(models.Model):
    """Invoices in one currency, paid into a bank account in another: the bank changes the money, at its own rate.

    What was paid is entered as Odoo's amount in foreign currency on the line when a person books it, so the difference between
    the invoice's rate and the bank's is Odoo's exchange difference; undoing it takes that back, too.
    """

    _inherit = "account.bank.statement.line"

    @api.model
    def _get_exchange_proposals(self, groups, found):
        """Proposals in other currencies than the account's, for payments nothing in its own explains well.

        :param groups: what :meth:`_get_payments` gives
        :param found: {line id: proposal in the payment's own currency}
        :returns: {line id: proposal}
        """
        waiting = {
            key: [payment for payment in payments if payment.id not in found or found[payment.id].confidence < LIKELY]
            for key, payments in groups.items()
        }
        asked = {payment.id for payments in waiting.values() for payment in payments}
        told = set(self.browse(asked).filtered("foreign_currency_id").ids)  # the bank says itself what was paid
        waiting = {key: [payment for payment in payments if payment.id not in told] for key, payments in waiting.items()}
        currencies = self._get_open_currencies({company_id for (company_id, _currency), payments in waiting.items() if payments})
        taken = {item for proposal in found.values() if proposal.confidence >= LIKELY for item, _amount in proposal.parts}
        best = {}
        for (company_id, currency_id), payments in waiting.items():
            others = currencies[company_id] - {currency_id}
            if not payments or not others:
                continue
            rates = self._get_rates_of_days(company_id, currency_id, others, {payment.date for payment in payments})
            for other_id in sorted(others):
                for proposal in self._propose_exchange(company_id, currency_id, other_id, payments, rates, taken):
                    rival = best.get(proposal.line) or found.get(proposal.line)
                    if not rival or proposal.confidence > rival.confidence:
                        best[proposal.line] = proposal
        return best

    @api.model
    def _get_open_currencies(self, company_ids):
        """{company id: ids of the currencies customers owe something in}"""
        found = defaultdict(set)
        if company_ids:
            self.env["account.move.line"].flush()
            self.env.cr.execute(
                """
                SELECT DISTINCT item.company_id, item.currency_id
                  FROM account_move_line AS item
                  JOIN account_account AS account ON account.id = item.account_id AND account.internal_type = 'receivable'
                 WHERE item.company_id = ANY(%s) AND item.reconciled IS NOT TRUE AND item.parent_state = 'posted'
                   AND item.amount_residual_currency > 0
                """,
                [list(company_ids)],
            )
            for company_id, currency_id in self.env.cr.fetchall():
                found[company_id].add(currency_id)
        return found

    @api.model
    def _get_rates_of_days(self, company_id, currency_id, other_ids, days):
        """{(day's number, id of another currency): units of it for one of this currency}"""
        self.env["res.currency.rate"].flush()
        currencies = (currency_id, *other_ids)
        values = {"company": company_id, "currency": currency_id, "currencies": currencies, "days": list(days)}
        self.env.cr.execute(_RATES, values)
        return {(day, other_id): float(rate) for day, other_id, rate in self.env.cr.fetchall()}

    @api.model
    def _propose_exchange(self, company_id, currency_id, other_id, payments, rates, taken):
        """Proposals in one other currency, each with what was paid and the two rates as the last of its reasons."""
        currency, other = self.env["res.currency"].browse((currency_id, other_id))
        changed, factors = [], {}
        for payment in payments:
            factor = rates.get((payment.date, other_id), 0.0) * currency.rounding / other.rounding
            if round(payment.amount * factor) > 0:
                factors[payment.id] = factor
                fee_limit = round(payment.fee_limit * factor)
                changed.append(replace(payment, amount=round(payment.amount * factor), fee_limit=fee_limit))
        items = [item for item in self._get_open_items(company_id, other_id) if item.id not in taken]
        customers = self._get_payers(company_id, {item.partner for item in items}, changed)
        arrived = {payment.id: payment.amount for payment in payments}
        for proposal in ExchangeMatcher(items, customers, parse_company).propose(changed):
            paid = proposal.amount * other.rounding
            values = (
                ("paid", "%s %s" % (other.name, "{:,.{}f}".format(paid, other.decimal_places))),
                ("rate", currency._name_rate(other, paid / (arrived[proposal.line] * currency.rounding))),
                ("day", currency._name_rate(other, factors[proposal.line] * other.rounding / currency.rounding)),
            )
            yield replace(proposal, currency=other_id, reasons=(*proposal.reasons, Reason("rate", values)))

    # -- booking -----------------------------------------------------------------------------------------------------

    def _get_paid_in_other_currency(self):
        """Those of ``self`` whose open proposal is in another currency than the bank account."""
        domain = [("line_id", "in", self.ids), ("state", "in", ("proposed", "queued")), ("paid_currency_id", "!=", False)]
        return self.env["crm.bank.proposal"].search(domain).line_id

    def _set_paid_currency(self):
        """Enter what the payer paid before the bank changed it, as the proposal being booked says."""
        self.ensure_one()
        if self._get_paid_in_other_currency():
            proposal = self.proposal_id
            self.write({"foreign_currency_id": proposal.paid_currency_id.id, "amount_currency": proposal.paid_amount})

    def _prepare_reconciliation(self, lines_vals_list, create_payment_for_invoice=False):
        """The cents that rounding each part leaves open in the books go with the largest part, not on the customer."""
        overview, rest = super()._prepare_reconciliation(lines_vals_list, create_payment_for_invoice)
        if not rest or not self.foreign_currency_id or not overview:
            return overview, rest
        books, left = self.company_currency_id, rest["debit"] - rest["credit"]
        if books.compare_amounts(abs(left), len(overview) * books.rounding) > 0:
            return overview, rest
        largest = max((part["line_vals"] for part in overview), key=lambda vals: abs(vals["debit"] - vals["credit"]))
        balance = largest["debit"] - largest["credit"] + left
        largest.update(debit=max(balance, 0.0), credit=max(-balance, 0.0))
        return overview, None
