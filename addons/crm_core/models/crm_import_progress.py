# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from contextlib import contextmanager

from odoo import api, fields, models


class CrmImportProgress(models.Model):
    """How far a background import is. Written and read in transactions of its own, so that it is seen while the
    import's one transaction runs, and so that asking to cancel does not wait for that transaction."""

    _name = "crm.import.progress"
    _description = "Import Progress"
    _log_access = False

    run_id = fields.Many2one("crm.import.run", required=True, ondelete="cascade", index=True)
    done = fields.Integer()
    total = fields.Integer()
    cancel_asked = fields.Boolean()

    @api.model
    @contextmanager
    def _own_transaction(self):
        with self.pool.cursor() as cr:
            yield self.with_env(self.env(cr=cr))

    def _tick(self, done, total):
        """Publish the progress; returns whether somebody asked to cancel."""
        with self._own_transaction() as progress:
            progress.write({"done": done, "total": total})
            return progress.cancel_asked

    def _ask_cancel(self):
        with self._own_transaction() as progress:
            progress.write({"cancel_asked": True})
