# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Jobs of dead processes are run again, those that still run are not (with processes killed: tests/faults)."""

from odoo.tests.common import SavepointCase, tagged

from ..models.queue_job import RUNNING_LOCK


@tagged("post_install", "-at_install")
class TestDeadJobs(SavepointCase):
    def new_job(self, state, **values):
        delayed = self.env["res.partner"].with_delay()._compute_display_name()
        self.env["queue.job"].flush()
        columns = {"state": state, "date_enqueued": "2031-01-01", **values}
        query = "UPDATE queue_job SET %s WHERE uuid = %%s" % ", ".join("%s = %%s" % name for name in columns)
        self.env.cr.execute(query, [*columns.values(), delayed.uuid])
        self.env["queue.job"].invalidate_cache()
        return self.env["queue.job"].search([("uuid", "=", delayed.uuid)])

    def requeue(self):
        return self.env["queue.job"]._requeue_dead()

    def test_a_started_job_whose_lock_is_free_is_dead(self):
        job = self.new_job("started", date_started="2031-01-01", worker_pid=12345)
        self.assertEqual(self.requeue(), [job.uuid])
        self.assertEqual((job.state, job.retry, job.date_started, job.worker_pid), ("pending", 1, False, 0))

    def test_a_started_job_that_holds_its_lock_runs_on(self):
        job = self.new_job("started")
        with self.registry.cursor() as running:
            running.execute("SELECT pg_advisory_lock_shared(%s, hashtext(%s))", [RUNNING_LOCK, job.uuid])
            self.assertEqual(self.requeue(), [])
            self.assertEqual(job.state, "started")
            running.execute("SELECT pg_advisory_unlock_shared(%s, hashtext(%s))", [RUNNING_LOCK, job.uuid])
        self.assertEqual(self.requeue(), [job.uuid])

    def test_a_job_that_nobody_began_is_handed_out_again_after_a_while(self):
        fresh = self.new_job("enqueued")
        old = self.new_job("enqueued", date_enqueued="2020-01-01")
        self.assertEqual(self.requeue(), [old.uuid])
        self.assertEqual((fresh.state, old.state, old.retry), ("enqueued", "pending", 0))

    def test_a_job_that_brings_its_process_down_again_and_again_fails(self):
        job = self.new_job("started", retry=4, max_retries=5)
        self.requeue()
        self.assertEqual(job.state, "failed")
        self.assertIn("again and again", job.exc_message)

    def test_other_jobs_are_left_alone(self):
        jobs = [self.new_job(state) for state in ("pending", "done", "failed", "cancelled", "wait_dependencies")]
        self.assertEqual(self.requeue(), [])
        self.assertEqual([job.state for job in jobs], ["pending", "done", "failed", "cancelled", "wait_dependencies"])

    def test_the_scheduled_action_runs(self):
        job = self.new_job("started")
        self.env["queue.job"]._cron_requeue_dead()
        self.assertEqual(job.state, "pending")
