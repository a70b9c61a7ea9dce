# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging

import psycopg2
from odoo import api, models

_logger = logging.getLogger(__name__)

#: Class of the advisory locks that running jobs hold
RUNNING_LOCK = 73102
#: Seconds after which a job that was handed to a process, but not begun by it, is handed out again. Harmless if it
#: comes after all: a job begins once.
ENQUEUED_SECONDS = 15


class QueueJob(models.Model):
    """Jobs of processes that died are run again by themselves.

    A running job holds an advisory lock on its database connection (controllers/queue_job.py). When its process dies,
    PostgreSQL drops the lock together with the job's transaction, never before. So a job that is "started" without its
    lock is dead. Asked every few seconds by the job runner (jobrunner.py) and once a minute by a scheduled action.
    """

    _inherit = "queue.job"

    def init(self):
        super().init()
        # Serves _requeue_dead, however many jobs are done
        self.env.cr.execute("CREATE INDEX IF NOT EXISTS queue_job_running_idx ON queue_job (id) WHERE state IN ('enqueued', 'started')")

    @api.model
    def _requeue_dead(self):
        """Give jobs of dead processes back to the queue; returns their UUIDs.

        One that has brought down its process as often as it may be tried fails instead.
        """
        self.flush()
        found = requeue_dead(self.env.cr)
        self.invalidate_cache()
        return found

    @api.model
    def _cron_requeue_dead(self):
        """Where no job runner of this version watches. A job that ends meanwhile makes it try again a minute later."""
        try:
            with self.env.cr.savepoint():
                self._requeue_dead()
        except psycopg2.OperationalError:
            _logger.info("Jobs changed while the dead ones were looked for; next time.")


#: The lock is tried for started jobs only: the CASE is evaluated in this order.
REQUEUE = """
    UPDATE queue_job AS job
       SET state = CASE WHEN dead.state = 'started' AND job.max_retries > 0 AND job.retry + 1 >= job.max_retries
                        THEN 'failed' ELSE 'pending' END,
           retry = CASE WHEN dead.state = 'started' THEN job.retry + 1 ELSE job.retry END,
           exc_message = CASE WHEN dead.state = 'started' AND job.max_retries > 0 AND job.retry + 1 >= job.max_retries
                              THEN 'The process that ran it ended, again and again.' END,
           date_enqueued = NULL, date_started = NULL, worker_pid = NULL
      FROM (SELECT id, state FROM queue_job
             WHERE state IN ('enqueued', 'started')
               AND CASE WHEN state = 'started' THEN pg_try_advisory_xact_lock(%(lock)s, hashtext(uuid))
                        ELSE date_enqueued < now() AT TIME ZONE 'UTC' - %(seconds)s * interval '1 second' END
             ORDER BY id FOR UPDATE SKIP LOCKED) AS dead
     WHERE job.id = dead.id
 RETURNING job.uuid
"""


def requeue_dead(cr):
    """:meth:`QueueJob._requeue_dead` on any cursor of a database with crm_core."""
    cr.execute(REQUEUE, {"lock": RUNNING_LOCK, "seconds": ENQUEUED_SECONDS})
    return [uuid for (uuid,) in cr.fetchall()]
