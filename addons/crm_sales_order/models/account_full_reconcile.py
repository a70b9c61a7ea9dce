# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class AccountFullReconcile(models.Model):
    _inherit = "account.full.reconcile"

    @api.model
    def _insert_groups(self, groups):
        """Close groups of items that are matched with each other and nothing else: two statements for all.

        The caller forgets the cache.

        :param groups: list of (id of the entry of the exchange difference or None, ids of the items)
        """
        names = self._draw_numbers(len(groups))
        self.env.cr.execute(
            """
            INSERT INTO account_full_reconcile (name, exchange_move_id, create_uid, create_date, write_uid, write_date)
            SELECT name, exchange_id, %s, now() AT TIME ZONE 'UTC', %s, now() AT TIME ZONE 'UTC'
              FROM unnest(%s, %s::int[]) WITH ORDINALITY AS closed(name, exchange_id, position)
             ORDER BY position
            RETURNING id
            """,
            [self.env.uid, self.env.uid, names, [exchange_id for exchange_id, _ids in groups]],
        )
        full_ids = [full_id for (full_id,) in self.env.cr.fetchall()]
        rows = [(full_id, name, item) for full_id, name, (_exchange, ids) in zip(full_ids, names, groups) for item in ids]
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
            [list(column) for column in zip(*rows)],
        )

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
