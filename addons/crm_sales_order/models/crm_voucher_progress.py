# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmVoucherProgress(models.Model):
    """How far the file of an export is. Written in transactions of its own, so that it is seen while the one that writes the
    file runs."""

    _name = "crm.voucher.progress"
    _description = "Progress of a Voucher Export"
    _log_access = False

    export_id = fields.Many2one("crm.voucher.export", required=True, index=True, ondelete="cascade")
    percent = fields.Float()

    def _tick(self, percent):
        with self.pool.cursor() as cr:
            cr.execute("UPDATE crm_voucher_progress SET percent = %s WHERE id = ANY(%s)", [percent, self.ids])
