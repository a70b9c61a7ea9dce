# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmTouchpoint(models.Model):
    _inherit = "crm.touchpoint"

    # Counted by file on its result screen, and listed from there.
    file_id = fields.Many2one("crm.intake.file", string="Imported File", readonly=True, ondelete="set null", index=True)
