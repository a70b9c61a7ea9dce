# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmScoreBucket(models.Model):
    """How many of the leads that were rated about alike were won."""

    _name = "crm.score.bucket"
    _description = "Calibration of a Scoring Model"
    _order = "version_id, sequence"

    version_id = fields.Many2one("crm.score.version", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer()
    lead_count = fields.Integer(string="Leads")
    predicted = fields.Float(string="Predicted %", digits=(5, 1))
    actual = fields.Float(string="Won %", digits=(5, 1))
