# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from ast import literal_eval
from collections import defaultdict

from odoo import _, api, fields, models, tools
from odoo.osv import expression

from ..engine.score import Rule
from ..exceptions import CrmValidationError

WORD_FIELDS = [
    ("function", "Job Position"),
    ("name", "Subject"),
    ("partner_name", "Company Name"),
    ("description", "Notes"),
]
METRICS = [
    ("visits", "Visits to own pages"),
    ("pages", "Pages seen"),
    ("seconds", "Seconds on own pages"),
    ("mail_opens", "Mails opened"),
    ("mail_clicks", "Links clicked in mails"),
]


class ScoreRuleError(CrmValidationError):
    """A scoring rule cannot be applied as it is written."""


class CrmScoreRule(models.Model):
    """Points for leads that meet a condition, on top of the chance of winning."""

    _name = "crm.score.rule"
    _description = "Scoring Rule"
    _order = "sequence, id"

    name = fields.Char(
        string="Reason",
        required=True,
        translate=True,
        help="In words, as the salesperson reads it on the lead: “Budget above 500,000”.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for the leads of all companies.")
    kind = fields.Selection(
        [("condition", "Condition"), ("words", "Words"), ("behaviour", "Behaviour")],
        string="Looks at",
        required=True,
        default="condition",
    )
    domain = fields.Char(string="Condition", default="[]", help="Which leads get the points.")
    word_field = fields.Selection(WORD_FIELDS, string="Search in", default="function")
    words = fields.Char(help="Separated by commas; one of them is enough.")
    metric = fields.Selection(METRICS, string="Counts", default="visits")
    minimum = fields.Float(string="At Least", default=1.0, digits=(12, 0), help="Below this count the rule gives nothing.")
    points = fields.Float(required=True, default=10.0, digits=(5, 1), help="Added to the score of 0 to 100; may be negative.")
    per_unit = fields.Boolean(string="For Each", help="The points are for each unit counted, not once.")
    limit = fields.Float(string="At Most", digits=(5, 1), help="Most points that can come of this rule. 0: no limit.")
    half_life = fields.Float(
        string="Half-life (days)",
        digits=(6, 1),
        help="After so many days half of the points are left, after twice as many a quarter. Counted from the day the"
        " lead came in, for behaviour from the last time. 0: the points do not fade.",
    )
    hit_count = fields.Integer(string="Open Leads Hit", compute="_compute_hit_count")

    _sql_constraints = [
        ("points_bounds", "check (points between -100 and 100)", "Points go from -100 to 100."),
        ("half_life_positive", "check (half_life >= 0)", "A half-life cannot be negative."),
        ("limit_positive", 'check ("limit" >= 0)', "The limit is the size of the points: it cannot be negative."),
    ]

    # -- definition ----------------------------------------------------------------------------------------------------

    @api.constrains("kind", "domain", "word_field", "words", "metric")
    def _check_definition(self):
        for rule in self:
            if rule.kind == "words" and not (rule.word_field and rule._get_words()):
                raise ScoreRuleError(_("Rule “%s”: enter the words to look for, separated by commas.", rule.name))
            if rule.kind == "behaviour" and not rule.metric:
                raise ScoreRuleError(_("Rule “%s”: choose what is counted.", rule.name))
            if rule.kind == "condition":
                rule._check_domain()

    def _check_domain(self):
        """As the user, not as superuser: a condition must not ask for what its author may not see."""
        try:
            self.env["crm.lead"].search(self._get_domain(), limit=1)
        except Exception as error:  # whatever a wrong literal or domain raises, the reader needs the rule's name
            raise ScoreRuleError(_("Rule “%(rule)s”: the condition cannot be used: %(error)s", rule=self.name, error=error)) from error

    def _get_words(self):
        return [word.strip() for word in (self.words or "").replace("，", ",").split(",") if word.strip()]

    def _get_domain(self):
        """Which leads the rule looks at."""
        if self.kind == "condition":
            domain = literal_eval(self.domain or "[]")
        elif self.kind == "words":
            domain = expression.OR([[(self.word_field, "ilike", word)] for word in self._get_words()])
        else:
            domain = []
        return expression.AND([domain, [("company_id", "in", (self.company_id.id, False))]]) if self.company_id else domain

    def _to_engine(self):
        return Rule(self.points, self.half_life or None, self.per_unit and self.kind == "behaviour", self.limit or None)

    # -- which leads ---------------------------------------------------------------------------------------------------

    @api.model
    def _get_active(self):
        return self.sudo().search([])

    def _get_hits(self, ids):
        """{lead id: {rule id: (count, days since, or None for the age of the lead)}} among the leads of ``ids``.

        Cost: one query for all conditions, and one call for behaviour if a rule asks for it.
        """
        hits = defaultdict(dict)
        behaving = self.filtered(lambda rule: rule.kind == "behaviour")
        for rule_id, lead_id in self._search_hits(ids):
            hits[lead_id][rule_id] = (1.0, None)
        if behaving:
            self._add_behaviour(hits, {lead_id for lead_id, found in hits.items() if found.keys() & set(behaving.ids)})
        return hits

    def _search_hits(self, ids):
        """(rule id, lead id) pairs. The leads are read once for all conditions on their own columns; a condition that
        joins another table reads them once more."""
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        cases, joined, params, joined_params = [], [], [], []
        for rule in self:
            source, where, values = leads._where_calc(rule._get_domain()).get_sql()
            if source == '"crm_lead"':
                cases.append("CASE WHEN %s THEN %%s END" % (where or "TRUE"))
                params += [*values, rule.id]
            else:
                joined.append("SELECT %%s, crm_lead.id FROM %s WHERE crm_lead.id = ANY(%%s) AND %s" % (source, where or "TRUE"))
                joined_params += [rule.id, list(ids), *values]
        if not self:
            return []
        one_pass = "SELECT unnest(array_remove(ARRAY[%s]::int[], NULL)), id FROM crm_lead WHERE id = ANY(%%s)" % ", ".join(cases)
        leads.flush()
        self.env.cr.execute(" UNION ALL ".join([one_pass, *joined]), [*params, list(ids), *joined_params])
        return self.env.cr.fetchall()

    def _add_behaviour(self, hits, ids):
        """Replace the hits of behaviour rules by what their leads really did, or drop them."""
        rules = self.filtered(lambda rule: rule.kind == "behaviour")
        behaviour = self._get_behaviour(ids)
        now = fields.Datetime.now()
        for lead_id in ids:
            found = behaviour.get(lead_id, {})
            last = found.get("last_at")
            age = (now - last).total_seconds() / 86400.0 if last else None
            for rule in rules:
                if rule.id not in hits[lead_id]:
                    continue
                count = float(found.get(rule.metric) or 0)
                if count and count >= rule.minimum:
                    hits[lead_id][rule.id] = (count, age)
                else:
                    del hits[lead_id][rule.id]

    def _get_behaviour(self, ids):
        """{lead id: dict(visits, pages, seconds, mail_opens, mail_clicks, last_at)}."""
        return self.env["crm.visitor"].sudo()._get_behaviour(self.env["crm.lead"].sudo().browse(sorted(ids)))

    @api.depends("kind", "domain", "word_field", "words", "metric", "minimum", "company_id")
    def _compute_hit_count(self):
        """Live, over the open leads the user may see: one query a rule, so not for lists."""
        for rule in self:
            rule.hit_count = self.env["crm.lead"].search_count(rule._get_hit_domain())

    def _get_hit_domain(self):
        """The open leads this rule gives points."""
        domain = expression.AND([[("stage_id.is_won", "=", False)], self._get_domain()])
        if self.kind != "behaviour":
            return domain
        hits = self._get_hits(self._get_behaving_ids())
        return expression.AND([domain, [("id", "in", [lead_id for lead_id, found in hits.items() if found])]])

    @api.model
    def _get_behaving_ids(self):
        """Ids of leads that were seen on own pages, or opened a mailing."""
        self.env["crm.lead"].flush(["email_normalized"])
        self.env.cr.execute(
            "SELECT lead_id FROM crm_touchpoint WHERE visitor_id IS NOT NULL AND lead_id IS NOT NULL UNION"
            " SELECT lead.id FROM mailing_trace JOIN crm_lead AS lead ON lead.email_normalized = mailing_trace.email"
            " WHERE mailing_trace.opened IS NOT NULL OR mailing_trace.clicked IS NOT NULL"
        )
        return [lead_id for (lead_id,) in self.env.cr.fetchall()]

    def action_leads(self):
        """The open leads the rule hits."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_core.crm_score_action_leads")
        return {**action, "domain": self._get_hit_domain()}

    # -- changes -------------------------------------------------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _get_watched_fields(self):
        """Fields of a lead on which some active rule depends."""
        names = set()
        for rule in self._get_active():
            names.update(leaf[0].split(".")[0] for leaf in rule._get_domain() if not isinstance(leaf, str) and isinstance(leaf[0], str))
        return frozenset(names)

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        self._rules_changed()
        return rules

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() - {"sequence"}:
            self._rules_changed()
        return result

    def unlink(self):
        result = super().unlink()
        self._rules_changed()
        return result

    @api.model
    def _rules_changed(self):
        """Leads follow in the background."""
        self.clear_caches()
        self.env["crm.lead"]._schedule_scores()
