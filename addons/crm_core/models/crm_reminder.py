# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from .crm_lead_pace import OVER_CYCLE, OVER_STAGE, PACE_FROM


class CrmReminder(models.Model):
    """What somebody was reminded of: each cause once, for the rep and for the leader.

    A cause is a stay in a stage, an opportunity's age, or a promised action with its date. Rows are written by the run
    below only. The run costs the same number of statements for any number of opportunities.
    """

    _name = "crm.reminder"
    _description = "Reminder Sent"
    _order = "id desc"
    _rec_name = "lead_id"
    _log_access = False

    rule_id = fields.Many2one("crm.reminder.rule", string="Rule", readonly=True, index=True, ondelete="cascade")
    kind = fields.Selection(
        [("stage", "Too long in a stage"), ("cycle", "Longer than usual"), ("overdue", "Next action overdue")],
        string="Reminded of",
        required=True,
        readonly=True,
    )
    level = fields.Selection([("rep", "Rep"), ("leader", "Leader")], string="As", required=True, readonly=True)
    lead_id = fields.Many2one("crm.lead", string="Opportunity", required=True, readonly=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", string="To", required=True, readonly=True, ondelete="cascade")
    owner_id = fields.Many2one("res.users", string="Salesperson", readonly=True, ondelete="cascade")
    cause = fields.Char(required=True, readonly=True)
    days = fields.Integer(string="Days Over", readonly=True, group_operator="max")
    date = fields.Datetime(string="Sent on", readonly=True)
    told = fields.Boolean(readonly=True)

    _sql_constraints = [("once", "UNIQUE (lead_id, kind, level, user_id, cause)", "This reminder was sent already.")]

    def init(self):
        # what the run has found and not told yet
        self.env.cr.execute("CREATE INDEX IF NOT EXISTS crm_reminder_untold_idx ON crm_reminder (user_id) WHERE NOT told")

    @api.model
    def _cron_remind(self):
        """Once a day: measure what is usual, find what is new, tell everybody once."""
        self.env["crm.deal.cycle"]._measure()
        self._remind()

    @api.model
    def _remind(self):
        """Find new causes and send them; returns how many."""
        self.env["crm.lead"].flush()
        self.env["mail.activity"].flush()
        leaders = self.env["crm.reminder.notice"]._get_leader_rows()
        found = self._find_slow(leaders) + self._find_overdue(leaders)
        if found:
            self.env["crm.reminder.notice"]._tell()
        return found

    # -- finding: one statement each -------------------------------------------------------------------------------

    @api.model
    def _find_slow(self, leaders):
        """Too long in their stage, or longer than usual."""
        source = (
            "SELECT lead.id AS lead_id, lead.user_id AS owner_id, lead.team_id, cause.*" + PACE_FROM.replace(
                " WHERE lead.active",
                " CROSS JOIN LATERAL (VALUES ('stage', allowed.rule_id, allowed.leader_days, ("
                + OVER_STAGE
                + ")::float, lead.stage_id || ' ' || lead.date_last_stage_update), ('cycle', %(cycle_rule)s,"
                " %(cycle_leader_days)s, (" + OVER_CYCLE + ")::float, 'age')) AS cause (kind, rule_id, leader_days, over, cause)"
                " WHERE lead.user_id IS NOT NULL AND cause.over > 0 AND lead.active",
            )
        )  # fmt: skip
        return self._insert(source, {**self.env["crm.lead"]._get_pace_params(), **leaders})

    @api.model
    def _find_overdue(self, leaders):
        """Promised for a day that is over where the person is. What was planned by a machine was promised by nobody."""
        rule = self.env["crm.reminder.rule"]._get_rule("overdue")
        if not rule:
            return 0
        source = """
            SELECT lead.id AS lead_id, activity.user_id AS owner_id, lead.team_id, 'overdue' AS kind, %(rule)s AS rule_id,
                   %(leader)s AS leader_days, days.over, activity.id || ' ' || activity.date_deadline AS cause
              FROM mail_activity AS activity
              JOIN crm_lead AS lead ON lead.id = activity.res_id AND lead.active AND coalesce(lead.probability, 0) < 100
              JOIN res_users AS who ON who.id = activity.user_id
              JOIN res_partner AS person ON person.id = who.partner_id
             CROSS JOIN LATERAL (SELECT (%(now)s::timestamptz AT TIME ZONE coalesce(person.tz, 'UTC'))::date
                                        - activity.date_deadline - %(grace)s AS over) AS days
             WHERE activity.res_model = 'crm.lead' AND activity.automated IS NOT TRUE
               AND activity.date_deadline <= %(now)s::date AND days.over > 0
        """
        now = fields.Datetime.to_string(fields.Datetime.now()) + "+00"
        params = {"rule": rule.id, "leader": rule.leader_days, "grace": rule.days, "now": now, **leaders}
        return self._insert(source, params)

    @api.model
    def _insert(self, source, params):
        """Store the causes that are new, for the rep and for the leaders whose turn it is; returns how many."""
        # PostgreSQL expects few receivers in the arrays, and would go through all of them for every opportunity
        self.env.cr.execute("SET LOCAL enable_nestloop = off")
        self.env.cr.execute(
            """
            INSERT INTO crm_reminder (rule_id, kind, level, lead_id, user_id, owner_id, cause, days, date, told)
            SELECT late.rule_id, late.kind, receiver.level, late.lead_id, receiver.user_id, late.owner_id, late.cause,
                   floor(late.over)::int, %%(moment)s, FALSE
              FROM (%s) AS late
              JOIN unnest(%%(owners)s::int[], %%(teams)s::int[], %%(levels)s::text[], %%(receivers)s::int[])
                AS receiver (owner_id, team_id, level, user_id)
                ON receiver.owner_id = late.owner_id AND receiver.team_id = coalesce(late.team_id, 0)
               AND (receiver.level = 'rep' OR late.leader_days > 0 AND late.over > late.leader_days)
             WHERE NOT EXISTS (SELECT FROM crm_reminder AS sent
                                WHERE sent.lead_id = late.lead_id AND sent.kind = late.kind AND sent.level = receiver.level
                                  AND sent.user_id = receiver.user_id AND sent.cause = late.cause)
            ON CONFLICT DO NOTHING
            """
            % source,
            {**params, "moment": fields.Datetime.now()},
        )
        count = self.env.cr.rowcount
        self.env.cr.execute("SET LOCAL enable_nestloop = on")
        self.invalidate_cache()
        return count
