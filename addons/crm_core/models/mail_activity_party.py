# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import CrmValidationError


class MailActivity(models.Model):
    """A party's tasks are activities of its lead: they are in everybody's list of what to do, and nothing new to learn.

    Who gets a task of a party joins its sub-team."""

    _inherit = "mail.activity"

    # Serves the tasks of a project's parties.
    crm_party_id = fields.Many2one("crm.party", string="Party", index=True, ondelete="set null")

    @api.model
    def create(self, values):
        party = self.env["crm.party"].browse(values.get("crm_party_id") or [])
        if party:
            values = dict(values, res_model_id=self.env["ir.model"]._get_id("crm.lead"), res_id=party.lead_id.id)
            party._join(values.get("user_id") or self.env.context.get("default_user_id") or self.env.uid)
        return super().create(values)

    def write(self, values):
        if values.get("user_id"):
            for party in self.sudo().crm_party_id.with_env(self.env):
                party._join(values["user_id"])
        return super().write(values)

    @api.constrains("crm_party_id", "res_model_id", "res_id")
    def _check_party(self):
        for activity in self.sudo().filtered("crm_party_id"):
            if (activity.res_model, activity.res_id) != ("crm.lead", activity.crm_party_id.lead_id.id):
                raise CrmValidationError(_("A party's task belongs to the party's project. Plan it there."))
