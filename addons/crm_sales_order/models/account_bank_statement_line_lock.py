# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from dataclasses import dataclass

from odoo import api, models

#: First key of the advisory locks on customers whose payments are being booked
CUSTOMER_LOCK = 0x0BA9C


@dataclass
class Taken:
    """What a transaction holds while it books payments. Nobody waits: what others hold is not in it."""

    #: ids of commercial partners
    customers: set
    #: {id of an open line: its values}
    lines: dict
    #: {id of an open receivable item: its values}
    items: dict


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    @api.model
    def _lock_for_posting(self, proposals):
        """Take all that ``proposals`` touch, as far as nobody else has it, until the transaction ends.

        Customers first: orders, instalments and partners of one customer are written by one transaction at a time, so
        that two of them never wait for each other, whatever their lines.
        """
        customers = self._lock_customers({proposal.partner for proposal in proposals})
        lines = self._lock_lines([proposal.line for proposal in proposals if proposal.partner in customers])
        items = self._lock_items({item for proposal in proposals if proposal.line in lines for item, _units in proposal.parts})
        return Taken(customers, lines, items)

    @api.model
    def _lock_customers(self, partner_ids):
        self.env.cr.execute("SELECT id FROM unnest(%s) AS id WHERE pg_try_advisory_xact_lock(%s, id)", [sorted(partner_ids), CUSTOMER_LOCK])
        return {partner_id for (partner_id,) in self.env.cr.fetchall()}

    @api.model
    def _lock_lines(self, line_ids):
        """Posted statement lines that are not booked; ``paid`` in minor units of ``currency``, what the payer paid in."""
        self.env.cr.execute(
            """
            SELECT line.id, line.payment_ref, move.company_id AS company, move.date, currency.id AS currency,
                   round((CASE WHEN proposal.id IS NOT NULL THEN proposal.paid_amount
                               WHEN line.foreign_currency_id IS NULL THEN line.amount ELSE line.amount_currency END)
                         / currency.rounding)::bigint AS paid,
                   journal.match_fee_account_id AS fee_account
              FROM account_bank_statement_line AS line
              JOIN account_move AS move ON move.id = line.move_id
              JOIN account_journal AS journal ON journal.id = move.journal_id
              LEFT JOIN crm_bank_proposal AS proposal ON proposal.line_id = line.id AND proposal.state IN ('proposed', 'queued')
                                                     AND proposal.paid_currency_id IS NOT NULL
              JOIN res_currency AS currency
                ON currency.id = coalesce(proposal.paid_currency_id, line.foreign_currency_id, line.currency_id)
             WHERE line.id = ANY(%s) AND line.is_reconciled IS NOT TRUE AND move.state = 'posted'
             ORDER BY line.id
               FOR NO KEY UPDATE OF line SKIP LOCKED
            """,
            [line_ids],
        )
        return {row["id"]: row for row in self.env.cr.dictfetchall()}

    @api.model
    def _lock_items(self, item_ids):
        """Receivable items that are not paid; ``open`` in minor units of ``currency``."""
        self.env.cr.execute(
            """
            SELECT item.id, item.company_id AS company, item.currency_id AS currency,
                   partner.commercial_partner_id AS partner,
                   round(item.amount_residual_currency / currency.rounding)::bigint AS open
              FROM account_move_line AS item
              JOIN account_account AS account ON account.id = item.account_id AND account.internal_type = 'receivable'
              JOIN res_currency AS currency ON currency.id = item.currency_id
              JOIN res_partner AS partner ON partner.id = item.partner_id
             WHERE item.id = ANY(%s) AND item.reconciled IS NOT TRUE AND item.parent_state = 'posted'
             ORDER BY item.id
               FOR NO KEY UPDATE OF item SKIP LOCKED
            """,
            [sorted(item_ids)],
        )
        return {row["id"]: row for row in self.env.cr.dictfetchall()}
