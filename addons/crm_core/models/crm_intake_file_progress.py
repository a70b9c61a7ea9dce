# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmIntakeFileProgress(models.Model):
    """How far the reading of a file is.

    Apart from the file, which people write to while the job writes here. Written together with what a batch brought, so
    that after any crash it says exactly what is stored. Of two transactions that move it at a time, the database refuses
    the later one, with all it brought.
    """

    _name = "crm.intake.file.progress"
    _description = "File Import Progress"
    _log_access = False

    file_id = fields.Many2one("crm.intake.file", required=True, ondelete="cascade")
    position = fields.Integer(required=True, default=0, help="Rows read.")
    accepted = fields.Integer(required=True, default=0, help="Rows handed to intake.")
    known = fields.Integer(required=True, default=0, help="Rows that had been imported before.")
    bad = fields.Integer(required=True, default=0, help="Rows refused.")

    _sql_constraints = [("file_unique", "unique (file_id)", "A file is read once.")]

    @api.model
    def _move(self, file, read, accepted, known, bad):
        """Count a batch."""
        self.env.cr.execute(
            """UPDATE crm_intake_file_progress
                  SET position = position + %(read)s, accepted = accepted + %(accepted)s, known = known + %(known)s, bad = bad + %(bad)s
                WHERE file_id = %(file)s""",
            {"file": file.id, "read": read, "accepted": accepted, "known": known, "bad": bad},
        )
        self.invalidate_cache()
