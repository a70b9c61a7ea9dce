# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import api, models
from odoo.addons.base.models.res_bank import sanitize_account_number
from odoo.addons.crm_core.engine.company_name import parse_company

from ..engine.bank_match import Customer, Matcher, OpenItem, Payment, advances, may_be_advance, possible_numbers

# Money that came in and is not booked. The amount is that of the currency the payer paid in.
_PAYMENTS = """
    SELECT line.id, move.company_id, currency.id AS currency_id,
           round((CASE WHEN line.foreign_currency_id IS NULL THEN line.amount ELSE line.amount_currency END)
                 / currency.rounding)::bigint AS amount,
           concat_ws(' ', line.payment_ref, nullif(move.ref, line.payment_ref), move.narration) AS memo,
           coalesce(line.partner_name, '') AS payer, coalesce(line.account_number, '') AS account,
           partner.commercial_partner_id AS partner_id, journal.match_threshold::float,
           CASE WHEN journal.match_fee_account_id IS NULL THEN 0
                ELSE round(journal.match_fee_tolerance / currency.rounding)::bigint END AS fee_limit,
           move.date - date '2000-01-01' AS day
      FROM account_bank_statement_line AS line
      JOIN account_move AS move ON move.id = line.move_id
      JOIN account_journal AS journal ON journal.id = move.journal_id
      JOIN res_currency AS currency ON currency.id = coalesce(line.foreign_currency_id, line.currency_id)
      LEFT JOIN res_partner AS partner ON partner.id = line.partner_id
     WHERE line.id = ANY(%s) AND line.amount > 0 AND line.is_reconciled IS NOT TRUE AND move.state = 'posted'
     ORDER BY line.id
"""
# What customers have not paid yet: invoices, and entries made by hand such as opening balances.
_ITEMS = """
    SELECT item.id, item.move_id, partner.commercial_partner_id,
           round(item.amount_residual_currency / currency.rounding)::bigint,
           coalesce(item.date_maturity, item.date) - date '2000-01-01', coalesce(move.invoice_date, move.date) - date '2000-01-01',
           move.name, move.ref, move.payment_reference, move.invoice_origin
      FROM account_move_line AS item
      JOIN account_account AS account ON account.id = item.account_id AND account.internal_type = 'receivable'
      JOIN account_move AS move ON move.id = item.move_id
      JOIN res_partner AS partner ON partner.id = item.partner_id
      JOIN res_currency AS currency ON currency.id = item.currency_id
     WHERE item.company_id = %s AND item.currency_id = %s AND item.reconciled IS NOT TRUE AND item.parent_state = 'posted'
       AND item.amount_residual_currency >= currency.rounding AND move.statement_line_id IS NULL AND move.payment_id IS NULL
"""
# The numbers of what an invoice was made from: order, contract, the customer's own order.
_ORIGINS = """
    SELECT DISTINCT entry.move_id, orders.name, orders.client_order_ref, contract.name
      FROM account_move_line AS entry
      JOIN sale_order_line_invoice_rel AS link ON link.invoice_line_id = entry.id
      JOIN sale_order_line AS line ON line.id = link.order_line_id
      JOIN sale_order AS orders ON orders.id = line.order_id
      LEFT JOIN crm_contract AS contract ON contract.id = orders.contract_id
     WHERE entry.move_id = ANY(%s)
"""
# Confirmed orders with these numbers: what they are worth, whatever is invoiced.
_ORDERS = """
    SELECT orders.id, partner.commercial_partner_id, round(orders.amount_total / currency.rounding)::bigint, orders.name
      FROM sale_order AS orders
      JOIN res_partner AS partner ON partner.id = orders.partner_invoice_id
      JOIN product_pricelist AS pricelist ON pricelist.id = orders.pricelist_id
      JOIN res_currency AS currency ON currency.id = pricelist.currency_id
     WHERE orders.name = ANY(%s) AND orders.company_id = %s AND currency.id = %s AND orders.state IN ('sale', 'done')
       AND orders.amount_total >= currency.rounding
"""
# Who has open items, and whoever else has the very name or bank account of a payer.
_NAMES = """
    SELECT commercial_partner_id, id, name FROM res_partner
     WHERE (commercial_partner_id = ANY(%(partners)s) OR name = ANY(%(payers)s)) AND name IS NOT NULL
     ORDER BY id
"""
_ACCOUNTS = """
    SELECT partner.commercial_partner_id, bank.sanitized_acc_number
      FROM res_partner_bank AS bank
      JOIN res_partner AS partner ON partner.id = bank.partner_id
     WHERE bank.sanitized_acc_number = ANY(%s) AND (bank.company_id = %s OR bank.company_id IS NULL) AND bank.active
"""


class AccountBankStatementLine(models.Model):
    """Payments as the matching engine sees them. Six queries per company and currency, whatever the number of lines."""

    _inherit = "account.bank.statement.line"

    def _get_proposals(self):
        """What the open payments of ``self`` pay, as far as that can be said.

        Payments out, and lines that are booked or not posted, are left out. Money is matched in its own currency; what that
        does not explain, in others.

        :returns: list of :class:`..engine.bank_match.Proposal`, at most one per line, by line
        """
        proposals, groups = {}, self._get_payments()
        for (company_id, currency_id), payments in groups.items():
            items = self._get_open_items(company_id, currency_id)
            customers = self._get_payers(company_id, {item.partner for item in items}, payments)
            found = {each.line: each for each in Matcher(items, customers, parse_company).propose(payments)}
            unexplained = [payment for payment in payments if may_be_advance(payment, found.get(payment.id))]
            found.update({each.line: each for each in self._get_advances(company_id, currency_id, unexplained)})
            proposals.update(found)
        proposals.update(self._get_exchange_proposals(groups, proposals))
        return [proposal for _line, proposal in sorted(proposals.items())]

    @api.model
    def _get_advances(self, company_id, currency_id, payments):
        """Proposals for payments that name an order nothing is owed for: it is the customer's advance."""
        self.env["sale.order"].flush()
        self.env.cr.execute(_ORDERS, [list(possible_numbers(payment.memo for payment in payments)), company_id, currency_id])
        orders = [OpenItem(order_id, partner_id, amount, (name,)) for order_id, partner_id, amount, name in self.env.cr.fetchall()]
        if not orders:
            return []
        customers = self._get_payers(company_id, {order.partner for order in orders}, payments)
        return list(advances(Matcher(orders, customers, parse_company).propose(payments)))

    def _get_payments(self):
        """{(company id, currency id): payments}"""
        self.env["account.bank.statement.line"].flush()
        self.env["account.move"].flush()
        self.env["account.journal"].flush()
        refused = self.env["crm.bank.proposal"]._get_refused(self)
        self.env.cr.execute(_PAYMENTS, [self.ids])
        payments = defaultdict(list)
        for row in self.env.cr.dictfetchall():
            payments[row["company_id"], row["currency_id"]].append(
                Payment(
                    row["id"],
                    row["amount"],
                    row["memo"],
                    row["payer"],
                    sanitize_account_number(row["account"]) or "",
                    row["partner_id"],
                    row["fee_limit"],
                    round(row["match_threshold"], 3),
                    refused.get(row["id"], frozenset()),
                    row["day"],
                )
            )
        return payments

    @api.model
    def _get_open_items(self, company_id, currency_id):
        """Everything a customer may pay, in one company and currency: :class:`..engine.bank_match.OpenItem`."""
        self.env["account.move.line"].flush()
        self.env["sale.order"].flush(["name", "client_order_ref", "contract_id"])
        self.env.cr.execute(_ITEMS, [company_id, currency_id])
        rows = self.env.cr.fetchall()
        self.env.cr.execute(_ORIGINS, [list({row[1] for row in rows})])
        origins = defaultdict(list)
        for move_id, *numbers in self.env.cr.fetchall():
            origins[move_id] += numbers
        return [
            OpenItem(item_id, partner_id, amount, self._get_references(*names, *origins[move_id]), due, issued)
            for item_id, move_id, partner_id, amount, due, issued, *names in rows
        ]

    @api.model
    def _get_references(self, name, ref, payment_reference, origin, *more):
        """The numbers people may write for an item, the surest first, each once."""
        origins = [part.strip() for part in (origin or "").split(",")]
        return tuple(dict.fromkeys(filter(None, [name, payment_reference, *origins, *more, ref])))

    @api.model
    def _get_payers(self, company_id, partner_ids, payments):
        """The customers ``payments`` may come from: :class:`..engine.bank_match.Customer`."""
        self.env["res.partner"].flush(["name", "commercial_partner_id", "parent_id"])
        self.env["res.partner.bank"].flush()
        names, contacts, accounts = defaultdict(list), defaultdict(list), defaultdict(list)
        payers = sorted({payment.payer for payment in payments if payment.payer})
        self.env.cr.execute(_NAMES, {"partners": list(partner_ids), "payers": payers})
        for commercial_id, partner_id, name in self.env.cr.fetchall():
            (names if partner_id == commercial_id else contacts)[commercial_id].append(name)
        self.env.cr.execute(_ACCOUNTS, [[payment.account for payment in payments if payment.account], company_id])
        for commercial_id, number in self.env.cr.fetchall():
            accounts[commercial_id].append(number)
        return [
            Customer(partner_id, tuple(names[partner_id]), tuple(contacts[partner_id]), tuple(accounts[partner_id]))
            for partner_id in sorted({*names, *contacts, *accounts})
        ]
