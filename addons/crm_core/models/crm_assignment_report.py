# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models, tools


class CrmAssignmentReport(models.Model):
    """What became of assigned leads, by rule and rep."""

    _name = "crm.assignment.report"
    _description = "Assignment Statistics"
    _auto = False
    _rec_name = "lead_id"
    _order = "assigned_at desc"

    lead_id = fields.Many2one("crm.lead", readonly=True)
    rule_id = fields.Many2one("crm.assignment.rule", string="Rule", readonly=True)
    user_id = fields.Many2one("res.users", string="Rep", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", string="Company", readonly=True)
    assigned_at = fields.Datetime(string="Assigned On", readonly=True)
    assigned = fields.Integer(readonly=True)
    answered = fields.Integer(readonly=True)
    in_time = fields.Integer(string="Answered in Time", readonly=True)
    passed_on = fields.Integer(string="Passed On", readonly=True)
    won = fields.Integer(readonly=True)
    response_hours = fields.Float(string="Hours to Answer", readonly=True, group_operator="avg")

    def init(self):
        tools.drop_view_if_exists(self.env.cr, self._table)
        self.env.cr.execute(
            """
            CREATE VIEW crm_assignment_report AS
            SELECT given.id, given.lead_id, given.rule_id, given.user_id, coalesce(given.team_id, rep.sale_team_id) AS team_id,
                   given.company_id, given.assigned_at,
                   1 AS assigned,
                   (given.responded_at IS NOT NULL)::int AS answered,
                   coalesce(given.responded_at <= coalesce(given.due, given.responded_at), FALSE)::int AS in_time,
                   (given.state = 'passed')::int AS passed_on,
                   (stage.is_won IS TRUE AND lead.user_id = given.user_id)::int AS won,
                   extract(epoch FROM given.responded_at - given.assigned_at) / 3600.0 AS response_hours
              FROM crm_assignment AS given
              JOIN crm_lead AS lead ON lead.id = given.lead_id
              JOIN res_users AS rep ON rep.id = given.user_id
              LEFT JOIN crm_stage AS stage ON stage.id = lead.stage_id
            """
        )
