# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from psycopg2 import sql
from psycopg2.extras import execute_values


class CrmHeldMixin(models.AbstractModel):
    """When the owner last did something for it: kept up by facts, for recycle rules to look at."""

    _inherit = "crm.held.mixin"

    recycle_warned_at = fields.Datetime(string="Warned On", copy=False, readonly=True)

    @api.model
    def _followed_up(self, facts):
        """Note what people did for records; it counts where they are the owner. One UPDATE, whatever the number.

        :param facts: list of (record id, user id, moment); a moment less than a minute after the last one noted is
            left out, so that a busy thread does not rewrite the record each time
        :return: ids of the records where it was noted
        """
        if not facts:
            return []
        self.flush(["user_id", "date_last_follow_up"])
        query = sql.SQL(
            "UPDATE {table} AS record SET date_last_follow_up = fact.moment"
            " FROM (SELECT id, user_id, max(moment) AS moment FROM (VALUES %s) AS one (id, user_id, moment)"
            " GROUP BY id, user_id) AS fact"
            " WHERE record.id = fact.id AND record.user_id = fact.user_id AND (record.date_last_follow_up IS NULL"
            " OR record.date_last_follow_up < fact.moment - interval '1 minute') RETURNING record.id"
        ).format(table=sql.Identifier(self._table))
        cursor = self.env.cr._obj
        template = "(%s::int, %s::int, %s::timestamp)"
        rows = execute_values(cursor, query.as_string(cursor), facts, template, page_size=len(facts), fetch=True)
        changed = [record_id for (record_id,) in rows]
        self.invalidate_cache(["date_last_follow_up"], changed)
        return changed
