# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from ast import literal_eval

from odoo import _, api, fields, models

from ..engine import recycle
from ..exceptions import CrmValidationError
from .crm_pool import MODELS
from .crm_score_grade import GRADES


class CrmPoolRule(models.Model):
    """When leads or customers go back to the public pools by themselves (engine: ``engine/recycle.py``)."""

    _name = "crm.pool.rule"
    _description = "Recycle Rule"
    _order = "sequence, id"

    name = fields.Char(string="Rule", required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    res_model = fields.Selection(MODELS, string="For", required=True, default="crm.lead")
    trigger = fields.Selection(
        [
            (recycle.NO_FOLLOW_UP, "Not followed up"),
            (recycle.NO_ORDER, "No order"),
            (recycle.OWNER_GONE, "Owner has left"),
        ],
        string="When",
        required=True,
        default=recycle.NO_FOLLOW_UP,
    )
    grade = fields.Selection(GRADES, string="Grade", help="Leads of this grade only. Empty: all.")
    domain = fields.Char(string="Conditions", required=True, default="[]", help="Further conditions, such as the lifecycle.")
    days = fields.Integer(string="After Days", default=7)
    warn_days = fields.Integer(
        string="Warn Days Before",
        default=2,
        help="The owner is told so many days before, and nothing is taken earlier than that after the warning. 0: no warning.",
    )
    pool_id = fields.Many2one(
        "crm.pool", string="Into", help="Empty: the first pool whose conditions it meets.", ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", string="Company")
    due_count = fields.Integer(string="Due Now", compute="_compute_counts")
    warn_count = fields.Integer(string="To Be Warned Now", compute="_compute_counts")

    _sql_constraints = [
        ("days_not_negative", "CHECK (days >= 0 AND warn_days >= 0)", "Days cannot be negative."),
        ("warning_in_time", "CHECK (warn_days <= days)", "The warning cannot come before the clock starts."),
    ]

    @api.constrains("res_model", "trigger", "domain", "grade", "pool_id")
    def _check_rule(self):
        for rule in self:
            if rule.res_model == "crm.lead" and rule.trigger == recycle.NO_ORDER:
                raise CrmValidationError(_("Orders are asked of customers. Choose “Not followed up” for leads."))
            if rule.res_model != "crm.lead" and rule.grade:
                raise CrmValidationError(_("Grades are for leads. Leave the grade empty, or use conditions."))
            if rule.pool_id and rule.pool_id.res_model != rule.res_model:
                raise CrmValidationError(_("“%(pool)s” does not hold what the rule takes.", pool=rule.pool_id.name))
            try:
                self.env[rule.res_model].search(rule._get_domain(), limit=1)
            except Exception as error:
                raise CrmValidationError(
                    _("The conditions of “%(rule)s” cannot be used: %(error)s", rule=rule.name, error=error)
                ) from error

    # ------------------------------------------------------------------
    # What is due
    # ------------------------------------------------------------------
    def _get_domain(self):
        """The rule's own conditions, grade and company as a domain.

        :raise ValueError, SyntaxError: when the conditions are none
        """
        domain = literal_eval(self.domain or "[]")
        if self.grade:
            domain = domain + [("grade", "=", self.grade)]
        if self.company_id:
            domain = domain + [("company_id", "=", self.company_id.id)]
        return domain

    def _to_engine(self):
        return recycle.Rule(self.trigger, self.days, self.warn_days)

    def _get_query(self, condition, now):
        """Query of the records that can be recycled, fit this rule, and of which the engine's condition is true.

        :param condition: ``recycle.recycle_condition`` or ``recycle.warn_condition``
        """
        model = self.env[self.res_model].sudo().with_context(active_test=False)
        query = model._where_calc(self._get_domain())
        query.add_where(model._get_recycle_scope())
        for exclusion in model._get_recycle_exclusions().values():
            query.add_where("(%s) IS NOT TRUE" % exclusion)
        where, params = condition(self._to_engine(), model._get_recycle_columns(), now)
        query.add_where("(%s)" % where, params)
        return query

    def _find(self, condition, now, after, limit):
        """Ids greater than ``after`` in ascending order, ``limit`` at most. One statement."""
        query = self._get_query(condition, now)
        query.add_where('"%s".id > %%s' % self.env[self.res_model]._table, [after])
        query.order, query.limit = '"%s".id' % self.env[self.res_model]._table, limit
        self.env.cr.execute(*query.select())
        return [record_id for (record_id,) in self.env.cr.fetchall()]

    @api.depends_context("tz")
    def _compute_counts(self):
        now = fields.Datetime.now()
        for rule in self:
            for name, condition in (("due_count", recycle.recycle_condition), ("warn_count", recycle.warn_condition)):
                if not rule.id or not rule.res_model:
                    rule[name] = 0
                    continue
                self.env.cr.execute(*rule._get_query(condition, now).select("count(*)"))
                rule[name] = self.env.cr.fetchone()[0]
