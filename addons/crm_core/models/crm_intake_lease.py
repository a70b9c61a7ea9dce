# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import threading
import time

from odoo import api, fields, models

from ..engine.intake import Refusal

#: What this process still may accept: (database, channel) → [submissions, until (monotonic seconds)]
_held = {}
_held_lock = threading.Lock()
#: In place of a number of submissions: none are left in this minute, and asking again is no use
NOTHING = -1


class CrmIntakeLease(models.Model):
    """How many submissions of a channel were promised to server processes in the current minute.

    A process takes a few at a time and counts them down by itself, so that not every request waits for this row. What
    it does not use lapses with the minute: the limit is never exceeded, and at most some percent of it is given away.
    """

    _name = "crm.intake.lease"
    _description = "Intake Rate Lease"
    _log_access = False

    channel_id = fields.Many2one("crm.intake.channel", required=True, ondelete="cascade")
    minute = fields.Integer(required=True, help="Minutes since 1970.")
    taken = fields.Integer(required=True)

    _sql_constraints = [
        ("channel_uniq", "unique(channel_id)", "A channel has one line."),
    ]

    @api.model
    def _take(self, channel_id, limit):
        """Take up to a fiftieth of the minute's submissions. One row is locked until the end of the transaction.

        :return: (how many were granted, seconds until the minute ends); 0 when the limit is reached
        """
        self.env.cr.execute(
            """
            WITH clock AS (SELECT extract(epoch FROM clock_timestamp())::bigint AS second)
            INSERT INTO crm_intake_lease AS lease (channel_id, minute, taken)
                 SELECT %(channel)s, second / 60, %(share)s FROM clock
            ON CONFLICT (channel_id) DO UPDATE
                    SET minute = excluded.minute,
                        taken = CASE WHEN lease.minute = excluded.minute
                                     THEN lease.taken + excluded.taken ELSE excluded.taken END
              RETURNING least(%(share)s, %(limit)s - (taken - %(share)s)), (SELECT 60 - second %% 60 FROM clock)
            """,
            {"channel": channel_id, "share": max(1, min(100, limit // 50)), "limit": limit},
        )
        granted, seconds = self.env.cr.fetchone()
        return max(0, granted), seconds

    @api.model
    def _spend(self, channel_id, limit):
        """Count one submission of a channel.

        :raise Refusal: 429 with the seconds after which to come again
        """
        if not limit:
            return
        key = (self.env.cr.dbname, channel_id)
        with _held_lock:
            left, until = _held.get(key, (0, 0))
            if left == 0 or time.monotonic() >= until:
                with self.env.registry.cursor() as cr:  # stands whatever becomes of this submission
                    granted, seconds = self.with_env(self.env(cr=cr))._take(channel_id, limit)
                left, until = granted or NOTHING, time.monotonic() + seconds
            _held[key] = (left - 1 if left > 0 else NOTHING, until)
        if left == NOTHING:
            wait = max(1, round(until - time.monotonic()))
            raise Refusal(429, "rate", "More than %d submissions a minute." % limit, retry_after=wait)
