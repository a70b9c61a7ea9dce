# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

#: Items matched with some, directly or through others, themselves included: (root, id). Parameter: ids of the roots
MATCHED = """
    WITH RECURSIVE matched(root, id) AS (
        SELECT id, id FROM unnest(%s) AS id
        UNION
        SELECT matched.root, other.id
          FROM matched
         CROSS JOIN LATERAL (SELECT credit_move_id AS id FROM account_partial_reconcile WHERE debit_move_id = matched.id
                             UNION ALL
                             SELECT debit_move_id FROM account_partial_reconcile WHERE credit_move_id = matched.id) AS other
    ) SELECT root, id FROM matched
"""


class AccountPartialReconcile(models.Model):
    """Partial and full reconciliations of many couples of items by a statement for each table.

    Items of one couple, and all they are matched with, are in one currency.
    """

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._matched()
        return partials

    def _matched(self):
        """Hook: ``self`` have just been made, by Odoo or in bulk. Extend this, not ``create``: bulk booking does without."""

    @api.model
    def _insert_couples(self, couples):
        """Match each couple, take it off what both items have open, and close what has nothing open any more.

        The caller tells the ORM what became of the items, and calls :meth:`_matched`.

        :param couples: list of (id of the debit item, id of the credit item, minor units of their currency, cents the
            credit is worth in the books)
        :returns: the partial reconciliations
        """
        debits, credits, units, _worth = map(list, zip(*couples))
        partials = self._insert_partials(debits, credits, units, self._get_matched_cents(couples))
        return partials | self._close_matched(list(set(debits)))

    @api.model
    def _insert_partials(self, debits, credits, units, cents):
        """The rows, and what they take off the items."""
        uid = self.env.uid
        self.env.cr.execute(
            """
            INSERT INTO account_partial_reconcile
                   (debit_move_id, credit_move_id, debit_currency_id, credit_currency_id, company_id, max_date,
                    amount, debit_amount_currency, credit_amount_currency, create_uid, create_date, write_uid, write_date)
            SELECT debit.id, credit.id, debit.currency_id, credit.currency_id, debit.company_id, greatest(debit.date, credit.date),
                   couple.cents * books.rounding, couple.units * currency.rounding, couple.units * currency.rounding,
                   %s, now() AT TIME ZONE 'UTC', %s, now() AT TIME ZONE 'UTC'
              FROM unnest(%s, %s, %s::bigint[], %s::bigint[])
                   WITH ORDINALITY AS couple(debit_id, credit_id, units, cents, position)
              JOIN account_move_line AS debit ON debit.id = couple.debit_id
              JOIN account_move_line AS credit ON credit.id = couple.credit_id
              JOIN res_currency AS currency ON currency.id = debit.currency_id
              JOIN res_currency AS books ON books.id = debit.company_currency_id
             ORDER BY couple.position
            RETURNING id
            """,
            [uid, uid, debits, credits, units, cents],
        )
        partials = self.browse([partial_id for (partial_id,) in self.env.cr.fetchall()])
        self._reduce_open(debits, [-one for one in units], [-one for one in cents])
        self._reduce_open(credits, units, cents)
        self.invalidate_cache()
        return partials

    @api.model
    def _get_matched_cents(self, couples):
        """What each couple takes off the value in the books: as much as both sides have, first come, first served."""
        self.env.cr.execute(
            """
            SELECT item.id, round(item.amount_residual / books.rounding)::bigint
              FROM account_move_line AS item
              JOIN res_currency AS books ON books.id = item.company_currency_id
             WHERE item.id = ANY(%s)
            """,
            [[debit for debit, _credit, _units, _worth in couples]],
        )
        left = dict(self.env.cr.fetchall())
        result = []
        for debit, _credit, _units, worth in couples:
            result.append(min(left[debit], worth))
            left[debit] -= result[-1]
        return result

    @api.model
    def _reduce_open(self, item_ids, units, cents):
        self.env.cr.execute(
            """
            UPDATE account_move_line AS item
               SET amount_residual = change.balance, amount_residual_currency = change.amount,
                   reconciled = change.balance = 0 AND change.amount = 0,
                   matching_number = 'P', write_uid = %s, write_date = now() AT TIME ZONE 'UTC'
              FROM (SELECT item.id,
                           (round(item.amount_residual_currency / currency.rounding) + sum(part.units)) * currency.rounding AS amount,
                           (round(item.amount_residual / books.rounding) + sum(part.cents)) * books.rounding AS balance
                      FROM unnest(%s, %s::bigint[], %s::bigint[]) AS part(id, units, cents)
                      JOIN account_move_line AS item ON item.id = part.id
                      JOIN res_currency AS currency ON currency.id = item.currency_id
                      JOIN res_currency AS books ON books.id = item.company_currency_id
                     GROUP BY item.id, currency.id, books.id) AS change
             WHERE item.id = change.id
            """,
            [self.env.uid, item_ids, units, cents],
        )

    @api.model
    def _close_matched(self, item_ids):
        """Full reconciliations of all that is matched with these items and has nothing open in its currency.

        :returns: partial reconciliations with exchange differences, which close what is open in the books
        """
        self.env.cr.execute(
            """
            SELECT array_agg(DISTINCT part.id), bool_or(round(item.amount_residual / books.rounding) <> 0)
              FROM (SELECT matched.*, min(matched.id) OVER (PARTITION BY root) AS first FROM ("""
            + MATCHED
            + """) AS matched) AS part
              JOIN account_move_line AS item ON item.id = part.id
              JOIN res_currency AS currency ON currency.id = item.currency_id
              JOIN res_currency AS books ON books.id = item.company_currency_id
             GROUP BY part.first
            HAVING bool_and(round(item.amount_residual_currency / currency.rounding) = 0)
             ORDER BY part.first
            """,
            [item_ids],
        )
        found = self.env.cr.fetchall()
        Item = self.env["account.move.line"]
        entries, partials = self._create_exchange_entries([Item.browse(ids) for ids, differs in found if differs])
        entries = iter(entries)
        groups = []
        for ids, differs in found:
            entry = next(entries) if differs else self.env["account.move"]
            account = Item.browse(ids[:1]).account_id
            groups.append((entry.id or None, ids + entry.line_ids.filtered(lambda item, account=account: item.account_id == account).ids))
        if groups:
            self.env["account.full.reconcile"]._insert_groups(groups)
        return partials

    @api.model
    def _create_exchange_entries(self, groups):
        """Odoo's exchange difference entries, made and posted together, one for each group of items.

        :returns: (entries, partial reconciliations of their items)
        """
        if not groups:
            return self.env["account.move"], self
        entries = self.env["account.move"].create([group._prepare_exchange_entry() for group in groups])
        couples = [
            (item, entry.line_ids.filtered(lambda line, at=2 * number: line.sequence == at))
            for group, entry in zip(groups, entries)
            for number, item in enumerate(group._get_differing())
        ]
        rows = []
        for item, difference in couples:
            cents = round(item.amount_residual / item.company_currency_id.rounding)
            debit, credit = (item, difference) if cents > 0 else (difference, item)
            rows.append((debit.id, credit.id, 0, abs(cents)))
        self.flush()
        partials = self._insert_partials(*map(list, zip(*rows)))
        entries._post(soft=False)
        self.flush()
        return entries, partials
