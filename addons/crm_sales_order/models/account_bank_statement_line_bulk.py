# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

from .account_partial_reconcile import MATCHED

#: What the receivable item of a payment has of its own; all else it takes from the suspense item it replaces
OWN_COLUMNS = {
    "name": "CASE WHEN paid.id IS NULL THEN %s ELSE paid.name END",
    "account_id": "account.id",
    "account_root_id": "account.root_id",
    "partner_id": "line.partner_id",
    "debit": "greatest(part.balance, 0)",
    "credit": "greatest(-part.balance, 0)",
    "balance": "part.balance",
    "amount_currency": "part.amount",
    "amount_residual": "CASE WHEN account.reconcile THEN part.balance ELSE 0 END",
    "amount_residual_currency": "CASE WHEN account.reconcile THEN part.amount ELSE 0 END",
    "reconciled": "FALSE",
}


class AccountBankStatementLine(models.Model):
    """Booking by a handful of statements, however many lines.

    What is stored is what Odoo's :meth:`reconcile` stores line by line (a test compares all columns), but for one thing: the parts
    of a payment in a foreign currency are worth in the books what the payment is; Odoo rounds each, and leaves a cent
    open on the customer. Items, partial and full reconciliations are written directly; what follows from them (invoices, orders,
    instalments) the ORM computes.
    """

    _inherit = "account.bank.statement.line"

    @api.model
    def _find_suspense_items(self, proposals):
        """The suspense items of those ``proposals`` that can be booked in bulk: {line id: (item id, cents it is worth in the books)}.

        The others were paid in another currency than the bank account's, are in a journal sealed by hashes or half booked, or
        pay invoices whose taxes are due on payment or that were paid in another currency before. Where no journal for
        exchange differences is set up, Odoo says so.
        """
        self.env.cr.execute(
            """
            SELECT line.id, max(item.id) FILTER (WHERE item.account_id = journal.suspense_account_id),
                   round(max(item.credit - item.debit) FILTER (WHERE item.account_id = journal.suspense_account_id)
                         / max(books.rounding))::bigint
              FROM account_bank_statement_line AS line
              JOIN account_move AS move ON move.id = line.move_id AND move.to_check IS NOT TRUE
              JOIN account_journal AS journal ON journal.id = move.journal_id AND journal.restrict_mode_hash_table IS NOT TRUE
              JOIN account_move_line AS item ON item.move_id = move.id AND item.currency_id = line.currency_id
              JOIN res_currency AS books ON books.id = item.company_currency_id
              JOIN res_company AS company ON company.id = move.company_id
             WHERE line.id = ANY(%s) AND line.foreign_currency_id IS NULL
               AND NOT EXISTS (SELECT FROM crm_bank_proposal AS proposal
                                WHERE proposal.line_id = line.id AND proposal.state IN ('proposed', 'queued')
                                  AND proposal.paid_currency_id IS NOT NULL)
               AND (line.currency_id = company.currency_id
                    OR company.currency_exchange_journal_id + company.expense_currency_exchange_account_id
                       + company.income_currency_exchange_account_id IS NOT NULL)
             GROUP BY line.id
            HAVING count(*) FILTER (WHERE item.account_id = journal.suspense_account_id) = 1
               AND count(*) FILTER (WHERE item.account_id = journal.default_account_id) = 1
               AND count(*) = 2
            """,
            [[proposal.line for proposal in proposals]],
        )
        suspense = {line_id: (item_id, cents) for line_id, item_id, cents in self.env.cr.fetchall()}
        special = self._find_special_items({item for proposal in proposals for item, _units in proposal.parts})
        return {
            proposal.line: suspense[proposal.line]
            for proposal in proposals
            if proposal.line in suspense and not proposal.advance and special.isdisjoint(item for item, _units in proposal.parts)
        }

    @api.model
    def _find_special_items(self, item_ids):
        """Ids of receivable items that take more than a partial reconciliation to be paid."""
        if not item_ids:
            return set()
        self.env.cr.execute(
            """
            SELECT paid.id
              FROM account_move_line AS paid
             WHERE paid.id = ANY(%s)
               AND EXISTS (SELECT FROM account_move_line AS item WHERE item.move_id = paid.move_id AND NOT item.tax_exigible)
            UNION
            SELECT paid.id
              FROM ("""
            + MATCHED
            + """) AS matched
              JOIN account_move_line AS paid ON paid.id = matched.root
              JOIN account_move_line AS item ON item.id = matched.id AND item.currency_id <> paid.currency_id
            """,
            [list(item_ids), list(item_ids)],
        )
        return {item for (item,) in self.env.cr.fetchall()}

    @api.model
    def _post_in_bulk(self, proposals, suspense):
        """Book ``proposals``, whose lines and items this transaction holds.

        :param suspense: what :meth:`_find_suspense_items` found
        :returns: their lines. Cost: some twenty statements, those of the ORM for the invoices, and an entry for each
            exchange difference
        """
        lines = self.browse([proposal.line for proposal in proposals])
        if not proposals:
            return lines
        lines._set_customers({proposal.line: proposal.partner for proposal in proposals})
        couples = self._replace_suspense_items(proposals, suspense)
        self.env.cr.execute(
            """
            UPDATE account_bank_statement_line
               SET is_reconciled = TRUE, amount_residual = 0, write_uid = %s, write_date = now() AT TIME ZONE 'UTC'
             WHERE id = ANY(%s)
            """,
            [self.env.uid, lines.ids],
        )
        self.env["account.move.line"]._reconcile_couples(couples)
        self.browse([proposal.line for proposal in proposals if proposal.fee]).move_id.modified(["line_ids"])
        return lines

    @api.model
    def _replace_suspense_items(self, proposals, suspense):
        """Put the receivable items, and those of the fees, in place of the suspense items.

        :returns: what ``account.partial.reconcile._insert_couples`` takes
        """
        rows = [row for proposal in proposals for row in self._get_parts(proposal, *suspense[proposal.line])]
        cr = self.env.cr
        cr.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [self.env["account.move.line"]._sequence, len(rows)])
        new_ids = [new_id for (new_id,) in cr.fetchall()]
        suspense_ids, item_ids, units, cents = map(list, zip(*rows))
        cr.execute(self._get_insert_query(), [_("Bank Fee"), new_ids, suspense_ids, item_ids, units, cents])
        cr.execute("DELETE FROM account_move_line WHERE id = ANY(%s)", [suspense_ids])
        return [(item, new_id, -paid, -worth) for item, new_id, paid, worth in zip(item_ids, new_ids, units, cents) if item]

    @api.model
    def _get_parts(self, proposal, suspense_id, worth):
        """What stands in place of the suspense item, debits positive: [(suspense id, item paid, minor units, cents in the books)]

        The value in the books follows the amounts, and sums to ``worth``.
        """
        parts = [*proposal.parts, *([(None, -proposal.fee)] if proposal.fee else [])]
        rows, paid, booked = [], 0, 0
        for item, units in parts:
            paid += units
            cents = (2 * worth * paid + proposal.amount) // (2 * proposal.amount) - booked
            booked += cents
            rows.append((suspense_id, item, -units, -cents))
        return rows

    @api.model
    def _get_insert_query(self):
        fields = self.env["account.move.line"]._fields
        stored = {name for name, field in fields.items() if field.store and field.column_type}
        copied = sorted(stored - OWN_COLUMNS.keys() - {"id", *models.LOG_ACCESS_COLUMNS})
        return """
            INSERT INTO account_move_line (id, create_uid, create_date, write_uid, write_date, {own}, {copied})
            SELECT part.id, {uid}, now() AT TIME ZONE 'UTC', {uid}, now() AT TIME ZONE 'UTC', {values}, {copies}
              FROM (SELECT part.*, part.units * currency.rounding AS amount, part.cents * books.rounding AS balance
                      FROM unnest(%s, %s, %s::int[], %s::bigint[], %s::bigint[]) AS part(id, suspense_id, item_id, units, cents)
                      JOIN account_move_line AS item ON item.id = part.suspense_id
                      JOIN res_currency AS currency ON currency.id = item.currency_id
                      JOIN res_currency AS books ON books.id = item.company_currency_id) AS part
              JOIN account_move_line AS suspense ON suspense.id = part.suspense_id
              JOIN account_bank_statement_line AS line ON line.move_id = suspense.move_id
              JOIN account_journal AS journal ON journal.id = suspense.journal_id
              LEFT JOIN account_move_line AS paid ON paid.id = part.item_id
              JOIN account_account AS account ON account.id = coalesce(paid.account_id, journal.match_fee_account_id)
        """.format(
            uid=self.env.uid,
            own=", ".join(OWN_COLUMNS),
            values=", ".join(OWN_COLUMNS.values()),
            copied=", ".join(map('"{}"'.format, copied)),
            copies=", ".join(map('suspense."{}"'.format, copied)),
        )
