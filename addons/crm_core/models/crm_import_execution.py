# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64
import time

import psycopg2
from odoo import _, api, fields, models
from odoo.tools import html_escape

from .crm_import_run import CrmImportError

BACKGROUND_ROWS = 2000  # more opportunities than this are imported by a job
GUARD = "crm_core.import_guard"


class CrmImportCancelled(CrmImportError):
    """Somebody asked to stop; nothing of this run stays."""


class CrmImportRefused(CrmImportError):
    """All or nothing was asked for, and not all could be had."""


class CrmImportRun(models.Model):
    """Carrying an import out: in one transaction, in this request or in a job, and saying what came of it."""

    _inherit = "crm.import.run"

    progress_ids = fields.One2many("crm.import.progress", "run_id", string="Progress Records")
    progress = fields.Float(compute="_compute_progress")
    cancel_asked = fields.Boolean(compute="_compute_progress")
    created_count = fields.Integer(string="New Records", readonly=True, copy=False)
    known_count = fields.Integer(string="There Already", readonly=True, copy=False)
    seconds = fields.Float(readonly=True, copy=False, digits=(10, 1))
    message = fields.Text(readonly=True, copy=False)
    report_file = fields.Binary(compute="_compute_report_file")

    @api.depends("progress_ids.done", "progress_ids.total", "progress_ids.cancel_asked")
    def _compute_progress(self):
        for run in self:
            progress = run.progress_ids[-1:]
            run.progress = 100.0 * progress.done / progress.total if progress.total else 0.0
            run.cancel_asked = progress.cancel_asked

    # -- steps -------------------------------------------------------------------------------------------------------

    def action_import(self):
        """Check → result; many opportunities go to a job, with progress and cancel."""
        self._lock("check", "failed", "cancelled")
        if self.deal_count > BACKGROUND_ROWS:
            self._start_job()
        else:
            self._run()
        return True

    def _start_job(self):
        self.progress_ids.unlink()
        self.env["crm.import.progress"].create({"run_id": self.id, "total": self.deal_count})
        self.write({"state": "running", "message": False})
        self.with_delay(description=self.name, identity_key=self._get_job_key())._run_job()

    def _get_job_key(self):
        return "crm.import.run,%d" % self.id

    def _has_job(self):
        """Whether a job is still to come to an end: not when it failed for good or was removed."""
        domain = [("identity_key", "=", self._get_job_key()), ("state", "in", ("pending", "enqueued", "started"))]
        return bool(self.env["queue.job"].sudo().search_count(domain))

    def action_cancel(self):
        """Ask the job to stop: what it wrote so far goes away with its transaction."""
        self.ensure_one()
        self._check_importer()
        if self.state != "running":
            raise CrmImportError(_("This import is not running any more. Reload the page to see what came of it."))
        if self._has_job():
            self.progress_ids._ask_cancel()
        else:
            message = _("The job ended without a result. Nothing was imported.")
            self.write({"state": "cancelled", "message": message})
        return True

    def _run_job(self):
        """Body of the job: :meth:`_run`, where a stop or a refusal is a result and no failed job."""
        if self.state != "running":
            return
        try:
            with self.env.cr.savepoint():
                self._run(self._tick_job)
        except (CrmImportCancelled, CrmImportRefused) as stop:
            self.invalidate_cache()
            self.write({"state": "cancelled" if isinstance(stop, CrmImportCancelled) else "failed", "message": str(stop)})
        except psycopg2.OperationalError:
            raise  # the job is tried again
        except Exception as error:
            self.invalidate_cache()
            self.write({"state": "failed", "message": _("Nothing was imported: %s", error)})

    def _tick_job(self, done, total):
        if self.progress_ids._tick(done, total):
            raise CrmImportCancelled(_("Cancelled: nothing of this import was kept."))

    def _run(self, tick=None):
        """Plan, write, report. ``tick(done, total)`` is called after every batch and may raise to stop."""
        start = time.monotonic()
        self._take_guard()
        plan = self._plan()
        if self.all_or_nothing:
            self._refuse_rejected(plan)
        counts = self._get_loader()._load(plan, tick or (lambda done, total: None))
        if self.all_or_nothing:
            self._refuse_rejected(plan)
        self._write_plan(plan)
        self.write({
            "state": "done",
            "created_count": sum(count["created"] for count in counts.values()),
            "known_count": sum(count["known"] for count in counts.values()),
            "seconds": time.monotonic() - start,
        })
        self.message = self._get_result_text(counts)
        # logged, not posted: nobody is to get mail, and the author need not have an address
        self._message_log(body=html_escape(self.message).replace("\n", "<br/>"))
        return counts

    def _refuse_rejected(self, plan):
        if plan.log.count("rejected"):
            self._write_plan(plan)
            raise CrmImportRefused(
                _("Nothing was imported, as all or nothing was asked for and rows are rejected:\n%s", self._get_issue_summary())
            )

    def _take_guard(self):
        """Two imports at once would both find a record missing and both make it. Writing one row lets the second
        wait no time: it is told; and one that began before the first ended gets a serialization error, is tried
        again by Odoo and then sees what the first one made."""
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(
                    "SELECT id FROM ir_config_parameter WHERE key = %s FOR UPDATE NOWAIT", [GUARD], log_exceptions=False
                )
        except psycopg2.errors.LockNotAvailable:
            raise CrmImportError(_("Another import is running. Start this one when it has finished.")) from None
        self.env.cr.execute("UPDATE ir_config_parameter SET value = (value::bigint + 1)::text WHERE key = %s", [GUARD])

    def _get_result_text(self, counts):
        if not self.created_count:
            text = _("Everything was here already; nothing was changed.")
        else:
            names = dict(self.env["crm.import.field"]._fields["kind"]._description_selection(self.env))
            names["team"] = _("Sales teams")
            lines = []
            for kind, count in counts.items():  # no comprehension: in a job, _() finds the language by ``self``
                lines.append(_("%(kind)s: %(created)s new, %(known)s there already", kind=names[kind], **count))
            text = "\n".join(lines)
        return "%s\n%s" % (
            text, _("%(rejected)s rows rejected, %(repaired)s repaired.", rejected=self.rejected_count, repaired=self.repaired_count)
        )

    def action_view_deals(self):
        """The imported opportunities, won and lost ones included."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("crm.crm_lead_opportunities")
        action["domain"] = [("external_ref", "!=", False), ("type", "=", "opportunity")]
        action["context"] = {"active_test": False}
        # the list first: won and lost ones have no place on the board
        action["views"] = sorted(action["views"], key=lambda view: view[1] not in ("tree", "list"))
        return action

    # -- report ------------------------------------------------------------------------------------------------------

    @api.depends("issue_ids")
    def _compute_report_file(self):
        for run in self:
            run.report_file = base64.b64encode(run._make_report())

    def action_download(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": "/web/content/crm.import.run/%d/report_file/import-report-%d.xlsx?download=true" % (self.id, self.id),
            "target": "self",
        }

    # -- for programs ------------------------------------------------------------------------------------------------

    @api.model
    def import_files(self, files, all_or_nothing=False, name=None, company_id=None):
        """Import an export of another CRM in this transaction, mapping everything as guessed.

        :param files: list of (file name, content as bytes); CSV, XLSX or zips of them
        :param all_or_nothing: import nothing if any row is rejected
        :return: dict for people and programs, see :meth:`_get_report`; its ``state`` is ``done`` or ``failed``
        :raise AccessError: for anyone but directors and administrators
        :raise CrmImportError: when no file can be read or another import is running

        The caller commits. Cost: a few seconds per thousand opportunities; memory in proportion to the files.
        """
        self._check_importer()
        vals = {"all_or_nothing": all_or_nothing}
        vals.update({"name": name} if name else {})
        vals.update({"company_id": company_id} if company_id else {})
        run = self.create(vals)
        attachments = self.env["ir.attachment"].create(
            [{"name": file, "raw": content, "res_model": self._name, "res_id": run.id} for file, content in files]
        )
        run.attachment_ids = attachments
        run.action_read()
        run.action_check()
        counts = {}
        try:
            with self.env.cr.savepoint():
                counts = run._run()
        except CrmImportRefused as refusal:
            run.invalidate_cache()
            run.write({"state": "failed", "message": str(refusal)})
        return run._get_report(counts)

    def _get_report(self, counts):
        """What :meth:`import_files` returns: plain data only."""
        self.ensure_one()
        return {
            "run_id": self.id,
            "state": self.state,
            "message": self.message or "",
            "unchanged": self.state == "done" and not self.created_count,
            "seconds": self.seconds,
            "files": [{"name": t.name, "kind": t.kind or "", "rows": t.row_count} for t in self.table_ids],
            "counts": counts,
            "deals": self._get_loader().env["crm.import.deal.loader"]._get_deal_facts(),
            "rejected": self.rejected_count,
            "repaired": self.repaired_count,
            "issues": [
                {
                    "severity": issue.severity,
                    "code": issue.code,
                    "file": issue.file_name or "",
                    "lines": [int(line) for line in (issue.lines or "").split(",") if line],
                    "column": issue.column_name or "",
                    "value": issue.value or "",
                    "result": issue.result or "",
                    "rows": issue.row_count,
                    "reason": issue.reason,
                    "action": issue.action,
                    "text": issue._get_sentence(),
                }
                for issue in self.issue_ids
            ],
        }
