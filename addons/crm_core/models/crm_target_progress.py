# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict
from datetime import datetime, time, timedelta

import pytz
from odoo import api, fields, models
from odoo.osv import expression

from ..engine.target import progress

STATUSES = [("on_track", "On Track"), ("attention", "Behind"), ("late", "Far Behind"), ("done", "Reached")]


class CrmTarget(models.Model):
    """How far a target is. Nothing is stored: what is counted may change any day, in closed months, too."""

    _inherit = "crm.target"

    achieved = fields.Float(compute="_compute_progress", digits=(16, 2))
    progress = fields.Float(string="Progress (%)", compute="_compute_progress", digits=(16, 1))
    expected = fields.Float(
        string="Expected by Now (%)", compute="_compute_progress", digits=(16, 1), help="The share of working days that are over."
    )
    days_left = fields.Integer(
        string="Working Days Left", compute="_compute_progress", help="Today included, holidays of the company's calendar left out."
    )
    per_day = fields.Float(
        string="Needed per Day", compute="_compute_progress", digits=(16, 2), help="What each working day left has to bring."
    )
    status = fields.Selection(STATUSES, compute="_compute_progress")

    @api.depends("goal", "measure_id", "date_from", "date_to", "user_id", "team_id", "category_id", "company_id")
    @api.depends_context("tz")
    def _compute_progress(self):
        """One grouped query per measure and company (two with product lines), one calendar per company."""
        figures, days = self._get_achieved(), self._get_working_days()
        today = fields.Date.context_today(self)
        for target in self:
            achieved = figures.get(target.id, 0.0)
            if not (target.date_from and target.date_to and target.goal):
                target.update({"achieved": achieved, "progress": 0, "expected": 0, "days_left": 0, "per_day": 0, "status": False})
                continue
            stand = progress(target.goal, achieved, days.get(target.company_id, []), target.date_from, target.date_to, today)
            target.update({
                "achieved": achieved,
                "progress": 100 * stand.share,
                "expected": 100 * stand.expected,
                "days_left": stand.days_left,
                "per_day": stand.per_day or 0.0,
                "status": stand.status,
            })  # fmt: skip

    # ------------------------------------------------------------------ what was achieved

    def _get_achieved(self):
        """{target id: figure}, as the current user may see it; nothing of measures the user may not read."""
        groups = defaultdict(self.browse)
        for target in self:
            if target.measure_id and target.date_from and target.date_to:
                groups[target.measure_id, target.company_id, bool(target.category_id)] |= target
        readable = self.measure_id._get_readable()
        figures = {}
        for (measure, company, by_product), targets in groups.items():
            if measure in readable:
                figures.update(targets._sum_up(measure, company, by_product))
        return figures

    def _sum_up(self, measure, company, by_product):
        """{target id: figure} of targets that differ in people and period only (and product line)."""
        by = ["user", "team", *(["product"] if by_product else [])]
        domain = expression.OR([target._get_owner_domain() for target in self])
        cells = measure._get_cells(min(self.mapped("date_from")), max(self.mapped("date_to")), by, domain, company)
        teams = self._get_ancestors("crm.team", {team for _user, team, _product, _month in cells})
        if not measure.team_field:
            teams = self._get_teams_of_users({user for user, _team, _product, _month in cells})
        products = self._get_categories({product for _user, _team, product, _month in cells}) if by_product else {}
        sums = defaultdict(float)
        for (user, team, product, month), value in cells.items():
            owners = [("user", user), ("company", company.id)]
            owners += [("team", above) for above in teams.get(team if measure.team_field else user, ())]
            for owner in owners:
                for category in products.get(product, [False]) if by_product else [False]:
                    for period in self._get_periods(month):
                        sums[owner, category, period] += value
        return {target.id: sums[target._get_owner_key(), target.category_id.id, target._get_period_label()] for target in self}

    def _get_owner_key(self):
        if self.user_id:
            return ("user", self.user_id.id)
        return ("team", self.team_id.id) if self.team_id else ("company", self.company_id.id)

    @api.model
    def _get_periods(self, month):
        """The labels of the periods a month belongs to: 2026-05, 2026 Q2, 2026."""
        year, number = month.split("-")
        return (month, "%s Q%d" % (year, (int(number) + 2) // 3), year)

    # ------------------------------------------------------------------ what belongs to whom

    def _get_owner_domain(self):
        """Records of the target's people, whatever their period."""
        measure = self.measure_id
        if self.user_id:
            return [(measure.user_field, "=", self.user_id.id)]
        if self.team_id and measure.team_field:
            return [(measure.team_field, "child_of", self.team_id.id)]
        if self.team_id:
            return [(measure.user_field + ".sale_team_id", "child_of", self.team_id.id)]
        return expression.TRUE_DOMAIN

    def _get_scope_domain(self):
        """Records that count for one target, besides the measure's own domain and the dates."""
        domain = [self._get_owner_domain()]
        if self.category_id:
            domain.append([(self.measure_id.product_field + ".categ_id", "child_of", self.category_id.id)])
        company = self.env[self.measure_id.model_name]._fields.get("company_id")
        if company and company.store:
            domain.append([("company_id", "in", [self.company_id.id, False])])
        return expression.AND(domain)

    @api.model
    def _get_ancestors(self, model, ids):
        """{id: ids of the record and all above}. One query."""
        records = self.env[model].sudo().with_context(active_test=False).browse(filter(None, ids))
        return {record.id: [int(key) for key in record.parent_path.split("/") if key] for record in records if record.parent_path}

    @api.model
    def _get_teams_of_users(self, user_ids):
        users = self.env["res.users"].sudo().browse(filter(None, user_ids))
        teams = self._get_ancestors("crm.team", users.sale_team_id.ids)
        return {user.id: teams.get(user.sale_team_id.id, []) for user in users}

    @api.model
    def _get_categories(self, product_ids):
        products = self.env["product.product"].sudo().browse(filter(None, product_ids))
        above = self._get_ancestors("product.category", products.categ_id.ids)
        return {product.id: above.get(product.categ_id.id, []) for product in products}

    # ------------------------------------------------------------------ working days

    def _get_working_days(self):
        """{company: working days in order, holidays left out}; every weekday where the company has no calendar."""
        found = {}
        for company in self.company_id:
            targets = self.filtered(lambda target, company=company: target.company_id == company and target.date_to)
            if targets:
                found[company] = self._get_days_of(company, min(targets.mapped("date_from")), max(targets.mapped("date_to")))
        return found

    @api.model
    def _get_days_of(self, company, start, end):
        calendar = company.sudo().resource_calendar_id
        if not calendar:
            days = (start + timedelta(days=number) for number in range((end - start).days + 1))
            return [day for day in days if day.weekday() < 5]
        zone = pytz.timezone(calendar.tz or "UTC")
        span = (zone.localize(datetime.combine(start, time.min)), zone.localize(datetime.combine(end, time.max)))
        work = calendar._work_intervals_batch(*span)[False]
        return sorted({begin.date() for begin, _end, _records in work})
