# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.osv import expression

#: What next actions of the CRM hang on
MODELS = ("crm.lead", "res.partner")


class MailActivity(models.Model):
    """Tiles of the workbench about next actions. Contract: crm_workbench_tile.py."""

    _inherit = "mail.activity"

    def action_open_record(self):
        """To what the activity is about."""
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": self.res_model, "res_id": self.res_id, "views": [(False, "form")]}

    @api.model
    def _workbench_follow_ups(self):
        """What I promised for today or earlier, the oldest first."""
        return self._get_due_tile([("user_id", "=", self.env.uid)], "<=")

    @api.model
    def _workbench_team_overdue(self):
        """What the colleagues I lead promised for before today."""
        colleagues = self.env.user._get_workbench_team() - self.env.user
        return self._get_due_tile([("user_id", "in", colleagues.ids)], "<")

    @api.model
    def _get_due_tile(self, domain, operator):
        today = fields.Date.context_today(self)
        due = [("res_model", "in", MODELS), ("date_deadline", operator, fields.Date.to_string(today))]
        domain = expression.AND([domain, due])

        def describe(activity):
            kind = activity.activity_type_id.name or ""
            owner = activity.sudo().user_id
            return {
                "title": activity.res_name or kind,
                "text": " · ".join(filter(None, [kind, activity.summary, owner != self.env.user and owner.name])),
                "due": activity.date_deadline,
                "status": "late" if activity.date_deadline < today else "attention",
                "res_model": activity.res_model,
                "target_id": activity.res_id,
            }

        tile = self.env["crm.workbench"]._list(self, domain, describe, order="date_deadline, id")
        for row in tile["rows"]:
            row["res_id"] = row.pop("target_id")
        late = any(row["status"] == "late" for row in tile["rows"])
        return dict(tile, status="late" if late else "attention" if tile["value"] else "on_track")
