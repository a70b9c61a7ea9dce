# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging
import time

from odoo import api, models
from odoo.addons.queue_job.exception import RetryableJobError

_logger = logging.getLogger(__name__)

BATCH = 500
#: Seconds after which a job hands on to the next one, so that other jobs get their turn and memory is given back
JOB_SECONDS = 20
IDENTITY = "crm.touchpoint drain"


class CrmTouchpoint(models.Model):
    """The backlog: whoever adds to it sees to it that a job is pending; jobs take batches until nothing is left.

    No submission is left behind: a job looks at the backlog only after it was marked as started, and
    :meth:`_wake_processing` is called after the submission was committed. So a job that is still pending then will see
    it; if there is none, one is made. A job of a process that died is run again (queue_job.py), and a scheduled
    action looks once a minute whatever happened.
    """

    _inherit = "crm.touchpoint"

    @api.model
    def _wake_processing(self):
        """Make sure that a job for the backlog is pending. Call after the submissions were committed.

        Cost: one query on an index of queue_job if a job is pending, else about ten.
        """
        self.env["queue.job"].flush()
        self.env.cr.execute("SELECT FROM queue_job WHERE identity_key = %s AND state IN ('pending', 'enqueued') LIMIT 1", [IDENTITY])
        if not self.env.cr.rowcount:
            self.sudo().browse().with_delay(identity_key=IDENTITY)._drain()

    @api.model
    def _cron_process(self):
        """The safety net: a backlog always has a job."""
        self.env.cr.execute("SELECT FROM crm_touchpoint WHERE state = 'received' LIMIT 1")
        if self.env.cr.rowcount:
            self._wake_processing()

    @api.model
    def _drain(self):
        """Process the backlog, a transaction a batch, until it is empty or time is up; run as a job.

        As many jobs run beside each other as the channel allows: each takes what the others have not. While there is
        more than a batch, the next job is kept pending.

        :return: a line for the job's record
        """
        end, done = time.monotonic() + JOB_SECONDS, 0
        try:
            taken = self._drain_batch()
            while taken is not None and time.monotonic() < end:
                done += taken
                taken = self._drain_batch()
            if taken is not None:
                self._wake_processing()
        except Exception as error:
            _logger.exception("A batch of submissions could not be processed; it is tried again.")
            raise RetryableJobError(str(error)) from error
        return "%d submissions" % (done + (taken or 0))

    @api.model
    def _drain_batch(self):
        """Process one batch and commit; returns how many are no longer received, or None if there was nothing."""
        self._begin()
        ids = self._take(BATCH)
        if not ids:
            return None
        if len(ids) == BATCH:
            self._wake_processing()
        done = self.browse(ids)._process()
        self.env.cr.commit()
        if not done:  # all of them are persons the other jobs work on
            time.sleep(0.1)
        return done

    @api.model
    def _begin(self):
        """A new transaction that sees what others commit meanwhile: who waits for a lock must see what it guarded."""
        self.env.cr.commit()
        self.env.clear()
        self.env.cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")

    @api.model
    def _take(self, number):
        """Ids of the oldest submissions no other transaction has, locked. Served by crm_touchpoint_state_idx."""
        self.env.cr.execute(
            """
            SELECT id FROM crm_touchpoint WHERE state = 'received' AND state <> 'done'
             ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
            """,
            [number],
        )
        return [touchpoint_id for (touchpoint_id,) in self.env.cr.fetchall()]
