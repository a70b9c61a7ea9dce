# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.osv import expression

from ..engine.target import period_end, period_start
from ..exceptions import CrmUserError, CrmValidationError

#: Which measures can be a target
MEASURES = [("date_field", "!=", False), ("user_field", "!=", False), ("kind", "!=", "ratio"), ("direction", "=", "up")]


class TargetError(CrmValidationError):
    """A target that could not be counted."""


class TargetScopeError(CrmUserError):
    """Somebody sets a target for people they do not lead."""


class CrmTarget(models.Model):
    """A goal for a rep, a team with the teams below it, or the whole company, in one month, quarter or year.

    What is counted is a measure (``crm.bi.measure``), so a target's figure is the one on cockpit and workbench. Goals of
    a year, its quarters and its months stand beside each other and are never added up. Figures: crm_target_progress.py.
    """

    _name = "crm.target"
    _description = "Target"
    _order = "date_from desc, period desc, measure_id, team_id, user_id, id"

    name = fields.Char(compute="_compute_name", search="_search_name")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    measure_id = fields.Many2one(
        "crm.bi.measure", string="Counts", required=True, ondelete="cascade", domain=MEASURES, help="What is counted."
    )
    unit = fields.Selection(related="measure_id.unit")
    period = fields.Selection(
        [("month", "Month"), ("quarter", "Quarter"), ("year", "Year")], required=True, default="month"
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1),
        help="Any day of the period will do: the first one is kept.",
    )
    date_to = fields.Date(string="To", compute="_compute_date_to", store=True)
    user_id = fields.Many2one(
        "res.users", string="Rep", index=True, ondelete="cascade", domain=[("share", "=", False)]
    )
    team_id = fields.Many2one(
        "crm.team", string="Team", index=True, ondelete="cascade", help="With all teams below. Empty, like the rep: the whole company."
    )
    category_id = fields.Many2one(
        "product.category", string="Product Line", index=True, ondelete="cascade", help="With all categories below. Empty: everything."
    )
    goal = fields.Float(required=True, digits=(16, 0), help="In the company's currency if it is money.")

    _sql_constraints = [
        ("goal_positive", "CHECK (goal > 0)", "A goal is more than zero. Delete the target if there is none."),
        ("one_owner", "CHECK (user_id IS NULL OR team_id IS NULL)", "A target is a rep's or a team's: leave one of them empty."),
        (
            "scope_unique",
            "EXCLUDE USING btree (company_id WITH =, measure_id WITH =, period WITH =, date_from WITH =,"
            " (coalesce(user_id, 0)) WITH =, (coalesce(team_id, 0)) WITH =, (coalesce(category_id, 0)) WITH =)",
            "There is a target of this kind for the same people and period already: open it and change its goal.",
        ),
    ]

    @api.depends("measure_id", "user_id", "team_id", "category_id", "period", "date_from")
    def _compute_name(self):
        for target in self:
            owner = target.user_id.name or target.team_id.name or target.company_id.name
            parts = [target.measure_id.name, owner, target.category_id.name, target._get_period_label()]
            target.name = " · ".join(part for part in parts if part)

    @api.model
    def _search_name(self, operator, value):
        paths = ("measure_id.name", "user_id.name", "team_id.name", "category_id.name")
        combine = expression.AND if operator in expression.NEGATIVE_TERM_OPERATORS else expression.OR
        return combine([[(path, operator, value)] for path in paths])

    def _get_period_label(self):
        """2026, 2026 Q2, 2026-05"""
        if not self.date_from:
            return ""
        year, month = self.date_from.year, self.date_from.month
        quarter = "%d Q%d" % (year, (month + 2) // 3)
        return {"year": str(year), "quarter": quarter, "month": "%d-%02d" % (year, month)}[self.period]

    @api.depends("period", "date_from")
    def _compute_date_to(self):
        for target in self:
            start = target.date_from and target.period and period_start(target.period, target.date_from)
            target.date_to = start and period_end(target.period, start)

    @api.onchange("user_id")
    def _onchange_user_id(self):
        if self.user_id:
            self.team_id = False

    @api.onchange("team_id")
    def _onchange_team_id(self):
        if self.team_id:
            self.user_id = False

    # ------------------------------------------------------------------ rules

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._to_first_day(vals) for vals in vals_list])

    def write(self, vals):
        if "date_from" not in vals and "period" not in vals:
            return super().write(vals)
        for (period, start), targets in self._group_by_period(vals).items():
            super(CrmTarget, targets).write(dict(vals, period=period, date_from=start))
        return True

    @api.model
    def _to_first_day(self, vals):
        vals = dict(self.default_get(["period", "date_from"]), **vals)
        return dict(vals, date_from=period_start(vals["period"], fields.Date.to_date(vals["date_from"])))

    def _group_by_period(self, vals):
        """{(period, first day): targets} after a write of ``vals``."""
        groups = {}
        for target in self:
            period = vals.get("period") or target.period
            start = period_start(period, fields.Date.to_date(vals.get("date_from")) or target.date_from)
            groups[period, start] = groups.get((period, start), self.browse()) | target
        return groups

    @api.constrains("user_id", "team_id")
    def _check_within_teams(self):
        for target in self.sudo():
            self._check_may_set(target.team_id or target.user_id.sale_team_id)

    @api.model
    def _check_may_set(self, team):
        """Leaders set targets for their teams, those below and the people in them; directors any.

        :param team: none for the whole company
        :raise TargetScopeError: saying whom to ask
        """
        if not self.env.su and not self.env.user._may_own_for_all() and team not in self.env.user._get_led_teams():
            raise TargetScopeError(
                _("You set targets for the teams you lead and their reps. Choose one of them, or ask a sales director.")
            )

    @api.constrains("measure_id", "category_id")
    def _check_measure(self):
        for target in self:
            measure = target.measure_id.sudo()
            if target.category_id and not measure.product_field:
                raise TargetError(
                    _("%(measure)s is not counted by product. Leave the product line empty, or choose another measure.",
                      measure=measure.name)
                )  # fmt: skip
            if not measure.filtered_domain(MEASURES):
                raise TargetError(
                    _("%(measure)s cannot be a target: it needs a date and a salesperson, and more must be better.",
                      measure=measure.name)
                )  # fmt: skip

    # ------------------------------------------------------------------ records

    def action_open_records(self):
        """The records that count for this target."""
        self.ensure_one()
        measure = self.measure_id
        action = measure.get_records_action(self.date_from, self.date_to)
        return dict(action, name=self.name, domain=action["domain"] + self._get_scope_domain())
