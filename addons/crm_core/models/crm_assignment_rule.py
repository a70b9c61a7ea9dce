# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from ast import literal_eval

from odoo import _, api, fields, models
from odoo.osv import expression

from ..exceptions import CrmUserError, CrmValidationError

STRATEGIES = [
    ("round_robin", "In turn"),
    ("weighted", "In turn, by weight"),
    ("least_loaded", "Who holds the fewest open leads"),
    ("conversion", "Best converter of the grade"),
    ("territory", "Territory"),
    ("expertise", "Industry and product"),
]
#: What decides over other teams' leads, and so is the director's
DIRECTORS_FIELDS = frozenset({"name", "sequence", "domain", "company_id", "team_id"})


class CrmAssignmentRule(models.Model):
    """Which leads go to whom. Rules are asked in their order; a lead belongs to the first whose conditions it meets."""

    _name = "crm.assignment.rule"
    _description = "Assignment Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", string="Company", default=lambda self: self.env.company, help="Empty: leads of every company."
    )
    domain = fields.Char(string="Leads", required=True, default="[]", help="Conditions a new lead meets to fall under this rule.")
    strategy = fields.Selection(
        STRATEGIES,
        required=True,
        default="round_robin",
        help="In turn: everybody the same number.\n"
        "In turn, by weight: a rep of weight 2 gets twice as many as one of weight 1.\n"
        "Who holds the fewest open leads: levels the load.\n"
        "Best converter of the grade: who won most of the leads of this grade in the last year, until the rep's limit is reached.\n"
        "Territory: reps of the lead's city, then of its province, then reps without a territory.\n"
        "Industry and product: reps who know both, then one of them, then reps without a speciality.",
    )
    team_id = fields.Many2one("crm.team", string="Sales Team", help="Given to the leads. Empty: the rep's own team.")
    member_ids = fields.One2many("crm.assignment.member", "rule_id", string="Reps", copy=True)
    only_at_work = fields.Boolean(
        string="Only Reps at Work",
        default=True,
        help="Leads wait until a rep's working hours begin. Otherwise they are given at any time, to everybody who is not on leave.",
    )
    pass_on = fields.Boolean(
        string="Else Next Rule", help="Leads for which no rep has room or is at work go on to the rules below instead of waiting."
    )
    response_hours = fields.Float(
        string="First Response Within",
        help="Working hours in which the rep has to answer. After that the lead goes to the next rep, and the leader is told. 0: no limit.",
    )
    warning_minutes = fields.Integer(
        string="Warn Before (Minutes)", default=30, help="The rep is reminded so long before the time is up. 0: never."
    )
    problem = fields.Text(readonly=True, copy=False, help="Why the last run skipped this rule.")
    member_count = fields.Integer(string="Number of Reps", compute="_compute_counts")
    today_count = fields.Integer(string="Assigned Today", compute="_compute_counts")
    assigned_count = fields.Integer(string="Assigned", compute="_compute_counts", help="Leads this rule has given to somebody.")

    _sql_constraints = [
        (
            "limits_not_negative",
            "CHECK (response_hours >= 0 AND warning_minutes >= 0)",
            "Hours and minutes cannot be negative. 0 means none.",
        )
    ]

    @api.depends("member_ids")
    @api.depends_context("tz")
    def _compute_counts(self):
        assignments = self.env["crm.assignment"]
        total = assignments.read_group([("rule_id", "in", self.ids)], ["rule_id"], ["rule_id"])
        today = assignments.read_group(
            [("rule_id", "in", self.ids), ("day", "=", fields.Date.context_today(self))], ["rule_id"], ["rule_id"]
        )
        total, today = ({row["rule_id"][0]: row["rule_id_count"] for row in rows} for rows in (total, today))
        for rule in self:
            rule.member_count = len(rule.member_ids)
            rule.assigned_count = total.get(rule.id, 0)
            rule.today_count = today.get(rule.id, 0)

    # -- checks ----------------------------------------------------------------------------------------------------

    @api.constrains("domain")
    def _check_domain(self):
        for rule in self:
            problem = rule._get_domain_problem()
            if problem:
                raise CrmValidationError(_("The conditions of “%(rule)s” cannot be used: %(problem)s", rule=rule.name, problem=problem))

    @api.constrains("member_ids", "active")
    def _check_members(self):
        for rule in self:
            if rule.active and not rule.member_ids:
                raise CrmValidationError(_("“%s” has no reps: add at least one who gets the leads.", rule.name))

    def _get_domain_problem(self):
        """What is wrong with the conditions, in words; False if a search can use them."""
        leads = self.env["crm.lead"].sudo()
        try:
            domain = expression.normalize_domain(self._parse_domain())
            self._check_domain_fields(domain)
            with self.env.cr.savepoint():
                leads.search(domain, limit=1)
        except Exception as error:
            return str(error) or type(error).__name__
        return False

    @api.model
    def _check_domain_fields(self, domain):
        """Odoo 14 only logs a field it does not know in some places: name it.

        :raise ValueError: naming the field
        """
        for leaf in domain:
            if isinstance(leaf, (list, tuple)) and isinstance(leaf[0], str):
                model = self.env["crm.lead"]
                for name in leaf[0].split("."):
                    if model is None or name not in model._fields:
                        raise ValueError(_("there is no field “%s” on leads", leaf[0]))
                    model = self.env.get(model._fields[name].comodel_name)

    def _parse_domain(self):
        """The conditions as a list.

        :raise ValueError, SyntaxError: when they are none
        """
        domain = literal_eval((self.domain or "[]").strip())
        if not isinstance(domain, (list, tuple)):
            raise ValueError(_("they are no list of conditions"))
        return list(domain)

    # -- rights ----------------------------------------------------------------------------------------------------

    def write(self, vals):
        self.check_access_rights("write")
        if DIRECTORS_FIELDS & vals.keys() and not self._is_director():
            raise CrmUserError(
                _("Which leads a rule takes is set by sales directors. You may change its reps, how they share, and the limits.")
            )
        return super().write(vals)

    @api.model
    def _is_director(self):
        return self.env.su or self.env.user.has_group("crm_core.group_sales_director")

    def action_open_statistics(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_core.crm_assignment_report_action")
        return dict(action, domain=[("rule_id", "=", self.id)])
