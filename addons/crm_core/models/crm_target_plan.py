# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine.target import last_year_weights, spread
from ..exceptions import CrmUserError
from .crm_target import MEASURES
from .crm_target_plan_line import MONTH_FIELDS


class TargetPlanError(CrmUserError):
    """A year that cannot be laid out; the text says what is missing."""


class CrmTargetPlan(models.TransientModel):
    """Lays a year's goal over months and reps, to look at, edit and save as targets.

    Saving sets the year and the months of the team (or company), and the months of each rep; targets that are there get
    the new goal.
    """

    _name = "crm.target.plan"
    _description = "Plan a Year's Targets"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    year = fields.Integer(required=True, default=lambda self: fields.Date.context_today(self).year)
    measure_id = fields.Many2one("crm.bi.measure", string="Counts", required=True, domain=MEASURES)
    team_id = fields.Many2one(
        "crm.team",
        string="Team",
        default=lambda self: False if self.env.user._may_own_for_all() else self.env.user.led_team_ids[:1],
        help="With all teams below. Empty: the whole company.",
    )
    category_id = fields.Many2one("product.category", string="Product Line")
    goal = fields.Float(string="Goal of the Year", digits=(16, 0))
    method = fields.Selection(
        [("even", "Evenly"), ("last_year", "By last year's share")],
        string="Lay Out",
        required=True,
        default="even",
        help="By last year's share: people by what they brought, months by the season of all of them. "
        "Who brought nothing yet counts as the average.",
    )
    line_ids = fields.One2many("crm.target.plan.line", "plan_id", string="Reps")
    note = fields.Char(readonly=True)
    total = fields.Float(compute="_compute_total", digits=(16, 0))

    @api.depends("line_ids.total")
    def _compute_total(self):
        for plan in self:
            plan.total = sum(plan.line_ids.mapped("total"))

    # ------------------------------------------------------------------ lay out

    @api.onchange("company_id", "year", "measure_id", "team_id", "category_id", "goal", "method")
    def _onchange_lay_out(self):
        self.check_access_rights("create")
        self.note = False
        if self.measure_id and self.goal > 0 and 2000 <= self.year <= 2100:
            self.line_ids = [(5, 0, 0)] + [(0, 0, vals) for vals in self._prepare_lines()]

    def _prepare_lines(self):
        """One line per rep of the team, the goal's shares in twelve months."""
        people = self._get_people().ids
        weights = self._get_weights(people)
        cells = [(user_id, month) for month in range(12) for user_id in people]
        shares = dict(zip(cells, spread(self.goal, [weights[cell] for cell in cells])))
        return [
            {"user_id": user_id, **{name: shares[user_id, month] for month, name in enumerate(MONTH_FIELDS)}} for user_id in people
        ]

    def _get_people(self):
        """Who sells in the team and below: its members with the role of a sales rep, without mere leaders of all."""
        teams = [("sale_team_id", "child_of", self.team_id.id)] if self.team_id else [("sale_team_id", "!=", False)]
        domain = [("share", "=", False), ("company_ids", "in", self.company_id.id), *teams]
        people = self.env["res.users"].sudo().search(domain, order="name, id").with_env(self.env)
        if not people:
            raise TargetPlanError(_("Nobody is in this team. Add its members first, or choose another team."))
        return people

    def _get_weights(self, people):
        even = dict.fromkeys(((user_id, month) for user_id in people for month in range(12)), 1.0)
        if self.method == "even":
            return even
        actual = self._get_last_year(people)
        if not any(actual.values()):
            self.note = _("Nothing was counted last year, so the goal is laid out evenly.")
            return even
        return last_year_weights(people, 12, actual)

    def _get_last_year(self, people):
        """{(user id, month 0 … 11): figure of the year before}, as the current user may see it. One query."""
        measure, year = self.measure_id, self.year - 1
        domain = [(measure.user_field, "in", people)]
        if self.category_id and measure.product_field:
            domain += [(measure.product_field + ".categ_id", "child_of", self.category_id.id)]
        cells = measure._get_cells("%d-01-01" % year, "%d-12-31" % year, ["user"], domain, self.company_id)
        return {(user, int(month[5:]) - 1): value for (user, _team, _product, month), value in cells.items()}

    # ------------------------------------------------------------------ save

    def action_save(self):
        """Write the targets and open them.

        :raise TargetPlanError: when there is nothing to save
        """
        self.ensure_one()
        if self.goal <= 0 or not self.line_ids:
            raise TargetPlanError(_("Enter the goal of the year and choose what it counts; then look at the months."))
        if any(line[name] < 0 for line in self.line_ids for name in MONTH_FIELDS):
            raise TargetPlanError(_("A goal is never less than zero. Correct the month that is."))
        if not 2000 <= self.year <= 2100:
            raise TargetPlanError(_("%(year)d is no year to plan. Enter one such as 2026.", year=self.year))
        self.env["crm.target"]._check_may_set(self.team_id)
        wanted = self._get_wanted()
        existing = self._get_existing()
        new = [dict(self._prepare_target(*key), goal=goal) for key, goal in wanted.items() if key not in existing]
        for key, target in existing.items():
            if key in wanted and target.goal != wanted[key]:
                target.goal = wanted[key]
        self.env["crm.target"].browse([target.id for key, target in existing.items() if key not in wanted]).unlink()
        self.env["crm.target"].create(new)
        return self._open_targets()

    def _get_wanted(self):
        """{(user id or False, period, month): goal} of what is more than nothing."""
        wanted = {(False, "year", 1): self.total}
        for month, name in enumerate(MONTH_FIELDS, start=1):
            wanted[False, "month", month] = sum(self.line_ids.mapped(name))
            for line in self.line_ids:
                key = (line.user_id.id, "month", month)
                wanted[key] = wanted.get(key, 0.0) + line[name]
        return {key: goal for key, goal in wanted.items() if goal > 0}

    def _get_existing(self):
        """{key as in :meth:`_get_wanted`: target} of the same year, measure and people, as far as one may change them."""
        targets = self.env["crm.target"].search(self._get_domain())
        return {(target.user_id.id, target.period, target.date_from.month): target for target in targets}

    def _prepare_target(self, user_id, period, month):
        return {
            "company_id": self.company_id.id,
            "measure_id": self.measure_id.id,
            "category_id": self.category_id.id,
            "user_id": user_id,
            "team_id": False if user_id else self.team_id.id,
            "period": period,
            "date_from": "%d-%02d-01" % (self.year, month),
        }

    def _open_targets(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_core.crm_target_action")
        return dict(action, domain=self._get_domain(), context={}, target="main")

    def _get_domain(self):
        """The targets this plan is about."""
        return [
            ("company_id", "=", self.company_id.id),
            ("measure_id", "=", self.measure_id.id),
            ("category_id", "=", self.category_id.id),
            ("date_from", ">=", "%d-01-01" % self.year),
            ("date_to", "<=", "%d-12-31" % self.year),
            ("period", "in", ["month", "year"]),
            "|",
            "&",
            ("user_id", "in", self.line_ids.user_id.ids),
            ("period", "=", "month"),
            "&",
            ("user_id", "=", False),
            ("team_id", "=", self.team_id.id),
        ]
