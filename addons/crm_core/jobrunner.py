# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the runner of queue_job learns here.

It looks for jobs of dead processes every few seconds (see models/queue_job.py). It waits on PostgreSQL for news of jobs,
and a killed process sends none; so it must not wait longer than that.

It hands out nothing while nobody listens: a job that is refused is pending again at once, and would be tried, and logged,
as fast as the machine can.
"""

import logging
import socket
import time
from contextlib import closing

from odoo.addons.queue_job.jobrunner.channels import ChannelManager
from odoo.addons.queue_job.jobrunner.runner import QueueJobRunner, _odoo_now

from .models.queue_job import requeue_dead

_logger = logging.getLogger(__name__)

CHECK_SECONDS = 3

_get_wakeup_time = ChannelManager.get_wakeup_time
_process_notifications = QueueJobRunner.process_notifications
_run_jobs = QueueJobRunner.run_jobs


def get_wakeup_time(self):
    soon = _odoo_now() + CHECK_SECONDS
    return min(_get_wakeup_time(self) or soon, soon)


def process_notifications(self):
    _process_notifications(self)
    for db in self.db_by_name.values():
        if time.monotonic() >= getattr(db, "next_check", 0):
            db.next_check = time.monotonic() + CHECK_SECONDS
            _requeue(db)


def run_jobs(self):
    try:
        socket.create_connection((self.host, self.port), CHECK_SECONDS).close()
    except OSError:
        _logger.warning("nobody runs jobs at %s:%s; trying again", self.host, self.port)
        return
    _run_jobs(self)


def _requeue(db):
    """Only in databases whose jobs hold the lock: those of others would all seem dead."""
    with closing(db.conn.cursor()) as cr:
        cr.execute("SELECT FROM ir_module_module WHERE name = 'crm_core' AND state IN ('installed', 'to upgrade')")
        if cr.rowcount:
            for uuid in requeue_dead(cr):
                _logger.warning("job %s of a dead process was requeued", uuid)


ChannelManager.get_wakeup_time = get_wakeup_time
QueueJobRunner.process_notifications = process_notifications
QueueJobRunner.run_jobs = run_jobs
