# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmFollowupOutcome(models.Model):
    """What came of a follow-up, and when the next one is due after that."""

    _name = "crm.followup.outcome"
    _description = "Outcome of a Follow-up"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    next_required = fields.Boolean(
        string="Asks for a Next Action", default=True, help="A follow-up with this outcome is not finished without one."
    )
    next_days = fields.Integer(string="Next Action After (Days)", default=3, help="Proposed when the outcome is chosen.")

    _sql_constraints = [
        ("next_days_range", "CHECK (next_days BETWEEN 0 AND 730)", "The next action comes within two years: enter 0 to 730 days."),
    ]
