# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict
from datetime import timedelta

import pytz
from odoo import api, fields, models

from ..engine.assign import Lead, Traits
from ..engine.working_time import add_working_hours, is_open

HORIZON = timedelta(days=28)  # how far ahead working hours are looked up
RESULT_DAYS = 365  # whose won and lost leads tell who converts best


class CrmAssignmentFacts(models.AbstractModel):
    """What a run needs to know of leads and reps, each in a number of queries that depends on neither."""

    _name = "crm.assignment.facts"
    _description = "Facts for Assigning Leads"

    # -- leads -----------------------------------------------------------------------------------------------------

    @api.model
    def _get_leads(self, lead_ids):
        """{lead id: (engine lead, company id or None)}, the best scored first. One query."""
        self.env["crm.lead"].flush()
        self.env.cr.execute(
            """
            SELECT lead.id, lead.company_id, lead.state_id, lead.city, lead.grade, partner.industry_id, category.parent_path
              FROM crm_lead AS lead
              LEFT JOIN res_partner AS partner ON partner.id = lead.commercial_partner_id
              LEFT JOIN product_product AS product ON product.id = lead.product_id
              LEFT JOIN product_template AS template ON template.id = product.product_tmpl_id
              LEFT JOIN product_category AS category ON category.id = template.categ_id
             WHERE lead.id = ANY(%s)
             ORDER BY lead.score DESC NULLS LAST, lead.id
            """,
            [list(lead_ids)],
        )
        leads, traits = {}, {}
        for lead_id, company_id, *row in self.env.cr.fetchall():
            key = tuple(row)
            if key not in traits:
                traits[key] = self._make_traits(*row)
            leads[lead_id] = Lead(lead_id, traits[key]), company_id
        return leads

    @api.model
    def _make_traits(self, state_id, city, grade, industry_id, path):
        categories = tuple(int(part) for part in (path or "").split("/") if part)
        return Traits(state_id or 0, city or "", grade or "", industry_id or 0, categories)

    @api.model
    def _get_earlier_holders(self, lead_ids):
        """{lead id: ids of the users who have or had it}. One query."""
        self.env.cr.execute(
            """
            SELECT lead_id, user_id FROM crm_assignment WHERE lead_id = ANY(%(ids)s)
            UNION SELECT lead_id, from_user_id FROM crm_holding WHERE lead_id = ANY(%(ids)s) AND from_user_id IS NOT NULL
            UNION SELECT id, user_id FROM crm_lead WHERE id = ANY(%(ids)s) AND user_id IS NOT NULL
            """,
            {"ids": list(lead_ids)},
        )
        holders = defaultdict(set)
        for lead_id, user_id in self.env.cr.fetchall():
            holders[lead_id].add(user_id)
        return holders

    # -- reps ------------------------------------------------------------------------------------------------------

    @api.model
    def _get_held_counts(self, user_ids):
        """{user id: open leads}. One query."""
        self.env["crm.lead"].flush(["user_id", "active", "stage_id"])
        self.env.cr.execute(
            """
            SELECT lead.user_id, count(*) FROM crm_lead AS lead LEFT JOIN crm_stage AS stage ON stage.id = lead.stage_id
             WHERE lead.user_id = ANY(%s) AND lead.active AND stage.is_won IS NOT TRUE GROUP BY lead.user_id
            """,
            [list(user_ids)],
        )
        return dict(self.env.cr.fetchall())

    @api.model
    def _get_rule_counts(self, days):
        """{(rule id, user id): leads given on the user's day}. One query."""
        self.env.cr.execute(
            """
            SELECT given.rule_id, given.user_id, count(*) FROM crm_assignment AS given
              JOIN unnest(%s::int[], %s::date[]) AS today (user_id, day)
                ON today.user_id = given.user_id AND today.day = given.day
             GROUP BY given.rule_id, given.user_id
            """,
            [list(days), list(days.values())],
        )
        return {(rule_id, user_id): count for rule_id, user_id, count in self.env.cr.fetchall()}

    @api.model
    def _get_results(self, user_ids):
        """{(user id, grade): (won, decided)} of the leads closed in the last year. One query."""
        self.env.cr.execute(
            """
            SELECT lead.user_id, coalesce(lead.grade, ''), count(*) FILTER (WHERE stage.is_won), count(*)
              FROM crm_lead AS lead JOIN crm_stage AS stage ON stage.id = lead.stage_id
             WHERE lead.user_id = ANY(%s) AND lead.date_closed > %s AND (stage.is_won OR NOT lead.active)
             GROUP BY lead.user_id, lead.grade
            """,
            [list(user_ids), fields.Datetime.now() - timedelta(days=RESULT_DAYS)],
        )
        return {(user_id, grade): (won, decided) for user_id, grade, won, decided in self.env.cr.fetchall()}

    # -- working hours ---------------------------------------------------------------------------------------------

    @api.model
    def _get_working_spans(self, users):
        """{user: working spans of the next weeks in UTC, leave taken off, or None: at any time}.

        A user's hours are those of the user's resource, else the company's. A few queries per calendar.
        """
        resources = self.env["resource.resource"].sudo().search([("user_id", "in", users.ids)], order="id desc")
        by_user = {resource.user_id: resource for resource in resources}
        groups = defaultdict(lambda: self.env["resource.resource"])
        spans, keys = {}, {}
        for user in users:
            resource = by_user.get(user, self.env["resource.resource"])
            calendar = resource.calendar_id or user.company_id.sudo().resource_calendar_id
            keys[user] = (calendar, resource.tz or calendar.tz), resource.id
            groups[keys[user][0]] |= resource
        for (calendar, zone), group in groups.items():
            spans[calendar, zone] = self._get_calendar_spans(calendar, zone, group)
        return {user: spans[key].get(resource_id) for user, (key, resource_id) in keys.items()}

    @api.model
    def _get_calendar_spans(self, calendar, zone, resources):
        """{resource id or False: spans}, empty without a calendar."""
        if not calendar:
            return {}
        start = pytz.utc.localize(fields.Datetime.now())
        period = (start, start + HORIZON)
        tz = pytz.timezone(zone)
        work = calendar._attendance_intervals_batch(*period, resources, tz=tz)
        leave = calendar._leave_intervals_batch(*period, resources, tz=tz)
        return {
            key: [
                (begin.astimezone(pytz.utc).replace(tzinfo=None), end.astimezone(pytz.utc).replace(tzinfo=None))
                for begin, end, _records in work[key] - leave[key]
            ]
            for key in work
        }

    @api.model
    def _get_absent(self, users, days):
        """Users on leave now, or away according to their capacity. Two queries."""
        now = fields.Datetime.now()
        leaves = (
            self.env["resource.calendar.leaves"]
            .sudo()
            .search([("resource_id.user_id", "in", users.ids), ("date_from", "<=", now), ("date_to", ">", now)])
        )
        away = self.env["crm.assignment.capacity"].sudo().search([("user_id", "in", users.ids), ("away_until", "!=", False)])
        return leaves.resource_id.user_id | away.filtered(lambda one: one.away_until >= days[one.user_id.id]).user_id

    @api.model
    def _is_at_work(self, spans):
        return spans is None or is_open(spans, fields.Datetime.now())

    @api.model
    def _get_due(self, spans, hours):
        """When an answer within so many working hours is due; without working hours by the clock."""
        now = fields.Datetime.now()
        return add_working_hours(spans or [], now, hours) or now + timedelta(hours=hours)
