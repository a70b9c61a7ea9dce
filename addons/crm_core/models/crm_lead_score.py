# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json

from odoo import _, api, fields, models
from odoo.exceptions import AccessError

from ..engine.score import combine, grade, points
from .crm_score_grade import GRADES

REASONS = 5  # shown on a lead
POINTS_OF_ODDS = 20.0  # points by rule that weigh as much as one log-odds of the model, among the reasons
PAGE = 5000
OPEN_CHANCE = (0.01, 99.99)  # least and most of an open lead, in percent: 0 says lost and 100 won
#: Fields that Odoo's own probability follows from, beside those of features
STATE_FIELDS = frozenset(("stage_id", "active", "tag_ids", "team_id", "user_id"))  # the team follows the owner


class CrmLead(models.Model):
    """Score, grade and reasons of a lead.

    The score is the chance of winning in percent — of the scoring model in use, or Odoo's own as long as there is
    none — and the points of the rules. A won or lost lead keeps the score it was decided with.
    """

    _inherit = "crm.lead"
    _score_fields = ("score", "grade", "score_reason_data", "score_version_id")

    budget = fields.Monetary(currency_field="company_currency", help="What the customer says may be spent.", tracking=True)
    score = fields.Float(
        readonly=True, copy=False, index=True, digits=(5, 1), group_operator="avg", help="From 0 to 100, best first to call."
    )
    # Serves filters, groups and assignment by grade.
    grade = fields.Selection(GRADES, readonly=True, copy=False, index=True, help="A is best; see Configuration / Grades.")
    score_version_id = fields.Many2one("crm.score.version", string="Scored with", readonly=True, copy=False, ondelete="set null")
    score_reason_data = fields.Text(readonly=True, copy=False, prefetch=False, help="The reasons as JSON, strongest first.")
    score_reasons = fields.Text(string="Why This Grade", compute="_compute_score_reasons")

    # -- scoring -------------------------------------------------------------------------------------------------------

    def _update_scores(self, decided=False):
        """Score the leads anew, whatever their number: called once for a batch, after its rows are there.

        Won and lost leads that have a score keep it, unless ``decided`` says otherwise. Neither ``write`` nor tracking sees the change.
        Cost: four queries (features, rules' conditions, behaviour, one UPDATE) and about 50 µs of Python a lead.
        """
        if not self.ids:
            return
        feature_model = self.env["crm.score.feature"]
        rows = [row for row in feature_model._read(self.ids) if decided or not row["closed"] or row["score"] is None]
        if rows:
            chances = self._predict(rows)
            hits = self._get_points(rows)
            steps = self.env["crm.score.grade"]._get_steps()
            version_id = self.env["crm.score.version"]._get_active()[0]
            self._write_scores(
                [
                    (row["id"], *self._get_score(chance, reasons, hits.get(row["id"], ()), steps), version_id)
                    for row, (chance, reasons) in zip(rows, chances)
                ]
            )

    @api.model
    def _predict(self, rows):
        """(chance from 0 to 1, its reasons) for each of the rows: by the model in use, or else as Odoo predicts."""
        _version_id, model = self.env["crm.score.version"]._get_active()
        if model is None:
            known = self._has_odoo_learnt()
            return [self._predict_as_odoo(row) if known else (0.0, []) for row in rows]
        features = self.env["crm.score.feature"]
        table = features._as_table([features._prepare_cells(row) for row in rows])
        return [
            (chance, [("model", *reason[:2], round(reason.effect, 2)) for reason in reasons])
            for chance, reasons in model.explain(table, REASONS)
        ]

    @api.model
    def _has_odoo_learnt(self):
        """Odoo predicts 50 % as long as it saw no won or no lost lead: that means nothing."""
        self.env.cr.execute(
            "SELECT COALESCE(max(won_count) >= 1 AND max(lost_count) >= 1, FALSE) FROM crm_lead_scoring_frequency"
            " WHERE variable = 'stage_id'"
        )
        return self.env.cr.fetchone()[0]

    @api.model
    def _predict_as_odoo(self, row):
        """Odoo's probability of an open lead; of a decided one it says the outcome, which is no prediction."""
        if row["closed"] or not row["chance"]:
            return (0.0, [])
        return (row["chance"] / 100.0, [("odoo", round(row["chance"]))])

    @api.model
    def _get_points(self, rows):
        """{lead id: [(rule id, points)]} by the active rules."""
        rules = self.env["crm.score.rule"]._get_active()
        engine = {rule.id: rule._to_engine() for rule in rules}
        ages = {row["id"]: row["age"] for row in rows}
        return {
            lead_id: [
                (rule_id, points(engine[rule_id], count, ages[lead_id] if age is None else age)) for rule_id, (count, age) in found.items()
            ]
            for lead_id, found in rules._get_hits(list(ages)).items()
        }

    @api.model
    def _get_score(self, chance, reasons, given, steps):
        """(score, grade, reasons as JSON), strongest reason first."""
        score = combine(chance, sum(value for _rule_id, value in given))
        found = [(abs(reason[3]) if reason[0] == "model" else 0.0, reason) for reason in reasons]
        found += [(abs(value) / POINTS_OF_ODDS, ("rule", rule_id, round(value))) for rule_id, value in given if abs(value) >= 0.5]
        found.sort(key=lambda item: -item[0])
        return score, grade(score, steps), json.dumps([reason for _weight, reason in found[:REASONS]], ensure_ascii=False)

    @api.model
    def _write_scores(self, results):
        """One UPDATE for all of ``results`` (id, score, grade, reasons, version); unchanged rows are not touched.

        The probability of an open lead follows (:mod:`crm_lead_chance`)."""
        columns = [list(column) for column in zip(*results)]
        self.env.cr.execute(
            """
            UPDATE crm_lead AS lead
               SET score = new.score, grade = new.grade, score_reason_data = new.reasons, score_version_id = new.version_id,
                   probability = new.chance,
                   prorated_revenue = round((coalesce(lead.expected_revenue, 0) * new.chance / 100)::numeric, 2)
              FROM (SELECT given.*, CASE WHEN (%s OR (SELECT max(won_count) >= 1 AND max(lost_count) >= 1
                                                          FROM crm_lead_scoring_frequency WHERE variable = 'stage_id'))
                                          AND old.active AND stage.is_won IS NOT TRUE
                                         THEN least(greatest(given.score, %s), %s) ELSE old.probability END AS chance
                      FROM unnest(%s::int[], %s::numeric[], %s::varchar[], %s::text[], %s::int[])
                        AS given (id, score, grade, reasons, version_id)
                      JOIN crm_lead AS old ON old.id = given.id LEFT JOIN crm_stage AS stage ON stage.id = old.stage_id) AS new
             WHERE lead.id = new.id
               AND (lead.score, lead.grade, lead.score_reason_data, lead.score_version_id, lead.probability)
                   IS DISTINCT FROM (new.score, new.grade, new.reasons, new.version_id, new.chance)
            """,
            [self.env["crm.score.version"]._get_active()[1] is not None, *OPEN_CHANCE, *columns],
        )
        self.invalidate_cache([*self._score_fields, "score_reasons", "probability", "prorated_revenue"], columns[0])

    @api.model
    def _regrade(self):
        """Grades of all leads after their steps were changed: one UPDATE."""
        steps = self.env["crm.score.grade"]._get_steps()
        cases = " ".join("WHEN score >= %s THEN %s" for _step in steps[:-1])
        params = [value for name, least in steps[:-1] for value in (least, name)] + [steps[-1][0]]
        self.flush(["score", "grade"])
        query = "UPDATE crm_lead SET grade = new.grade FROM (SELECT id, CASE %s ELSE %%s END AS grade FROM crm_lead"
        query += " WHERE score IS NOT NULL) AS new WHERE new.id = crm_lead.id AND new.grade IS DISTINCT FROM crm_lead.grade"
        self.env.cr.execute(query % cases, params)
        self.invalidate_cache(["grade"])

    # -- when ----------------------------------------------------------------------------------------------------------

    @api.model
    def _leads_created(self, leads, origin):
        """Intake scores when the touchpoints are linked, too."""
        super()._leads_created(leads, origin)
        if origin != "intake":
            leads._update_scores(decided=True)

    def write(self, vals):
        if not self.env.su and vals.keys() & set(self._score_fields):
            raise AccessError(_("Score and grade follow from rules and model: nobody writes them by hand."))
        features = self.env["crm.score.feature"]
        if vals.keys() & features._get_lead_fields():
            features._keep_first(self.ids)
        result = super().write(vals)
        if vals.keys() & self._get_score_fields():
            self.browse(self.sudo().filtered(lambda lead: not lead._keeps_score()).ids)._update_scores()
        return result

    def _keeps_score(self):
        """Whether this lead was decided and has the score it was decided with: what :meth:`_update_scores` leaves as it is."""
        self.ensure_one()
        return bool(self.grade) and (not self.active or self.stage_id.is_won)

    @api.model
    def _get_score_fields(self):
        """Fields whose change calls for a new score."""
        watched = self.env["crm.score.rule"]._get_watched_fields() | self.env["crm.score.feature"]._get_lead_fields()
        has_model = self.env["crm.score.version"]._get_active()[0]
        return watched if has_model else watched | STATE_FIELDS | set(self._pls_get_safe_fields())

    @api.model
    def _schedule_scores(self):
        """Score all open leads in the background, page by page; asked twice before it began, it runs once."""
        job = self.sudo().with_delay(description=_("Scoring of leads"), identity_key="crm_core.scores", priority=20)
        job._run_scores()

    @api.model
    def _run_scores(self, after=0):
        """One page of open leads in a transaction of its own, then the next. Also called every night: points fade."""
        page = self.sudo().search([("id", ">", after), ("stage_id.is_won", "=", False)], order="id", limit=PAGE)
        page._update_scores()
        if len(page) == PAGE:
            self.sudo().with_delay(description=_("Scoring of leads"), priority=20)._run_scores(page[-1].id)

    def _pls_increment_frequencies(self, from_state=None, to_state=None):
        """Odoo calls this four times for each change and reads its settings and stages each time, for no lead at all."""
        return super()._pls_increment_frequencies(from_state=from_state, to_state=to_state) if self else None

    def _pls_get_naive_bayes_probabilities(self, batch_mode=False):
        """Odoo rounds to two decimals, and takes 0 and 100 for lost and won from then on: keep open leads between."""
        chances = super()._pls_get_naive_bayes_probabilities(batch_mode=batch_mode)
        extreme = self.browse(lead_id for lead_id, chance in chances.items() if chance in (0, 100))
        for lead in extreme.filtered(lambda lead: lead.stage_id and not lead.stage_id.is_won):
            chances[lead.id] = OPEN_CHANCE[bool(chances[lead.id])]
        return chances

    # -- in words ------------------------------------------------------------------------------------------------------

    @api.depends("score_reason_data")
    @api.depends_context("lang")
    def _compute_score_reasons(self):
        found = {lead: json.loads(lead.score_reason_data or "[]") for lead in self}
        everything = [reason for reasons in found.values() for reason in reasons]
        features = self.env["crm.score.feature"]
        labels = {name: feature.label for name, feature in features._get_features().items()}
        names = features._get_names({(reason[1], reason[2]) for reason in everything if reason[0] == "model"})
        rules = self.env["crm.score.rule"].sudo().browse({reason[1] for reason in everything if reason[0] == "rule"})
        texts = {rule.id: rule.name for rule in rules.exists()}
        for lead in self:
            lines = [lead._get_reason_text(reason, labels, names, texts) for reason in found[lead]]
            lead.score_reasons = "\n".join(line for line in lines if line)

    @api.model
    def _get_reason_text(self, reason, labels, names, rules):
        """A line for the reader, up or down first; empty for a rule that has gone since."""
        kind, key = reason[:2]
        if kind == "odoo":
            return _("Odoo predicts %s %% from earlier deals; there are too few for a model of your own yet.", key)
        if kind == "rule":
            return rules.get(key) and "%s %s (%+d)" % (_arrow(reason[2]), rules[key], reason[2])
        label, value, effect = labels.get(key, key), reason[2], reason[3]
        what = _("%s not given", label) if value is None else "%s: %s" % (label, names[key, value])
        return "%s %s – %s" % (_arrow(effect), what, self._get_strength_text(effect))

    @api.model
    def _get_strength_text(self, effect):
        if abs(effect) >= 1.0:
            return _("leads like this are won far more often") if effect > 0 else _("leads like this are won far less often")
        if abs(effect) >= 0.4:
            return _("leads like this are won more often") if effect > 0 else _("leads like this are won less often")
        return _("leads like this are won a little more often") if effect > 0 else _("leads like this are won a little less often")


def _arrow(effect):
    return "▲" if effect > 0 else "▼"
