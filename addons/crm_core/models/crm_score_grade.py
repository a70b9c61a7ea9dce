# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models, tools

from ..exceptions import CrmValidationError

GRADES = [("A", "A"), ("B", "B"), ("C", "C"), ("D", "D")]


class ScoreGradeError(CrmValidationError):
    """The steps from A to D do not go down."""


class CrmScoreGrade(models.Model):
    """From which score a lead is an A, B, C or D."""

    _name = "crm.score.grade"
    _description = "Grade of Leads"
    _order = "name"
    _rec_name = "name"

    name = fields.Selection(GRADES, string="Grade", required=True, readonly=True)
    minimum = fields.Float(string="From Score", required=True, digits=(5, 1), help="Least score (0–100) of this grade.")
    lead_count = fields.Integer(string="Open Leads", compute="_compute_lead_count")

    _sql_constraints = [("name_unique", "unique (name)", "There is one line for each grade.")]

    def _compute_lead_count(self):
        domain = [("grade", "in", self.mapped("name")), ("stage_id.is_won", "=", False)]
        groups = self.env["crm.lead"].read_group(domain, ["grade"], ["grade"])
        counts = {group["grade"]: group["grade_count"] for group in groups}
        for grade in self:
            grade.lead_count = counts.get(grade.name, 0)

    @api.constrains("minimum")
    def _check_minimum(self):
        steps = self.search([])
        least = steps.mapped("minimum")
        bottom = steps.filtered(lambda step: step.name == "D").minimum
        if least != sorted(set(least), reverse=True) or bottom or least[0] > 100.0:
            raise ScoreGradeError(_("From A to D the scores must go down, from 100 at most to 0 for D."))

    @api.model
    @tools.ormcache()
    def _get_steps(self):
        """((grade, least score), …), best first."""
        return tuple((step.name, step.minimum) for step in self.sudo().search([]))

    def write(self, vals):
        result = super().write(vals)
        if "minimum" in vals:
            self.clear_caches()
            self.env["crm.lead"]._regrade()
        return result
