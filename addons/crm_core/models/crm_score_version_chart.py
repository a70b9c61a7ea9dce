# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from itertools import groupby

from odoo import api, fields, models

LINES = 8  # strongest values shown of a feature
SPAN = 2.5  # log-odds that fill half of the track


class CrmScoreVersion(models.Model):
    """The weights as bars, the features that tell leads apart best first."""

    _inherit = "crm.score.version"

    weight_chart = fields.Html(compute="_compute_weight_chart", sanitize=False)

    @api.depends("weight_ids")
    @api.depends_context("lang")
    def _compute_weight_chart(self):
        for version in self:
            groups = version._get_chart_groups()
            chart = self.env["ir.qweb"]._render("crm_core.score_weight_chart", {"groups": groups})
            version.weight_chart = chart.decode()

    def _get_chart_groups(self):
        """[(label of the feature, lines)], by how much the feature moves the average lead."""
        groups = []
        for _feature, lines in groupby(self.weight_ids.sorted(lambda line: line.feature), lambda line: line.feature):
            lines = self.env["crm.score.weight"].concat(*lines)
            moved = sum(abs(line.weight) * line.lead_count for line in lines)
            shown = lines.sorted(lambda line: -abs(line.weight))[:LINES].sorted(lambda line: -line.weight)
            if moved:
                groups.append((moved, lines[0].feature_label, [self._prepare_bar(line) for line in shown]))
        return [group[1:] for group in sorted(groups, key=lambda group: -group[0])]

    @api.model
    def _prepare_bar(self, line):
        width = 50.0 * min(abs(line.weight) / SPAN, 1.0)
        return {
            "label": line.value_label,
            "less": line.weight < 0,
            "left": round(50.0 - width if line.weight < 0 else 50.0, 1),
            "width": round(width, 1),
            "won": "%.0f" % line.won_rate,
        }
