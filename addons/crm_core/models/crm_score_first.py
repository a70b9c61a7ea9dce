# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmScoreFirst(models.Model):
    """The features of a lead before somebody changed them for the first time: what was known when it came in.

    Written and read in SQL by :class:`crm.score.feature`; nobody has access."""

    _name = "crm.score.first"
    _description = "First Known Scoring Features"
    _log_access = False

    lead_id = fields.Many2one("crm.lead", required=True, ondelete="cascade")
    cells = fields.Text(required=True, help="JSON: cell by feature.")

    _sql_constraints = [("lead_unique", "unique (lead_id)", "A lead's first features are kept once.")]
