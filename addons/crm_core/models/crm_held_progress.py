# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from psycopg2 import sql


class CrmHeldMixin(models.AbstractModel):
    """When the owner last did something for it: kept up by facts, for recycle rules to look at."""

    _inherit = "crm.held.mixin"

    recycle_warned_at = fields.Datetime(string="Warned On", copy=False, readonly=True)

    @api.model
    def _followed_up(self, ids, user_ids):
        """Note that owners followed up just now: one UPDATE, whatever the number.

        :param ids: record ids; those that are not owned by one of ``user_ids`` are left alone, and so are those
            followed up within the last minute (a busy thread must not rewrite the record each time)
        :return: ids of the records where it was noted
        """
        table = self._table
        self.flush(["user_id", "date_last_follow_up"])
        query = sql.SQL(
            "UPDATE {table} SET date_last_follow_up = %(now)s WHERE id = ANY(%(ids)s) AND user_id = ANY(%(users)s)"
            " AND (date_last_follow_up IS NULL OR date_last_follow_up < %(now)s - interval '1 minute') RETURNING id"
        ).format(table=sql.Identifier(table))
        params = {"now": fields.Datetime.now(), "ids": list(ids), "users": list(user_ids)}
        self.env.cr.execute(query, params)
        changed = [record_id for (record_id,) in self.env.cr.fetchall()]
        if changed:
            self.invalidate_cache(["date_last_follow_up"], changed)
        return changed
