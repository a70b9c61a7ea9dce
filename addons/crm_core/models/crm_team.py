# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import CrmValidationError


class CrmTeam(models.Model):
    _inherit = "crm.team"
    _parent_store = True

    parent_id = fields.Many2one(
        "crm.team",
        string="Parent Team",
        index=True,
        ondelete="restrict",
        help="The leader of the parent team sees and works on the records of this team, too.",
    )
    child_ids = fields.One2many("crm.team", "parent_id", string="Teams Below")
    parent_path = fields.Char(index=True)

    @api.model
    def create(self, vals):
        team = super().create(vals)
        if vals.get("user_id"):
            self._forget_rule_domains()
        return team

    def write(self, vals):
        self._check_not_below_itself(vals.get("parent_id"))
        result = super().write(vals)
        if "user_id" in vals or "active" in vals:
            self._forget_rule_domains()
        return result

    def unlink(self):
        result = super().unlink()
        self._forget_rule_domains()
        return result

    def _check_not_below_itself(self, parent_id):
        """Before the write, as Odoo's own check only says "Recursion Detected"."""
        below = [("id", "=", parent_id), ("id", "child_of", self.ids)]
        if parent_id and self.with_context(active_test=False).search_count(below):
            raise CrmValidationError(
                _("A team cannot be below itself. Choose a parent team from another branch, or none.")
            )

    @api.model
    def _forget_rule_domains(self):
        """Record rules hold the ids of the teams a user leads, and Odoo keeps them per user."""
        self.env["ir.rule"].clear_caches()
