# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging
import time
from contextlib import contextmanager
from datetime import timedelta

from odoo import api, fields, models

_logger = logging.getLogger(__name__)

#: Class of the advisory locks: one sender per channel
SENDER_LOCK = 73104
#: Seconds a job sends before it hands on to the next, and up to which it waits for its turn itself
JOB_SECONDS = 20
PATIENCE = 3.0
MAX_ATTEMPTS = 8
#: Seconds before the next try, by tries made; a vendor that says how long it is busy is believed
BACK_OFF = (10, 30, 60, 180, 600, 1800, 3600)


class CrmNotificationChannel(models.Model):
    """Sending: in order, one process at a time per channel, each message handed over once.

    A message is marked as being sent in a transaction of its own before the request is made. Whoever finds such a mark
    while holding the channel's lock knows that its sender died in between: the message is unconfirmed. One that must be
    tried again holds up those behind it, so that a group reads them in order.
    """

    _inherit = "crm.notification.channel"

    def _wake(self, seconds=0):
        """Make sure that a job for each of these channels is pending, ``seconds`` from now."""
        for channel in self.filtered(lambda one: one.active and one.kind != "inapp"):
            channel.with_delay(eta=seconds or None, identity_key="crm.notification %d" % channel.id)._deliver()

    @api.model
    def _cron_wake(self):
        """The safety net: what waits has a job."""
        self.env.cr.execute(
            """SELECT DISTINCT channel_id FROM crm_notification
                WHERE state IN ('pending', 'sending') AND coalesce(next_try, 'epoch') <= now() AT TIME ZONE 'UTC'"""
        )
        self.browse([channel_id for (channel_id,) in self.env.cr.fetchall()])._wake()

    def _deliver(self):
        """Send what waits in this channel until nothing is left, time is up or it has to wait; run as a job.

        :return: a line for the job's record
        """
        self.ensure_one()
        end, sent, wait = time.monotonic() + JOB_SECONDS, 0, None
        answered = []  # by the monotonic clock: the wall clock may be set while this job runs
        with self._alone() as alone:
            if not alone:
                return "Another process sends"
            self._settle_interrupted()
            while self.exists() and self.active:
                wait = self._seconds_to_wait(answered)
                if wait is None or wait > PATIENCE or time.monotonic() > end:
                    break
                time.sleep(wait)
                sent += self._send_next()
                answered.append(time.monotonic())
        if wait is not None:
            self._wake(max(1, round(wait)))
        return "%d sent" % sent

    @contextmanager
    def _alone(self):
        """Whether this process may send: the lock lives in a transaction of its own, and dies with the process."""
        with self.pool.cursor() as cr:
            cr.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [SENDER_LOCK, self.id])
            yield cr.fetchone()[0]

    def _commit(self):
        """End the transaction and begin one that sees what others queued meanwhile."""
        self.flush()
        self.env.cr.commit()
        self.env.clear()

    def _settle_interrupted(self):
        self._commit()
        left = self.env["crm.notification"].search([("channel_id", "=", self.id), ("state", "=", "sending")])
        left.write({
            "state": "unsure",
            "message": "The process that sent it ended before the answer came.",
            "date_done": fields.Datetime.now(),
        })  # fmt: skip
        self._commit()

    def _get_next(self):
        """The oldest waiting message. Served by crm_notification_waiting_idx."""
        return self.env["crm.notification"].search(
            [("channel_id", "=", self.id), ("state", "=", "pending")], order="id", limit=1
        )

    def _seconds_to_wait(self, answered):
        """Seconds until the next message may be sent, None if nothing waits.

        :param answered: monotonic times of this job's own answers, oldest first; those of jobs before it are stored
        """
        self._commit()
        waiting = self._get_next()
        if not waiting:
            return None
        now = fields.Datetime.now()
        own = (waiting.next_try - now).total_seconds() if waiting.next_try else 0.0
        pace = self._get_pace()
        self.env.cr.execute(
            """SELECT extract(epoch FROM (clock_timestamp() AT TIME ZONE 'UTC') - date) FROM crm_notification_attempt
                WHERE channel_id = %s AND date > (clock_timestamp() AT TIME ZONE 'UTC') - %s * interval '1 second'
                ORDER BY date DESC LIMIT %s""",
            [self.id, pace.memory, pace.depth],
        )
        stored = [max(0.0, float(age)) for (age,) in self.env.cr.fetchall()]
        recent = [time.monotonic() - moment for moment in reversed(answered)]
        return max(0.0, own, pace.wait(stored), pace.wait(recent))

    def _send_next(self):
        """Hand over the oldest waiting message; returns 1 if it was taken, else 0."""
        notification = self._get_next()
        notification.write({"state": "sending", "attempts": notification.attempts + 1})
        self._commit()
        start = time.monotonic()
        result, message, wait = notification._send()
        self._note_attempt(notification, result, message, time.monotonic() - start)
        if result == "later" and notification.attempts >= MAX_ATTEMPTS:
            result = "failed"
        if result == "later":
            seconds = max(wait, BACK_OFF[notification.attempts - 1])
            next_try = fields.Datetime.now() + timedelta(seconds=seconds)
            notification.write({"state": "pending", "next_try": next_try, "message": message})
        else:
            notification.write({"state": result, "message": message or False, "date_done": fields.Datetime.now()})
        self._commit()
        return result == "sent"

    def _note_attempt(self, notification, result, message, seconds):
        if result != "sent":
            _logger.info("%s: notification %d: %s %s", self.name, notification.id, result, message)
        self.env.cr.execute(
            """INSERT INTO crm_notification_attempt (notification_id, channel_id, date, seconds, result, message)
               VALUES (%s, %s, clock_timestamp() AT TIME ZONE 'UTC', %s, %s, %s)""",
            [notification.id, self.id, seconds, result, message or None],
        )
