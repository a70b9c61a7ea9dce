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
    """Partial and full reconciliations of many couples of items, in company currency, by a statement for each table."""

    _inherit = "account.partial.reconcile"

    @api.model
    def _insert_couples(self, couples):
        """Match each couple, take it off what both items have open, and close what has nothing open any more.

        The caller forgets the cache and tells the ORM what changed.

        :param couples: list of (id of the debit item, id of the credit item, minor units)
        """
        debits, credits, units = map(list, zip(*couples))
        uid = self.env.uid
        self.env.cr.execute(
            """
            INSERT INTO account_partial_reconcile
                   (debit_move_id, credit_move_id, debit_currency_id, credit_currency_id, company_id, max_date,
                    amount, debit_amount_currency, credit_amount_currency, create_uid, create_date, write_uid, write_date)
            SELECT debit.id, credit.id, debit.currency_id, credit.currency_id, debit.company_id, greatest(debit.date, credit.date),
                   paid.amount, paid.amount, paid.amount, %s, now() AT TIME ZONE 'UTC', %s, now() AT TIME ZONE 'UTC'
              FROM unnest(%s, %s, %s::bigint[]) WITH ORDINALITY AS couple(debit_id, credit_id, units, position)
              JOIN account_move_line AS debit ON debit.id = couple.debit_id
              JOIN account_move_line AS credit ON credit.id = couple.credit_id
              JOIN res_currency AS currency ON currency.id = debit.company_currency_id
             CROSS JOIN LATERAL (SELECT couple.units * currency.rounding AS amount) AS paid
             ORDER BY couple.position
            """,
            [uid, uid, debits, credits, units],
        )
        self._reduce_open(debits + credits, [-paid for paid in units] + units)
        self._close_matched(list(set(debits)))

    @api.model
    def _reduce_open(self, item_ids, units):
        self.env.cr.execute(
            """
            UPDATE account_move_line AS item
               SET amount_residual = item.amount_residual + change.amount,
                   amount_residual_currency = item.amount_residual_currency + change.amount,
                   reconciled = item.amount_residual + change.amount = 0,
                   matching_number = 'P', write_uid = %s, write_date = now() AT TIME ZONE 'UTC'
              FROM (SELECT part.id, sum(part.units) * currency.rounding AS amount
                      FROM unnest(%s, %s::bigint[]) AS part(id, units)
                      JOIN account_move_line AS item ON item.id = part.id
                      JOIN res_currency AS currency ON currency.id = item.company_currency_id
                     GROUP BY part.id, currency.rounding) AS change
             WHERE item.id = change.id
            """,
            [self.env.uid, item_ids, units],
        )

    @api.model
    def _close_matched(self, item_ids):
        """Full reconciliations of all that is matched with these items and has nothing open."""
        self.env.cr.execute(
            "SELECT array_agg(DISTINCT part.id) FROM (SELECT matched.*, min(matched.id) OVER (PARTITION BY root) AS first FROM ("
            + MATCHED
            + """) AS matched) AS part
              JOIN account_move_line AS item ON item.id = part.id
             GROUP BY part.first
            HAVING bool_and(item.reconciled)
             ORDER BY part.first
            """,
            [item_ids],
        )
        groups = [ids for (ids,) in self.env.cr.fetchall()]
        if not groups:
            return
        names = self.env["account.full.reconcile"]._draw_numbers(len(groups))
        self.env.cr.execute(
            """
            INSERT INTO account_full_reconcile (name, create_uid, create_date, write_uid, write_date)
            SELECT name, %s, now() AT TIME ZONE 'UTC', %s, now() AT TIME ZONE 'UTC' FROM unnest(%s) AS name
            RETURNING id
            """,
            [self.env.uid, self.env.uid, names],
        )
        fulls = [(full_id, name, item_id) for (full_id,), name, ids in zip(self.env.cr.fetchall(), names, groups) for item_id in ids]
        full_ids, numbers, closed_ids = map(list, zip(*fulls))
        self.env.cr.execute(
            """
            WITH closed AS (SELECT * FROM unnest(%s, %s, %s) AS closed(full_id, number, item_id)),
                 partials AS (
                     UPDATE account_partial_reconcile AS partial
                        SET full_reconcile_id = closed.full_id
                       FROM closed
                      WHERE partial.debit_move_id = closed.item_id)
            UPDATE account_move_line AS item
               SET full_reconcile_id = closed.full_id, matching_number = closed.number
              FROM closed
             WHERE item.id = closed.item_id
            """,
            [full_ids, numbers, closed_ids],
        )


class AccountFullReconcile(models.Model):
    _inherit = "account.full.reconcile"

    @api.model
    def _draw_numbers(self, count):
        """``count`` numbers of the sequence of reconciliations; a plain sequence gives them in one query."""
        sequences = self.env["ir.sequence"].search(
            [("code", "=", "account.reconcile"), ("company_id", "in", [self.env.company.id, False])], order="company_id", limit=1
        )
        if sequences.implementation != "standard" or sequences.use_date_range:
            return [self.default_get(["name"])["name"] for _number in range(count)]
        self.env.cr.execute("SELECT nextval(%s) FROM generate_series(1, %s)", ["ir_sequence_%03d" % sequences.id, count])
        return [sequences.get_next_char(number) for (number,) in self.env.cr.fetchall()]
