# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json
import logging
from itertools import islice

import psycopg2
from odoo import _, api, fields, models

from ..engine.lead_file import BadFile, RowChecker
from ..engine.lead_file.check import WHO
from .crm_intake_file import CrmIntakeFileError

_logger = logging.getLogger(__name__)

BATCH = 1000
BACKGROUND_ROWS = 1000  # a file with more rows is read by a job


class CrmIntakeFile(models.Model):
    """Reading a file: good rows become touchpoints of the channel, bad ones are kept with the reason.

    Rows are stored in batches, each in one transaction with the position it reached: an import that was cancelled or
    killed goes on where it stopped. A touchpoint's key is the file's digest and the row's line, so that no row comes in
    twice, whatever is repeated. Each start and resumption is a run of its own; a job whose run is over stops.
    """

    _inherit = "crm.intake.file"

    progress_ids = fields.One2many("crm.intake.file.progress", "file_id", string="Progress Records", copy=False)
    row_ids = fields.One2many("crm.intake.file.row", "file_id", string="Refused Rows", copy=False)
    cancel_asked = fields.Boolean(readonly=True, copy=False)
    run = fields.Integer("Run Number", readonly=True, copy=False, help="How often this import was started or resumed.")
    message = fields.Text(readonly=True, copy=False)
    date_start = fields.Datetime(string="Started On", readonly=True, copy=False)
    date_end = fields.Datetime(string="Read Until", readonly=True, copy=False)
    position = fields.Integer(string="Rows Read", compute="_compute_progress", compute_sudo=True)
    accepted_count = fields.Integer(string="Accepted", compute="_compute_progress", compute_sudo=True)
    known_count = fields.Integer(string="Imported Before", compute="_compute_progress", compute_sudo=True)
    bad_count = fields.Integer(string="Refused Rows Number", compute="_compute_progress", compute_sudo=True)
    progress = fields.Float(compute="_compute_progress", compute_sudo=True)

    @api.depends("progress_ids.position", "state")
    def _compute_progress(self):
        for file in self:
            counts = file.progress_ids[:1]
            file.position = counts.position
            file.accepted_count = counts.accepted
            file.known_count = counts.known
            file.bad_count = counts.bad
            share = 100.0 * counts.position / max(file.row_estimate, counts.position, 1)
            file.progress = 100.0 if file.state == "done" else min(share, 99.9)

    # -- steps -------------------------------------------------------------------------------------------------------

    def action_import(self):
        """Columns → result. Many rows go to a job, with progress and cancel."""
        self._lock("draft")
        self._check_columns()
        self._start()
        return True

    def action_resume(self):
        """Go on where the import was cancelled, failed, or lost its job."""
        self._lock("cancelled", "failed", "running")
        if self.state == "running" and self._has_job():
            raise CrmIntakeFileError(_("This import is running. There is nothing to resume."))
        self._start()
        return True

    def action_cancel(self):
        """Ask the job to stop after its batch; what was read so far stays, and the rest can be resumed."""
        self.ensure_one()
        self._check_may("write")
        if self.state != "running":
            raise CrmIntakeFileError(_("This import is not running any more."))
        if self._has_job():
            self.cancel_asked = True
        else:
            self._finish("cancelled", _("The job ended before the file did. Resume to read the rest."))
        return True

    def _lock(self, *states):
        """Take the file for this transaction, in one of ``states``: a second click or a second user is told so."""
        self.ensure_one()
        self._check_may("write")
        self.flush()
        self.env.cr.execute("SELECT id FROM crm_intake_file WHERE id = %s FOR UPDATE SKIP LOCKED", [self.id])
        if not self.env.cr.fetchone():
            raise CrmIntakeFileError(_("This import is being worked on right now. Wait a moment."))
        self.invalidate_cache()
        if self.state not in states:
            raise CrmIntakeFileError(_("This import is at another step by now. Reload the page."))

    def _check_columns(self):
        """Without one column that says who, and with two for one field, nothing is imported."""
        targets = [target for target in self.column_ids.mapped("target") if target]
        if not set(targets) & set(WHO):
            raise CrmIntakeFileError(
                _("Which column holds the phone, the e-mail, the WeChat or the name? Choose it under “Goes to”.")
            )
        labels = dict(self.env["crm.intake.file.column"]._selection_target())
        twice = sorted({labels[target] for target in targets if targets.count(target) > 1})
        if twice:
            raise CrmIntakeFileError(_("Two columns go to the same field: %s. Choose one of them.", ", ".join(twice)))
        self.channel_id.sudo()._ensure_file_mapping(targets)

    def _start(self):
        if not self.progress_ids:
            self.env["crm.intake.file.progress"].sudo().create({"file_id": self.id})
        self.write({
            "state": "running", "run": self.run + 1, "cancel_asked": False, "message": False, "date_end": False,
            "date_start": self.date_start or fields.Datetime.now(),
        })  # fmt: skip
        if self.row_estimate > BACKGROUND_ROWS:
            self.with_delay(description=self.name, identity_key=self._get_job_key())._run_job(self.run)
        else:
            self._run(self.run)

    def _get_job_key(self):
        return "crm.intake.file,%d,%d" % (self.id, self.run)

    def _has_job(self):
        """Whether a job is still to come to an end: not when it failed for good or was removed."""
        domain = [("identity_key", "=", self._get_job_key()), ("state", "in", ("pending", "enqueued", "started"))]
        return bool(self.env["queue.job"].sudo().search_count(domain))

    # -- reading -----------------------------------------------------------------------------------------------------

    def _run_job(self, run):
        """Body of the job. Each batch is committed; run again, it goes on where it stopped."""
        if not self._is_running(run):
            return
        try:
            self._run(run, self._commit)
        except psycopg2.OperationalError:
            raise  # the job is tried again
        except Exception as error:
            _logger.exception("Import of file %s", self.id)
            self.env.cr.rollback()
            self.invalidate_cache()
            if self._is_running(run):
                self._finish("failed", _("The import stopped: %s", error))

    def _is_running(self, run):
        """Whether ``run`` is still to go on: not when the import was cancelled, or resumed by another run, meanwhile."""
        return bool(self.exists()) and (self.state, self.run) == ("running", run)

    def _commit(self):
        """What a batch brought is there for good, and others see it."""
        self.env.cr.commit()  # pylint: disable=invalid-commit
        self.invalidate_cache()

    def _run(self, run, after_batch=None):
        """Read the rest of the file, ``after_batch()`` after every batch. Memory: one batch, and the file's bytes."""
        checker = RowChecker(
            self.column_ids.mapped("name"),
            [column.target or "" for column in self.column_ids],
            self.column_ids.mapped("keep"),
        )
        rows = self._open().rows()
        position = self.position
        for _skipped in islice(rows, position):
            pass
        while self._is_running(run) and self.position == position:  # else another job is at it
            if self.cancel_asked:
                self._finish("cancelled", _("Cancelled. What was read until then stays; resume to read the rest."))
                return
            try:
                batch = list(islice(rows, BATCH))
            except BadFile as problem:
                self._finish("failed", self._get_problem_text(problem))
                return
            if not batch:
                self._finish("done", False)
                return
            self._take(checker, batch)
            position += len(batch)
            if after_batch:
                after_batch()

    def _take(self, checker, batch):
        """Store one batch."""
        good, bad = [], []
        for line, cells in batch:
            values, reasons = checker.read(cells)
            if reasons:
                bad.append((line, cells, reasons))
            else:
                key = "%s:%d" % (self.digest, line)
                good.append({"payload": json.dumps(values, ensure_ascii=False), "idempotency_key": key})
        progress = self.env["crm.intake.file.progress"].sudo()
        new = self.env["crm.touchpoint"].sudo()._accept_rows(self.channel_id, good) if good else []
        if new:
            self.env.cr.execute("UPDATE crm_touchpoint SET file_id = %s WHERE id = ANY(%s)", [self.id, list(new)])
        if bad:
            self.env["crm.intake.file.row"]._keep(self, bad)
        progress._move(self, len(batch), len(new), len(good) - len(new), len(bad))

    def _finish(self, state, message):
        self.write({"state": state, "message": message, "cancel_asked": False, "date_end": fields.Datetime.now()})
