# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmAssignment(models.Model):
    """A lead given to a rep by a rule, and what became of the first response. Written by the suite only."""

    _name = "crm.assignment"
    _description = "Lead Assignment"
    _order = "assigned_at desc, id desc"
    _rec_name = "lead_id"
    _log_access = False

    lead_id = fields.Many2one("crm.lead", required=True, readonly=True, index=True, ondelete="cascade")
    rule_id = fields.Many2one("crm.assignment.rule", string="Rule", readonly=True, index=True, ondelete="set null")
    user_id = fields.Many2one("res.users", string="Rep", required=True, readonly=True, ondelete="cascade")
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True, ondelete="set null")
    company_id = fields.Many2one("res.company", string="Company", readonly=True, ondelete="cascade")
    assigned_at = fields.Datetime(string="Assigned", required=True, readonly=True)
    day = fields.Date(string="Day of the Rep", required=True, readonly=True)
    due = fields.Datetime(string="Answer Due", readonly=True)
    responded_at = fields.Datetime(string="Answered", readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting for an answer"),
            ("answered", "Answered"),
            ("passed", "Passed on"),
            ("ended", "Given to somebody else or closed"),
        ],
        required=True,
        readonly=True,
    )
    warned = fields.Boolean(readonly=True)
    leader_told = fields.Boolean(readonly=True)

    def init(self):
        self.env.cr.execute(
            """
            -- the one assignment of a lead whose answer is awaited: asked for with every message on a lead
            CREATE UNIQUE INDEX IF NOT EXISTS crm_assignment_waiting_index ON crm_assignment (lead_id) WHERE state = 'waiting';
            -- what the job that watches the time looks at
            CREATE INDEX IF NOT EXISTS crm_assignment_due_index ON crm_assignment (due) WHERE state = 'waiting';
            -- a rep's leads of a rule on a day: the limit of the rule
            CREATE INDEX IF NOT EXISTS crm_assignment_day_index ON crm_assignment (day, user_id);
            """
        )

    @api.model
    def _insert(self, rows):
        """Log ``rows``, and set rule and time limit on the leads. Cost: three statements.

        :param rows: list of (lead id, rule id, user id, team id or None, company id or None, day, due or None)
        """
        now = fields.Datetime.now()
        columns = [list(column) for column in zip(*rows)]
        lead_ids = columns[0]
        self._end(lead_ids)
        self.env.cr.execute(
            "INSERT INTO crm_assignment (lead_id, rule_id, user_id, team_id, company_id, day, due, assigned_at, state)"
            " SELECT new.*, %s, 'waiting' FROM unnest"
            " (%s::int[], %s::int[], %s::int[], %s::int[], %s::int[], %s::date[], %s::timestamp[]) AS new",
            [now, *columns],
        )
        self.env.cr.execute(
            "UPDATE crm_lead AS lead SET assignment_rule_id = new.rule_id, first_response_due = new.due,"
            " first_responded_at = NULL"
            " FROM unnest(%s::int[], %s::int[], %s::timestamp[]) AS new (lead_id, rule_id, due) WHERE lead.id = new.lead_id",
            [lead_ids, columns[1], columns[6]],
        )
        self._forget(lead_ids)

    @api.model
    def _end(self, lead_ids, state="ended"):
        """No answer of the present holder is awaited any more."""
        self.env.cr.execute(
            "UPDATE crm_assignment SET state = %s WHERE lead_id = ANY(%s) AND state = 'waiting' RETURNING lead_id",
            [state, list(lead_ids)],
        )
        ended = [lead_id for (lead_id,) in self.env.cr.fetchall()]
        if ended:
            self.env.cr.execute("UPDATE crm_lead SET first_response_due = NULL WHERE id = ANY(%s)", [ended])
            self._forget(ended)

    @api.model
    def _forget(self, lead_ids):
        self.invalidate_cache()
        names = ["assignment_rule_id", "first_response_due", "first_responded_at", "first_response_state"]
        self.env["crm.lead"].invalidate_cache(names, list(lead_ids))
