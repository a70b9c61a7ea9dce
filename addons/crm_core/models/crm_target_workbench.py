# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models


class CrmTarget(models.Model):
    """The tile of the workbench about targets. Contract: crm_workbench_tile.py."""

    _inherit = "crm.target"

    @api.model
    def _workbench_targets(self):
        """The reader's running targets, or else those of the reader's teams; the shortest periods first."""
        today = fields.Date.to_string(fields.Date.context_today(self))
        running = [("date_from", "<=", today), ("date_to", ">=", today)]
        domain = running + [("user_id", "=", self.env.uid)]
        if not self.search_count(domain):
            domain = running + [("user_id", "=", False)]
        targets = self.search(domain, order="period, measure_id, id")
        value = len(targets)
        lines = [target._describe_on_tile() for target in targets[:6]]
        return {"domain": domain, "value": value, "progress": lines, "note": _("running")}

    def _describe_on_tile(self):
        owner = self.team_id.name or (not self.user_id and self.company_id.name)
        line = {
            "title": " · ".join(filter(None, [self.measure_id.name, owner, self.category_id.name, self._get_period_label()])),
            "share": self.progress / 100,
            "expected": self.expected / 100,
            "status": self.status,
            "res_id": self.id,
            "amount" if self.unit == "money" else "figure": self.achieved,
            "goal": self.goal,
        }
        if self.days_left and self.status != "done":
            line["per_day"] = self.per_day
            line["text"] = _("%d working days left", self.days_left)
        return line
