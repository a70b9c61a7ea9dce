# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging

import psycopg2
from odoo import _, fields, models

from ..exceptions import VoucherError

_logger = logging.getLogger(__name__)
#: A job that met another transaction comes again this often
MAX_RETRIES = 20


class CrmVoucherExport(models.Model):
    """Writing a large file in the background. The vouchers have their numbers already: whatever becomes of the job, the same
    file is written the next time."""

    _inherit = "crm.voucher.export"

    progress = fields.Float(compute="_compute_progress")
    progress_ids = fields.One2many("crm.voucher.progress", "export_id", string="Progress Records")

    def _compute_progress(self):
        for export in self:
            export.progress = export.sudo().progress_ids[-1:].percent

    def get_progress(self):
        """What the form asks for every other second while the file is written. Contract: crm_core, file_progress.js."""
        self.ensure_one()
        self.check_access_rights("read")
        self.check_access_rule("read")
        label = _("Writing %d vouchers", self.voucher_count)
        return {"state": self.state, "progress": self.progress, "label": label, "pending_count": 0}

    def _start_job(self):
        """Have the file written by a job (sudo)."""
        self.ensure_one()
        self.progress_ids.unlink()
        self.env["crm.voucher.progress"].create({"export_id": self.id})
        self.write({"state": "running", "message": False})
        description = _("File of vouchers %s", self.name)
        self.with_delay(description=description, identity_key=self._get_job_key(), max_retries=MAX_RETRIES)._write_job()

    def _get_job_key(self):
        return "crm.voucher.export,%d" % self.id

    def _has_job(self):
        """Whether a job is still to come to an end: not when it failed for good or was removed."""
        domain = [("identity_key", "=", self._get_job_key()), ("state", "in", ("pending", "enqueued", "started"))]
        return bool(self.env["queue.job"].sudo().search_count(domain))

    def _write_job(self):
        """Body of the job: :meth:`_write_file`, where a refusal is a result that finance is told and can mend."""
        export = self.sudo()
        if export.state != "running":
            return
        try:
            with self.env.cr.savepoint():
                export._write_file(export.progress_ids._tick)
        except psycopg2.OperationalError:
            raise  # the job is tried again
        except VoucherError as error:
            export.invalidate_cache()
            export.write({"state": "failed", "message": str(error.args[0])})
        except Exception as error:
            _logger.exception("File of vouchers %s", export.name)
            export.invalidate_cache()
            export.write({"state": "failed", "message": str(error)})
        export._tell_maker()

    def _tell_maker(self):
        user = self.create_uid
        words = self.with_context(lang=user.lang)
        if self.state == "done":
            subject = words._say_written()
        else:
            subject = words._say_not_written()
        self.env["crm.notification"]._notify(user, subject, self.message or "", record=self)

    def _say_written(self):
        return _("Vouchers %(export)s: the file with %(count)d vouchers is ready", export=self.name, count=self.voucher_count)

    def _say_not_written(self):
        return _("Vouchers %s: the file could not be written", self.name)
