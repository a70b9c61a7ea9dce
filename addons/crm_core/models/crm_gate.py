# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models


class CrmGate(models.Model):
    """What a lead must have before it enters a stage. All gates that fit a lead hold together."""

    _name = "crm.gate"
    _description = "Stage Gate"
    _order = "stage_sequence, stage_id, id"

    name = fields.Char(compute="_compute_name")
    active = fields.Boolean(default=True)
    stage_id = fields.Many2one(
        "crm.stage", string="Before Entering", required=True, index=True, ondelete="cascade", help="The stage whose entry this gate guards."
    )
    stage_sequence = fields.Integer(related="stage_id.sequence", store=True)
    selling_model_id = fields.Many2one(
        "crm.selling.model", string="Selling Model", ondelete="cascade", help="Empty: however the opportunity is sold."
    )
    company_id = fields.Many2one("res.company", string="Company", help="Empty: opportunities of every company.")
    line_ids = fields.One2many("crm.gate.line", "gate_id", string="Requirements", copy=True)
    line_count = fields.Integer(string="Number of Requirements", compute="_compute_lines")
    summary = fields.Char(string="Asks for", compute="_compute_lines")
    problem = fields.Text(compute="_compute_lines", help="What in this gate cannot be used; it is left out until mended.")

    @api.depends("stage_id.name", "selling_model_id.name")
    def _compute_name(self):
        for gate in self:
            gate.name = " · ".join(filter(None, [gate.stage_id.name, gate.selling_model_id.name]))

    @api.depends("line_ids.label", "line_ids.problem", "stage_id", "selling_model_id")
    @api.depends_context("lang")
    def _compute_lines(self):
        stages = self.env["crm.stage"].sudo().search([])
        for gate in self:
            gate.line_count = len(gate.line_ids)
            gate.summary = " · ".join(label for label in gate.line_ids.mapped("label") if label)
            problems = [problem for problem in gate.line_ids.mapped("problem") if problem]
            name = gate.stage_id.name
            if gate.stage_id and not gate.selling_model_id._has_stage(gate.stage_id):
                problems.append(_("“%(stage)s” is no stage of “%(model)s”.", stage=name, model=gate.selling_model_id.name))
            elif gate.stage_id and gate._guards_first_stage(stages):
                problems.append(_("“%s” is where opportunities begin: nothing moves into it, so nothing is ever asked for.", name))
            gate.problem = "\n".join(problems) or False

    def _guards_first_stage(self, stages):
        """Whether no pipeline has one of ``stages`` (all there are) before this one."""
        models = self.selling_model_id or self.stage_id.selling_model_ids
        before = [("id", "!=", self.stage_id.id), ("sequence", "<=", self.stage_id.sequence)]
        before += [("team_id", "in", [False, self.stage_id.team_id.id])]
        before += models._get_stage_domain(models) if models else []
        return not stages.filtered_domain(before)

    def _get_lines(self, lead, stage_ids):
        """The requirements that lie before ``lead`` on its way into ``stage_ids``, in that order. No query per lead."""
        fitting = self.filtered(lambda gate: gate.stage_id.id in stage_ids and gate._fits(lead))
        return fitting.sorted(lambda gate: (stage_ids.index(gate.stage_id.id), gate.id)).line_ids

    def _fits(self, lead):
        """Whether this gate is one for ``lead``."""
        return self.company_id <= lead.company_id and self.selling_model_id <= lead.selling_model_id
