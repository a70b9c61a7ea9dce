# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any, Dict, List

from odoo import _, api, models
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.osv import expression

from ..engine.assign import Rooms, share_out

_logger = logging.getLogger(__name__)

#: Leads that wait for an owner: not in a pool, not closed
FREE = [("user_id", "=", False), ("pool_id", "=", False), ("stage_id.is_won", "=", False)]
BACKGROUND_LEADS = 1000  # more than this are assigned by a job
JOB_KEY = "crm.assignment.rule"


@dataclass
class Run:
    """What a run knows and decides. ``blocked``: somebody else is giving leads to the same reps."""

    rules: Any
    matches: Dict[int, List[int]]  # rule id → ids of its leads
    unmatched: List[int]
    blocked: bool = False
    days: Dict[int, Any] = field(default_factory=dict)
    given: Dict[int, Dict[int, int]] = field(default_factory=dict)  # rule id → lead id → user id
    due: Dict[tuple, Any] = field(default_factory=dict)  # (rule id, user id) → moment
    lags: Dict[int, float] = field(default_factory=dict)  # member id → lag

    def get_owners(self):
        """{lead id: user id} of all rules."""
        return {lead_id: user_id for given in self.given.values() for lead_id, user_id in given.items()}


class CrmAssignmentRule(models.Model):
    """A run: match the leads (one query a rule), take the reps' guards, share out (engine), write in bulk."""

    _inherit = "crm.assignment.rule"

    @api.model
    def _assign(self, leads):
        """Give leads without owner to reps by the rules; those that are owned or in a pool are left alone.

        The number of queries depends on rules and calendars, not on leads. Never raises for a broken rule: it is skipped
        and the directors are told. Leads whose rule has nobody with room, or whose reps are being given leads by another
        transaction right now, stay without owner; a job takes them up. Leads that no rule takes go into the public pool
        whose conditions they meet, if any.

        :returns: {lead id: user id} of those that were given away
        """
        if not leads:
            return {}
        run = self.sudo()._assign_ids(leads.ids)
        if run.blocked:
            self.sudo()._delay_run()
        self.sudo()._put_into_pools(run.unmatched)
        return run.get_owners()

    @api.model
    def _assign_ids(self, lead_ids, giving=None):
        """Assign leads by the rules ``giving`` only, or by all; whose a lead is, all rules are asked.

        :returns: the :class:`Run`; it is ``blocked``, and gave nothing, if another transaction has the reps
        """
        run = self._plan(lead_ids, giving, take=True)
        self._carry_out(run)
        return run

    @api.model
    def _plan(self, lead_ids, giving=None, take=False):
        """Decide who would get which lead. Nothing is written but guards taken if ``take``."""
        rules = self.sudo().search([])
        giving = rules if giving is None else giving.sudo() & rules
        run = self._new_run(rules, *rules._match(lead_ids))
        busy = giving.filtered(lambda rule: run.matches.get(rule.id))
        if not busy:
            return run
        users = busy.member_ids.user_id.filtered("active")
        days = self.env["crm.assignment.day"].sudo()
        run.days = days._get_days(users)
        if take:
            today = days._take(run.days)
            run.blocked = today is None
        else:
            today = {day.user_id.id: day.assigned_count for day in days._get_today(users)}
        if not run.blocked:
            self._share_out(run, busy, users, today)
        return run

    @api.model
    def _put_into_pools(self, lead_ids):
        """What no rule takes is everybody's who may claim it."""
        pools = self.env["crm.pool"]._get_pools_for("crm.lead", lead_ids) if lead_ids else {}
        if pools:
            self.env["crm.holding"]._transfer("crm.lead", dict.fromkeys(pools, False), "assigned", pool_id=pools)

    @api.model
    def _new_run(self, rules, matches, unmatched=()):
        return Run(rules, matches, list(unmatched))

    # -- whose is a lead -------------------------------------------------------------------------------------------

    def _match(self, lead_ids):
        """Whose leads are: {rule id: ids}, and the ids of those that no rule takes.

        A lead is in the first rule that takes it, and in later ones while rules pass it on. One query a rule. A rule
        whose conditions fail is skipped, and the directors are told.
        """
        free = left = self._search_ids(FREE, list(lead_ids))
        matches = {}
        for rule in self:
            if not left:
                break
            try:
                with self.env.cr.savepoint():
                    domain = rule._parse_domain()
                    self._check_domain_fields(expression.normalize_domain(domain))
                    found = self._search_ids(rule._get_company_domain(domain), left)
            except Exception as error:
                rule._report_problem(_("The conditions cannot be used: %s", error))
                continue
            if not rule.member_ids.user_id.filtered("active"):
                rule._report_problem(_("No active rep is left."))
                continue
            if rule.problem:
                rule.problem = False
            matches[rule.id] = found
            if not rule.pass_on:
                left = list(set(left).difference(found))
        return matches, set(free).difference(*matches.values())

    def _get_company_domain(self, domain):
        if not self.company_id:
            return domain
        return expression.AND([domain, [("company_id", "in", [False, self.company_id.id])]])

    @api.model
    def _search_ids(self, domain, among):
        """Ids of the leads in ``domain``, and in ``among`` unless None, evaluated in PostgreSQL."""
        query = self.env["crm.lead"].sudo()._search(domain, order="id")
        if isinstance(query, list):  # conditions that nothing can meet
            return []
        if among is not None:
            query.add_where('"crm_lead".id = ANY(%s)', [among])
        query.order = None
        statement, params = query.select()
        self.env.cr.execute(statement, params)
        return [lead_id for (lead_id,) in self.env.cr.fetchall()]

    def _report_problem(self, problem):
        """Skip a broken rule, and tell the directors once."""
        _logger.warning("Assignment rule %s is skipped: %s", self.id, problem)
        if self.problem != problem:
            self.problem = problem
            directors = self.env.ref("crm_core.group_sales_director").users
            self.env["crm.assignment.notice"]._notify(
                {
                    user: (_("Assignment rule skipped"), [_("“%(rule)s” gives no leads. %(problem)s", rule=self.name, problem=problem)])
                    for user in directors
                    if not self.company_id or self.company_id in user.company_ids
                }
            )

    # -- who gets it -----------------------------------------------------------------------------------------------

    @api.model
    def _share_out(self, run, rules, users, today, holders=None):
        """Let every rule share out its leads, in their order; fills ``run``.

        :param holders: {lead id: users who must not get it}
        """
        facts = self.env["crm.assignment.facts"].sudo()
        leads = facts._get_leads({lead_id for rule in rules for lead_id in run.matches[rule.id]})
        banned = self._get_banned(users, {company_id for _lead, company_id in leads.values()})
        rooms = self._get_rooms(users, today)
        spans = facts._get_working_spans(users)
        absent = facts._get_absent(users, run.days)
        counts = facts._get_rule_counts(run.days)
        results = facts._get_results(users.ids) if "conversion" in rules.mapped("strategy") else {}
        gone = set()
        for rule in rules:
            wanted = set(run.matches[rule.id]) - gone
            members = rule.member_ids.filtered(lambda member: member.user_id.active and member.user_id not in absent)
            if rule.only_at_work:
                members = members.filtered(lambda member: facts._is_at_work(spans[member.user_id]))
            reps = members._prepare_reps()
            for member, rep in zip(members, reps):
                rep.taken = today.get(rep.user, 0)
                if member.daily_limit:
                    rep.room = max(0, member.daily_limit - counts.get((rule.id, rep.user), 0))
            queue = [
                replace(lead, banned=banned[company_id] | frozenset((holders or {}).get(lead_id, ())))
                for lead_id, (lead, company_id) in leads.items()
                if lead_id in wanted
            ]
            given = share_out(rule.strategy, reps, queue, rooms, results)
            gone.update(given)
            run.given[rule.id] = given
            run.lags.update((member.id, rep.lag) for member, rep in zip(members, reps) if rep.lag != member.lag)
            if rule.response_hours:
                for user in members.user_id:
                    run.due[rule.id, user.id] = facts._get_due(spans[user], rule.response_hours)

    @api.model
    def _get_banned(self, users, company_ids):
        """{company id: users who do not work for it}."""
        return {
            company_id: frozenset(user.id for user in users if company_id and company_id not in user.company_ids.ids)
            for company_id in company_ids
        }

    @api.model
    def _get_rooms(self, users, today):
        """How many more leads each user takes over all rules."""
        capacities = self.env["crm.assignment.capacity"].sudo().search([("user_id", "in", users.ids)])
        held = self.env["crm.assignment.facts"].sudo()._get_held_counts(users.ids)
        left = dict.fromkeys(users.ids)
        for capacity in capacities:
            user_id = capacity.user_id.id
            rooms = []
            if capacity.daily_limit:
                rooms.append(capacity.daily_limit - today.get(user_id, 0))
            if capacity.held_limit:
                rooms.append(capacity.held_limit - held.get(user_id, 0))
            if rooms:
                left[user_id] = max(0, min(rooms))
        return Rooms(left, held)

    # -- writing it down -------------------------------------------------------------------------------------------

    @api.model
    def _carry_out(self, run, reason="assigned"):
        """Change the owners, log, set time limits, tell the reps once."""
        owners, teams, rows = {}, {}, []
        rules = {rule.id: rule for rule in run.rules}
        for rule_id, given in run.given.items():
            team_id = rules[rule_id].team_id.id
            company_id = rules[rule_id].company_id.id or None
            for lead_id, user_id in given.items():
                owners[lead_id] = user_id
                if team_id:
                    teams[lead_id] = team_id
                due = run.due.get((rule_id, user_id))
                rows.append((lead_id, rule_id, user_id, team_id or None, company_id, run.days[user_id], due))
        if not owners:
            return
        self.env["crm.holding"].sudo()._transfer("crm.lead", owners, reason, team_ids=teams)
        self.env["crm.assignment"].sudo()._insert(rows)
        self.env["crm.assignment.day"].sudo()._count(run.days, Counter(owners.values()))
        self._write_lags(run.lags)
        self.env["crm.assignment.notice"].sudo()._tell_new_owners(rows, reason)

    @api.model
    def _write_lags(self, lags):
        """Where each rule's rotation continues. One statement."""
        self.env.cr.execute(
            "UPDATE crm_assignment_member AS member SET lag = new.lag"
            " FROM unnest(%s::int[], %s::float[]) AS new (id, lag) WHERE member.id = new.id",
            [list(lags), list(lags.values())],
        )
        self.env["crm.assignment.member"].invalidate_cache(["lag"], list(lags))

    # -- all that wait ---------------------------------------------------------------------------------------------

    @api.model
    def _get_free_ids(self):
        return self._search_ids(FREE, None)

    @api.model
    def _delay_run(self, giving=None):
        """Leave it to a job; one is enough."""
        ids = giving.ids if giving else []
        key = "%s,%s" % (JOB_KEY, ids or "all")
        self.with_delay(description=_("Assign leads"), identity_key=key, eta=1)._run_job(ids)

    @api.model
    def _run_job(self, giving_ids):
        """Body of the job: assign all free leads, or those of some rules.

        :raise RetryableJobError: while another transaction has the reps
        """
        if self._assign_ids(self._get_free_ids(), self.browse(giving_ids) if giving_ids else None).blocked:
            raise RetryableJobError("Reps are being given leads by another transaction", seconds=5, ignore_retry=True)

    @api.model
    def _cron_assign(self):
        """Leads that waited for an opening, for room, or for a rule."""
        lead_ids = self._get_free_ids() if self.search([], limit=1) else []
        if lead_ids and self._assign_ids(lead_ids).blocked:
            self._delay_run()
