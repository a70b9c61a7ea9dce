# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import psycopg2
import pytz
from odoo import api, fields, models

from ..engine.local_day import local_day


class CrmAssignmentDay(models.Model):
    """Leads given to a rep on a day of the rep's. The row is the guard of the rep's limits: every run takes the rows of
    the reps it may give to, in id order, before it reads how much room they have, and changes those it gave to."""

    _name = "crm.assignment.day"
    _description = "Leads Assigned on a Day"
    _order = "day desc, id"
    _log_access = False

    user_id = fields.Many2one("res.users", string="Rep", required=True, readonly=True, ondelete="cascade")
    day = fields.Date(required=True, readonly=True)
    assigned_count = fields.Integer(string="Assigned", readonly=True)

    _sql_constraints = [("user_day", "UNIQUE (user_id, day)", "There is one row for a rep and a day.")]

    @api.model
    def _get_days(self, users):
        """{user id: the day it is for the user}; without a time zone the company's is taken."""
        now = fields.Datetime.now()
        return {user.id: local_day(now, pytz.timezone(user.tz or user.company_id.resource_calendar_id.tz or "UTC")) for user in users}

    @api.model
    def _get_today(self, users):
        """The rows of the users' today, as far as there are any."""
        days = self._get_days(users)
        rows = self.search([("user_id", "in", users.ids), ("day", "in", list(set(days.values())))])
        return rows.filtered(lambda row: days[row.user_id.id] == row.day)

    @api.model
    def _take(self, days):
        """Take the guard rows of ``days`` ({user id: date}). Cost: one statement, on a day's first run four.

        A row that another transaction holds, or changed since this one began, is not to be had: what this one would
        read of the rep's room is old. Nor are rows another one is making: it is not waited for.

        :returns: {user id: leads given today}, or None if somebody else is giving leads to one of the users
        """
        try:
            with self.env.cr.savepoint(flush=False):
                taken = self._lock(days)
                if len(taken) < len(days):
                    self._insert_missing(days)
                    taken = self._lock(days)
                return taken
        except (psycopg2.errors.LockNotAvailable, psycopg2.errors.SerializationFailure):
            return None

    @api.model
    def _lock(self, days):
        """Lock the rows there are, in id order; returns their counts by user."""
        self.env.cr.execute(
            "SELECT guard.user_id, guard.assigned_count FROM crm_assignment_day AS guard"
            " JOIN unnest(%s::int[], %s::date[]) AS today (user_id, day) USING (user_id, day)"
            " ORDER BY guard.id FOR UPDATE OF guard NOWAIT",
            [list(days), list(days.values())],
            log_exceptions=False,
        )
        return dict(self.env.cr.fetchall())

    @api.model
    def _insert_missing(self, days):
        self.env.cr.execute("SET LOCAL lock_timeout = '50ms'")
        self.env.cr.execute(
            "INSERT INTO crm_assignment_day (user_id, day, assigned_count)"
            " SELECT user_id, day, 0 FROM unnest(%s::int[], %s::date[]) AS today (user_id, day) ORDER BY user_id"
            " ON CONFLICT DO NOTHING",
            [list(days), list(days.values())],
            log_exceptions=False,
        )
        self.env.cr.execute("SET LOCAL lock_timeout = 0")

    @api.model
    def _count(self, days, counts):
        """Add ``counts`` {user id: leads} to the rows taken before."""
        self.env.cr.execute(
            "UPDATE crm_assignment_day AS guard SET assigned_count = assigned_count + today.count"
            " FROM unnest(%s::int[], %s::date[], %s::int[]) AS today (user_id, day, count)"
            " WHERE guard.user_id = today.user_id AND guard.day = today.day",
            [list(counts), [days[user_id] for user_id in counts], list(counts.values())],
        )
        self.invalidate_cache()
