# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from contextlib import contextmanager

import psycopg2
from odoo import http
from odoo.addons.queue_job.controllers.main import RunJobController

from ..models.queue_job import RUNNING_LOCK


class LivingJobController(RunJobController):
    """A running job holds a lock as long as its process lives: see models/queue_job.py."""

    @http.route()
    def runjob(self, db, job_uuid, **kw):
        http.request.session.db = db
        with _lock(http.request.env.cr, job_uuid):
            return super().runjob(db, job_uuid, **kw)


@contextmanager
def _lock(cr, job_uuid):
    """Hold the job's lock on this connection. It is shared: two jobs of one hash may run beside each other."""
    cr.execute("SELECT pg_advisory_lock_shared(%s, hashtext(%s))", [RUNNING_LOCK, job_uuid])
    cr.commit()  # what comes sees the state of the job as it is now
    try:
        yield
    finally:
        try:
            cr.rollback()
            cr.execute("SELECT pg_advisory_unlock_shared(%s, hashtext(%s))", [RUNNING_LOCK, job_uuid])
            cr.commit()
        except psycopg2.Error:
            cr.close()  # the connection is gone, and the lock with it
