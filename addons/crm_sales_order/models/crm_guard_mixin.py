# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from psycopg2 import sql

ACQUIRE = """
    INSERT INTO {table} ({first}, {second}, version)
         SELECT {first}, {second}, 1
           FROM unnest(%s, %s) AS pair ({first}, {second})
          ORDER BY {first}, {second}
    ON CONFLICT ({first}, {second}) DO UPDATE SET version = {table}.version + 1
"""


class CrmGuardMixin(models.AbstractModel):
    """One row per pair of records that whoever uses what they share writes before looking at how much is left of it.

    Odoo runs REPEATABLE READ: of two who come at once the later one gets a serialization error, and is started again on a
    snapshot that holds what the first one did (by Odoo for web calls, by queue_job for jobs).

    An inheriting model names the two required many2one fields in ``_guarded`` and makes them unique together.
    """

    _name = "crm.guard.mixin"
    _description = "Guard of What Is Shared"
    _guarded = ()

    version = fields.Integer(required=True, default=1)

    @api.model
    def _acquire(self, pairs):
        """Make all others who come for these pairs wait for this transaction, and then start again.

        Written in one order by everybody, so nobody waits for each other in a circle.

        :param pairs: iterable of ids, in the order of ``_guarded``
        :raise psycopg2.errors.SerializationFailure: another one came for a pair since this transaction began
        """
        pairs = sorted(set(pairs))
        if not pairs:
            return
        first, second = map(sql.Identifier, self._guarded)
        query = sql.SQL(ACQUIRE).format(table=sql.Identifier(self._table), first=first, second=second)
        self.env.cr.execute(query, [list(ids) for ids in zip(*pairs)])
