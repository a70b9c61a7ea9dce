# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import api, fields, models
from psycopg2.extras import execute_values


class CrmAssignment(models.Model):
    """The first response: what counts as one, the warning before, and what happens to leads that got none."""

    _inherit = "crm.assignment"

    # -- what counts as an answer ----------------------------------------------------------------------------------

    @api.model
    def _note_answers(self, facts):
        """The owner has written, called, finished an activity or moved the stage. Cost: one statement if nobody waits.

        :param facts: list of (lead id, partner id of who did it, moment)
        """
        if not facts:
            return
        query = """
            UPDATE crm_assignment AS given SET state = 'answered', responded_at = fact.moment
              FROM (VALUES %s) AS fact (lead_id, partner_id, moment), res_users AS who
             WHERE given.lead_id = fact.lead_id AND given.state = 'waiting'
               AND who.id = given.user_id AND who.partner_id = fact.partner_id
            RETURNING given.lead_id
        """
        cursor = self.env.cr._obj
        answered = execute_values(cursor, query, facts, "(%s::int, %s::int, %s::timestamp)", len(facts), fetch=True)
        if not answered:
            return
        lead_ids = [lead_id for (lead_id,) in answered]
        self._forget(lead_ids)
        if not self.env.context.get("activity_is_done"):
            self.env["crm.assignment.notice"]._drop_first_responses(lead_ids)

    # -- the watch -------------------------------------------------------------------------------------------------

    @api.model
    def _cron_watch(self):
        """Every few minutes: end what is settled, remind, pass on. Looks only at what is due."""
        self._end_settled()
        self._warn()
        self._pass_on_late()

    @api.model
    def _end_settled(self):
        """Leads that were closed or have another owner wait for no answer."""
        self.env["crm.lead"].flush(["user_id", "active", "stage_id"])
        self.env.cr.execute(
            """
            SELECT given.lead_id FROM crm_assignment AS given
              JOIN crm_lead AS lead ON lead.id = given.lead_id LEFT JOIN crm_stage AS stage ON stage.id = lead.stage_id
             WHERE given.state = 'waiting' AND given.due IS NOT NULL AND given.due < %s + interval '1 day'
               AND (lead.user_id IS DISTINCT FROM given.user_id OR NOT lead.active OR stage.is_won)
            """,
            [fields.Datetime.now()],
        )
        settled = [lead_id for (lead_id,) in self.env.cr.fetchall()]
        if settled:
            self._end(settled)
            self.env["crm.assignment.notice"]._drop_first_responses(settled)

    @api.model
    def _warn(self):
        """Remind reps of what is due soon: one message a rep."""
        now = fields.Datetime.now()
        self.env.cr.execute(
            """
            UPDATE crm_assignment AS given SET warned = TRUE FROM crm_assignment_rule AS rule
             WHERE rule.id = given.rule_id AND given.state = 'waiting' AND given.warned IS NOT TRUE AND given.due > %(now)s
               AND rule.warning_minutes > 0 AND given.due <= %(now)s + rule.warning_minutes * interval '1 minute'
            RETURNING given.user_id, given.lead_id
            """,
            {"now": now},
        )
        by_user = defaultdict(list)
        for user_id, lead_id in self.env.cr.fetchall():
            by_user[user_id].append(lead_id)
        self.invalidate_cache()
        notice = self.env["crm.assignment.notice"]
        notice._notify({user: notice._in_language(user)._get_warning(by_user[user.id]) for user in self.env["res.users"].browse(by_user)})

    @api.model
    def _pass_on_late(self):
        """Give leads whose time is up to the next rep of their rule; tell the leaders. One run for all rules.

        Who has or had a lead does not get it again. If nobody else has room or is at work, the lead stays with its rep,
        the leader is told once, and the next watch tries again.
        """
        late = self.search([("state", "=", "waiting"), ("due", "<=", fields.Datetime.now())], order="due, id")
        rules = late.rule_id.filtered("active").sorted()
        matches = {rule.id: late.filtered(lambda one, rule=rule: one.rule_id == rule).lead_id.ids for rule in rules}
        run = self.env["crm.assignment.rule"]._new_run(rules, matches)
        users = rules.member_ids.user_id.filtered("active")
        days = self.env["crm.assignment.day"]
        run.days = days._get_days(users)
        today = days._take(run.days) if users else {}
        if not late or today is None:  # leads are being given to one of them right now: the next watch is soon
            return
        holders = self.env["crm.assignment.facts"]._get_earlier_holders(late.lead_id.ids)
        self.env["crm.assignment.rule"]._share_out(run, rules, users, today, holders)
        heirs = run.get_owners()
        before = {one.lead_id: one.user_id for one in late}
        told = set(late.filtered("leader_told").lead_id.ids)
        self._end(list(heirs), "passed")
        self.env["crm.assignment.notice"]._drop_first_responses(heirs)
        self.env["crm.assignment.rule"]._carry_out(run, "first_response")
        stuck = late.filtered(lambda one: one.lead_id.id not in heirs)
        self.env.cr.execute("UPDATE crm_assignment SET leader_told = TRUE WHERE id = ANY(%s)", [stuck.ids])
        self.invalidate_cache()
        tell = {lead: owner for lead, owner in before.items() if lead.id in heirs or lead.id not in told}
        self.env["crm.assignment.notice"]._tell_leaders(tell, heirs)
