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
    def _get_last(self, lead_ids):
        """{lead id: columns of its last assignment}. One query."""
        self.env.cr.execute(
            "SELECT DISTINCT ON (lead_id) lead_id, rule_id, due, responded_at, state FROM crm_assignment"
            " WHERE lead_id = ANY(%s) ORDER BY lead_id, id DESC",
            [list(lead_ids)],
        )
        return {row["lead_id"]: row for row in self.env.cr.dictfetchall()}

    @api.model
    def _insert(self, rows):
        """Log ``rows``; whoever had the leads before owes no answer any more. Cost: two statements.

        :param rows: list of (lead id, rule id, user id, team id or None, company id or None, day, due or None)
        """
        columns = [list(column) for column in zip(*rows)]
        self._end(columns[0])
        self.env.cr.execute(
            "INSERT INTO crm_assignment (lead_id, rule_id, user_id, team_id, company_id, day, due, assigned_at, state)"
            " SELECT new.*, %s, 'waiting' FROM unnest"
            " (%s::int[], %s::int[], %s::int[], %s::int[], %s::int[], %s::date[], %s::timestamp[]) AS new",
            [fields.Datetime.now(), *columns],
        )
        self._forget(columns[0])

    @api.model
    def _end(self, lead_ids, state="ended"):
        """No answer of the present holder is awaited any more."""
        self.env.cr.execute("UPDATE crm_assignment SET state = %s WHERE lead_id = ANY(%s) AND state = 'waiting'", [state, list(lead_ids)])
        if self.env.cr.rowcount:
            self._forget(lead_ids)

    @api.model
    def _forget(self, lead_ids):
        self.invalidate_cache()
        names = ["assignment_rule_id", "first_response_due", "first_responded_at", "first_response_state"]
        self.env["crm.lead"].invalidate_cache(names, list(lead_ids))
