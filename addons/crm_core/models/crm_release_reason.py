# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmReleaseReason(models.Model):
    _name = "crm.release.reason"
    _description = "Reason for Releasing"
    _order = "sequence, id"

    name = fields.Char(string="Reason", required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _sql_constraints = [("name_unique", "UNIQUE (name)", "There is a reason of this name already.")]
