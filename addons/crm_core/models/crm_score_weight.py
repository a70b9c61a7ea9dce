# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models


class CrmScoreWeight(models.Model):
    """What a scoring model learnt about one value of one feature."""

    _name = "crm.score.weight"
    _description = "Weight of a Scoring Model"
    _order = "version_id, feature, weight desc, id"
    _rec_name = "value_label"

    version_id = fields.Many2one("crm.score.version", required=True, ondelete="cascade", index=True)
    feature = fields.Char(string="Feature Key", required=True)
    value = fields.Char(string="Key", help="The value as the model knows it; empty for a number's interval or where nothing is known.")
    kind = fields.Selection([("value", "Value"), ("interval", "Interval"), ("other", "Any Other"), ("none", "Not Given")], required=True)
    low = fields.Float(digits=(16, 2))
    high = fields.Float(digits=(16, 2))
    open_low = fields.Boolean()
    open_high = fields.Boolean()
    weight = fields.Float(digits=(6, 2), help="In log-odds against the average lead: above 0 it is won more often.")
    lead_count = fields.Integer(string="Leads")
    won_rate = fields.Float(string="Won", group_operator="avg", help="Share of these leads that was won, in percent.", digits=(5, 1))
    feature_label = fields.Char(string="Feature", compute="_compute_labels")
    value_label = fields.Char(string="Value", compute="_compute_labels")

    @api.depends("feature", "value", "kind", "low", "high", "open_low", "open_high")
    @api.depends_context("lang")
    def _compute_labels(self):
        features = self.env["crm.score.feature"]._get_features()
        names = self.env["crm.score.feature"]._get_names({(line.feature, line.value) for line in self if line.kind == "value"})
        for line in self:
            feature = features.get(line.feature)
            line.feature_label = feature.label if feature else line.feature
            line.value_label = names.get((line.feature, line.value)) or line._get_interval_label()

    def _get_interval_label(self):
        if self.kind == "none":
            return _("not given")
        if self.kind != "interval":
            return _("any other")
        low, high = "{:,.0f}".format(self.low), "{:,.0f}".format(self.high)
        if self.open_high:
            return _("above %s", low)
        if self.open_low:
            return _("up to %s", high)
        return _("%(low)s to %(high)s", low=low, high=high)

    @api.model
    def _prepare_from_engine(self, model):
        """Values of a line for each code of the engine's ``model`` that some lead of the training had."""
        lines = []
        for feature in model.features:
            for code, (weight, count, won) in enumerate(zip(feature.weights, feature.counts, feature.won)):
                if count:
                    line = {"feature": feature.name, "weight": weight, "lead_count": count, "won_rate": 100.0 * won / count}
                    lines.append({**line, **self._prepare_code(feature, code)})
        return lines

    @api.model
    def _prepare_code(self, feature, code):
        if code == feature.size - 1:
            return {"kind": "none"}
        if feature.numeric:
            low, high = feature.interval(code)
            ends = {"open_low": low is None, "open_high": high is None}
            return {"kind": "interval", "low": low or 0.0, "high": high or 0.0, **ends}
        if code == feature.size - 2:
            return {"kind": "other"}
        return {"kind": "value", "value": feature.labels[code]}
